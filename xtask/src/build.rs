//! `cargo xtask build`: `src` to `pkg`, and `tests` and `www` to `target`.

use crate::cache::{Fingerprint, files, unless_done};
use crate::failure::{At, Outcome};
use crate::project::Project;
use crate::step::Step;
use crate::{build_config, declared_types, join, npm, single_files, size_budget, wasm};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// What every compilation of TypeScript depends on beside its sources.
const SETTINGS: [&str; 4] = ["tsconfig.json", "tsconfig.tests.json", "package.json", "package-lock.json"];
/// The compiled files that use an npm package, each with its package.
const BUNDLED: [(&str, &str); 2] = [
    ("pkg/js/agents/models/server-sent-events.js", "eventsource-parser"),
    ("pkg/js/unplugin/parse-module.js", "acorn"),
];
/// What the page consists of beside its script.
const PAGE: [&str; 3] = ["index.html", "style.css", "icon.svg"];

/// Builds the package; returns its sizes as a table for people.
pub fn run(project: &Project) -> Outcome<String> {
    let _lock = project.lock("build")?;
    let config = build_config::read(project)?;
    // npm waits for the network, the compiler for the processor.
    let compiled = std::thread::scope(|threads| {
        let installing = threads.spawn(|| npm::install(project));
        let compiled = wasm::compile(project, &config);
        join(installing)?;
        compiled
    })?;
    wasm::pack(project, &config, &compiled)?;
    compile(project, "tsconfig.json", &["src/js", "pkg/wasm"], &[("", "pkg/js")])?;
    declared_types::copy(project)?;
    single_files::build(project)?;
    size_budget::run(project, &config)
}

/// Builds the package, the tests and pages that use it, and the page `www`.
pub fn with_tests(project: &Project) -> Outcome<String> {
    let sizes = run(project)?;
    let _lock = project.lock("build")?;
    compile(
        project,
        "tsconfig.tests.json",
        &["tests", "www", "pkg"],
        &[("tests", "target/tests"), ("www", "target/www")],
    )?;
    page(project)?;
    Ok(sizes)
}

/// The folder of the page `www`, which any web server can host.
pub fn page_folder(project: &Project) -> PathBuf {
    project.path("target/www-site")
}

/// Compiles the TypeScript of a settings file; of what it makes, the first folder of each pair becomes the second.
/// These change only when the compiler finds no error, and then hold nothing of sources that are gone.
fn compile(project: &Project, settings: &str, sources: &[&str], made: &[(&str, &str)]) -> Outcome {
    let mut inputs = Fingerprint::default().paths(&SETTINGS.map(|file| project.path(file)))?;
    for folder in sources {
        for file in files(&project.path(folder))? {
            if file.extension().is_some_and(|ending| ending == "ts" || ending == "mts") {
                inputs = inputs.path(&file)?;
            }
        }
    }
    let outputs: Vec<PathBuf> = made.iter().map(|(_, to)| project.path(to)).collect();
    unless_done(&project.made(&format!("{settings}.stamp")), &inputs, &outputs, || {
        let fresh = project.made("typescript");
        let _ = fs::remove_dir_all(&fresh);
        let mut command = Command::new(npm::program(project, "tsc"));
        command.args(["--project", settings, "--pretty", "false", "--outDir"]).arg(&fresh);
        Step::new(project, format!("compiling TypeScript by {settings}"), command).run()?;
        for ((from, to), output) in made.iter().zip(&outputs) {
            let _ = fs::remove_dir_all(output);
            fs::rename(fresh.join(from), output).at("make", output)?;
            let bundled = BUNDLED.iter().filter(|(file, _)| file.starts_with(to));
            bundled.into_iter().try_for_each(|(file, package)| bundle(project, file, package))?;
            declared_types::declare(output)?;
        }
        Ok(())
    })
}

/// Puts the npm package that a file uses into that file, with its licence: a plain page cannot find it by name.
/// Bundlers keep the comment that begins with `/*!`, so that one is short; the licence itself stays in our file.
fn bundle(project: &Project, file: &str, package: &str) -> Outcome {
    let path = project.path(&format!("node_modules/{package}/LICENSE"));
    let licence = fs::read_to_string(&path).at("read", &path)?;
    let copyright = licence.lines().find(|line| line.starts_with("Copyright"));
    let copyright = copyright.and_then(|line| line.split(" <").next()).unwrap_or_default();
    let mut command = Command::new(npm::program(project, "esbuild"));
    command.args([file, "--bundle", "--format=esm", "--platform=neutral", "--target=es2023", "--legal-comments=none"]);
    command.args(["--allow-overwrite", "--log-level=warning"]).arg(format!("--outfile={file}"));
    command.arg(format!("--banner:js=/*! {package}, MIT License, {copyright} */\n/*\n{licence}*/"));
    Step::new(project, format!("putting {package} into {file}"), command).run()
}

/// Makes the page from `www` and the built package, which it imports by its public names.
///
/// It is one script: an import map would have to be in the page itself, which a strict content security policy
/// forbids. Names stay as written, since the page shows stacks.
fn page(project: &Project) -> Outcome {
    let folder = page_folder(project);
    let sources = ["www", "pkg", "package-lock.json"].map(|path| project.path(path));
    let outputs = [folder.join("main.js"), folder.join("index.html")];
    unless_done(&project.made("site.stamp"), &Fingerprint::default().paths(&sources)?, &outputs, || {
        fs::create_dir_all(&folder).at("make", &folder)?;
        for file in PAGE {
            let source = project.path("www").join(file);
            fs::copy(&source, folder.join(file)).at("copy", &source)?;
        }
        let mut command = Command::new(npm::program(project, "esbuild"));
        command.args(["www/main.ts", "--bundle", "--minify-whitespace", "--minify-syntax", "--format=esm"]);
        command.args(["--target=es2023", "--log-level=warning", "--outfile=target/www-site/main.js"]);
        Step::new(project, "making the page", command).run()
    })
}
