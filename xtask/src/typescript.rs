//! TypeScript to JavaScript: the package's own half, and the tests and demos that use the package.

use crate::cache::{Fingerprint, files, unless_done};
use crate::failure::{At, Outcome};
use crate::npm;
use crate::project::Project;
use crate::step::Step;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Settings that both halves depend on.
const SETTINGS: [&str; 4] = [
    "tsconfig.json",
    "tsconfig.tests.json",
    "package.json",
    "package-lock.json",
];

/// The files that use an npm package, each with its package.
const WITH_LIBRARY: [(&str, &str); 1] =
    [("pkg/js/agents/models/server-sent-events.js", "eventsource-parser")];

/// Compiles `src/js` to `pkg/js`.
pub fn shell(project: &Project) -> Outcome {
    let sources = [project.path("src/js"), project.path("pkg/wasm")];
    compile(
        project,
        "compiling src/js",
        "tsconfig.json",
        &sources,
        &[("src/js", "pkg/js")],
        |project| {
            WITH_LIBRARY
                .iter()
                .try_for_each(|(file, package)| include_library(project, file, package))
        },
    )
}

/// Puts the npm package that a file uses into that file, with its licence: a plain page cannot find it by name.
/// Bundlers keep the comment that begins with `/*!`, so that one is short; the licence itself stays in our file.
fn include_library(project: &Project, file: &str, package: &str) -> Outcome {
    let path = project.path(&format!("node_modules/{package}/LICENSE"));
    let licence = fs::read_to_string(&path).at("read", &path)?;
    let copyright = licence
        .lines()
        .find(|line| line.starts_with("Copyright"))
        .and_then(|line| line.split(" <").next())
        .unwrap_or_default();
    let mut command = Command::new(npm::program(project, "esbuild"));
    command.arg(file).args([
        "--bundle",
        "--format=esm",
        "--platform=neutral",
        "--target=es2023",
        "--legal-comments=none",
        "--allow-overwrite",
        "--log-level=warning",
    ]);
    command.arg(format!("--outfile={file}"));
    command.arg(format!(
        "--banner:js=/*! {package}, MIT License, {copyright} */\n/*\n{licence}*/"
    ));
    Step::new(project, format!("putting {package} into {file}"), command).run()
}

/// Compiles `tests` and `www` to the same folders under `target`.
pub fn tests(project: &Project) -> Outcome {
    let sources = [
        project.path("tests"),
        project.path("www"),
        project.path("pkg"),
    ];
    let rooms = [("tests", "target/tests"), ("www", "target/www")];
    compile(
        project,
        "compiling tests and www",
        "tsconfig.tests.json",
        &sources,
        &rooms,
        |_| Ok(()),
    )
}

fn compile(
    project: &Project,
    name: &str,
    settings: &str,
    sources: &[PathBuf],
    rooms: &[(&str, &str)],
    finish: fn(&Project) -> Outcome,
) -> Outcome {
    let mut inputs = Fingerprint::default().paths(&SETTINGS.map(|file| project.path(file)))?;
    for folder in sources {
        for file in files(folder)?.iter().filter(|file| is_typescript(file)) {
            inputs = inputs.path(file)?;
        }
    }
    let rooms: Vec<(PathBuf, PathBuf)> = rooms
        .iter()
        .map(|(from, to)| (project.path(from), project.path(to)))
        .filter(|(from, _)| from.is_dir())
        .collect();
    let outputs: Vec<PathBuf> = rooms.iter().map(|(_, to)| to.clone()).collect();
    unless_done(
        &project.made(&format!("{settings}.stamp")),
        &inputs,
        &outputs,
        || {
            let mut command = Command::new(npm::program(project, "tsc"));
            command.args(["--project", settings, "--pretty", "false"]);
            Step::new(project, name, command).run()?;
            for (from, to) in &rooms {
                fs::create_dir_all(to).at("make", to)?;
                remove_orphans(from, to)?;
            }
            finish(project)
        },
    )
}

/// Removes what an earlier run compiled from a source that is gone since, so that nothing old is shipped or tested.
fn remove_orphans(from: &Path, to: &Path) -> Outcome {
    for made in files(to)? {
        let Ok(relative) = made.strip_prefix(to) else {
            continue;
        };
        let name = relative.to_string_lossy();
        let stem = [".d.ts", ".js", ".d.mts", ".mjs"]
            .iter()
            .find_map(|ending| name.strip_suffix(ending));
        let has_source = stem.is_some_and(|stem| {
            ["ts", "mts"]
                .iter()
                .any(|ending| from.join(format!("{stem}.{ending}")).is_file())
        });
        if !has_source {
            fs::remove_file(&made).at("remove", &made)?;
        }
    }
    Ok(())
}

fn is_typescript(file: &Path) -> bool {
    file.extension()
        .is_some_and(|ending| ending == "ts" || ending == "mts")
}
