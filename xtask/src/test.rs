//! `cargo xtask test` and `cargo xtask check`: what cargo and `node --test` are started with.

use crate::cache::files;
use crate::counts::Counts;
use crate::failure::{At, Failure, Outcome};
use crate::install::{CHROMIUM, FIREFOX, MLFLOW, NEW_MLFLOW, OLD_MLFLOW, postgres, rotel};
use crate::project::Project;
use crate::step::Step;
use crate::toolchain::{Source, TARGET, cargo, prepare, require};
use crate::{build, join, npm, release};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A test that takes longer hangs.
const TEST_LIMIT_MS: &str = "600000";
/// One by one: together they would unite their features, and compile anew what this program was just compiled from.
const PACKAGES: [&str; 2] = ["mlflow-ag2", "xtask"];

/// A program that some tests need: they find it by calling a function of tests/support, which reads a variable.
struct Need {
    call: &'static str,
    variable: &'static str,
    install: fn(&Project) -> Outcome<PathBuf>,
}

const NEEDS: [Need; 12] = [
    Need { call: "python()", variable: "MLFLOW_AG2_PYTHON", install: |project| MLFLOW.install(project) },
    Need { call: "oldPython()", variable: "MLFLOW_AG2_OLD_PYTHON", install: |project| OLD_MLFLOW.install(project) },
    Need { call: "newPython()", variable: "MLFLOW_AG2_NEW_PYTHON", install: |project| NEW_MLFLOW.install(project) },
    Need { call: "postgresFolder()", variable: "POSTGRES", install: postgres },
    Need { call: "rotel()", variable: "ROTEL", install: rotel },
    Need { call: "chromium()", variable: "CHROMIUM", install: |project| CHROMIUM.find_or_install(project) },
    Need { call: "firefox()", variable: "FIREFOX", install: |project| FIREFOX.find_or_install(project) },
    Need { call: "toolsFolder()", variable: "MLFLOW_AG2_TOOLS", install: npm::install_tools },
    Need { call: "docToolsFolder()", variable: "MLFLOW_AG2_DOC_TOOLS", install: npm::install_doc_tools },
    Need { call: "frameworksFolder()", variable: "MLFLOW_AG2_FRAMEWORKS", install: npm::install_frameworks },
    Need { call: "deno()", variable: "DENO", install: |project| Ok(npm::program(project, "deno")) },
    Need { call: "bun()", variable: "BUN", install: |project| Ok(npm::program(project, "bun")) },
];

/// What every test imports that starts programs: these are not unit tests.
const STARTS_PROGRAMS: &str = "tests/support/child.ts";
/// The folder of tests that wait for a server's answers, delays included.
const SERVER_TESTS: &str = "tests/server";

/// Checks format and lints, and runs the unit tests: those that need nothing installed and no server, and start no
/// program.
pub fn check(project: &Project) -> Outcome {
    let mut files = test_files(project, "")?;
    files.retain(|file| {
        if file.starts_with(project.path(SERVER_TESTS)) {
            return false;
        }
        let reached = reached(std::slice::from_ref(file));
        reached.is_ok_and(|(files, text)| {
            needs(&text).is_empty() && !files.iter().any(|file| file.ends_with(STARTS_PROGRAMS))
        })
    });
    let mut results = std::thread::scope(|threads| {
        let rust = threads.spawn(|| all(rust_style(project)));
        build::with_tests(project)?;
        let mut results = typescript_style(project);
        results.push(join(rust));
        Ok::<_, Failure>(results)
    })?;
    let mut counts = Counts::default();
    native(None, &mut counts);
    node(project, &files, &[], None, &mut counts);
    results.push(counts.close());
    all(results)
}

/// Runs the tests that `args` select, and installs what they need.
pub fn run(project: &Project, args: &[String]) -> Outcome {
    let is_part = |arg: &String| {
        arg == "rust" || (!arg.is_empty() && test_files(project, arg).is_ok_and(|files| !files.is_empty()))
    };
    let (part, name) = match args {
        [] => (None, None),
        [arg] if is_part(arg) => (Some(arg.as_str()), None),
        [arg] => (None, Some(arg.as_str())),
        [part, name] if is_part(part) => (Some(part.as_str()), Some(name.as_str())),
        _ => return Err(crate::unknown("test", args)),
    };
    let mut files = if part == Some("rust") { Vec::new() } else { test_files(project, part.unwrap_or_default())? };
    // File names are sentences too, with underscores for spaces; a file that is named runs whole.
    let in_file_names = name.map(|name| name.replace(' ', "_"));
    let is_named = |file: &PathBuf| {
        let below = file.strip_prefix(project.path("tests")).unwrap_or(file).to_string_lossy();
        in_file_names.as_ref().is_some_and(|name| below.contains(name))
    };
    let pattern = name.filter(|_| !files.iter().any(is_named));
    if pattern.is_none() && name.is_some() {
        files.retain(is_named);
    }
    let is_whole = |wanted: &str| name.is_none() && part.is_none_or(|part| part == wanted);
    let (mut results, mut counts) = (Vec::new(), Counts::default());
    std::thread::scope(|threads| {
        let needs = needs(&reached(&files)?.1);
        if part != Some("rust") {
            npm::install(project)?;
        }
        // What is missing is installed while Rust compiles.
        let installing: Vec<_> = needs.iter().map(|need| threads.spawn(|| (need.install)(project))).collect();
        if is_whole("rust") {
            results.extend(rust_style(project));
            let mut docs = cargo();
            docs.args(["doc", "--quiet", "--no-deps", "--package", "mlflow-ag2"]);
            docs.env("RUSTDOCFLAGS", "--deny warnings");
            results.push(Step::new(project, "cargo doc", docs).show());
        }
        if part.is_none_or(|part| part == "rust") {
            native(name, &mut counts);
        }
        if !files.is_empty() {
            println!("{}", build::with_tests(project)?);
            if part.is_none() && name.is_none() {
                results.extend(typescript_style(project));
            }
            let programs = installing.into_iter().map(join).collect::<Outcome<Vec<_>>>()?;
            let environment: Vec<_> = needs.iter().map(|need| need.variable).zip(programs).collect();
            node(project, &files, &environment, pattern, &mut counts);
        }
        if is_whole("package") {
            let tarball = npm::pack(project, &project.made("reproduced"))?;
            results.push(release::reproduce(project, &tarball));
        }
        Ok::<(), Failure>(())
    })?;
    results.push(counts.close());
    all(results)
}

/// Format and lints of Rust.
fn rust_style(project: &Project) -> Vec<Outcome> {
    let lint = |name: &str, args: &[&str]| {
        let mut lints = cargo();
        lints.args(["clippy", "--quiet", "--package"]).args(args).args(["--", "--deny", "warnings"]);
        Step::new(project, format!("cargo clippy, {name}"), lints).run()
    };
    let mut format = cargo();
    format.args(["fmt", "--all", "--check", "--quiet"]);
    let mut results = vec![
        require("rustfmt", "fmt").and_then(|()| Step::new(project, "cargo fmt --check", format).run()),
        require("clippy", "clippy"),
    ];
    results.extend(PACKAGES.map(|package| lint(package, &[package, "--all-targets"])));
    results.push(prepare(project).and_then(|source| {
        if source == Source::AtHand {
            return lint("wasm32", &["mlflow-ag2", "--lib", "--target", TARGET]);
        }
        eprintln!("… Debian's compiler has no clippy: src/wasm is compiled but not linted here");
        Ok(())
    }));
    results
}

/// Format and lints of TypeScript. The package must be built: tests import its types by the package's name.
fn typescript_style(project: &Project) -> Vec<Outcome> {
    let checks = [("biome", "format --reporter=summary"), ("oxlint", "--deny-warnings --format=unix")];
    let run = |(name, args): (&str, &str)| {
        let mut command = Command::new(npm::program(project, name));
        command.args(args.split(' '));
        Step::new(project, name, command).run()
    };
    checks.map(run).into()
}

/// The native tests, of `name` alone if there is one.
fn native(name: Option<&str>, counts: &mut Counts) {
    for package in PACKAGES {
        let mut tests = cargo();
        tests.args(["test", "--quiet", "--package", package, "--no-fail-fast"]).args(name);
        counts.run(&format!("cargo test, {package}"), &mut tests, false);
    }
}

/// `node --test` behind a program of the tests that starts what the files share.
fn node(
    project: &Project,
    files: &[PathBuf],
    environment: &[(&str, PathBuf)],
    pattern: Option<&str>,
    counts: &mut Counts,
) {
    let mut command = Command::new("node");
    command.args(["target/tests/support/run.js", "--test-timeout", TEST_LIMIT_MS]);
    // Node would leave one processor idle. Unit tests start no server and no browser, and some wait most of their time.
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let at_once = if environment.is_empty() { 2 * processors } else { processors };
    command.arg(format!("--test-concurrency={at_once}"));
    command.args(pattern.into_iter().flat_map(|pattern| ["--test-name-pattern", pattern]));
    for file in files {
        let below = file.strip_prefix(project.path("")).unwrap_or(file);
        command.arg(project.path("target").join(below).with_extension("js"));
    }
    command.envs(environment.iter().map(|(name, program)| (name, program)));
    counts.run("node --test", &mut command, pattern.is_some());
}

/// The test files below a folder of `tests`.
fn test_files(project: &Project, folder: &str) -> Outcome<Vec<PathBuf>> {
    let mut found = files(&project.path("tests").join(folder))?;
    found.retain(|file| file.to_string_lossy().ends_with(".test.ts"));
    Ok(found)
}

/// The test files with all that they import, and the text of these without the lines that define functions for others.
fn reached(files: &[PathBuf]) -> Outcome<(BTreeSet<PathBuf>, String)> {
    let mut seen = BTreeSet::new();
    let mut waiting = files.to_vec();
    let mut calls = String::new();
    while let Some(file) = waiting.pop() {
        if !seen.insert(file.clone()) {
            continue;
        }
        let text = fs::read_to_string(&file).at("read", &file)?;
        let folder = file.parent().unwrap_or(Path::new(""));
        let imported = text.split('"').filter(|word| word.starts_with('.') && word.ends_with(".js"));
        waiting.extend(imported.filter_map(|word| folder.join(word).with_extension("ts").canonicalize().ok()));
        calls.extend(text.lines().filter(|line| !line.starts_with("export function")));
    }
    Ok((seen, calls))
}

/// The programs whose functions are called in that text of test files.
fn needs(calls: &str) -> Vec<&'static Need> {
    let is_called = |need: &&Need| {
        calls.match_indices(need.call).any(|(at, _)| !calls[..at].ends_with(|c: char| c.is_alphanumeric()))
    };
    NEEDS.iter().filter(is_called).collect()
}

/// All errors as one; a run goes on after an error, so that it shows all of them.
fn all(results: impl IntoIterator<Item = Outcome>) -> Outcome {
    let failures: Vec<String> =
        results.into_iter().filter_map(Result::err).map(|failure| failure.to_string()).collect();
    if failures.is_empty() { Ok(()) } else { Err(Failure::new(failures.join("\nerror: "))) }
}
