//! `cargo xtask test` and `cargo xtask check`: what cargo and `node --test` are started with, and the sum of what they
//! count.

use crate::cache::files;
use crate::failure::{At, Failure, Outcome};
use crate::install::{CHROMIUM, FIREFOX, MLFLOW, OLD_MLFLOW};
use crate::project::Project;
use crate::toolchain::{Source, TARGET, cargo, prepare, require};
use crate::{build, join, npm, release};
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write, stdout};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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

const NEEDS: [Need; 7] = [
    Need { call: "python()", variable: "MLFLOW_AG2_PYTHON", install: |project| MLFLOW.install(project) },
    Need { call: "oldPython()", variable: "MLFLOW_AG2_OLD_PYTHON", install: |project| OLD_MLFLOW.install(project) },
    Need { call: "chromium()", variable: "CHROMIUM", install: |project| CHROMIUM.find_or_install(project) },
    Need { call: "firefox()", variable: "FIREFOX", install: |project| FIREFOX.find_or_install(project) },
    Need { call: "toolsFolder()", variable: "MLFLOW_AG2_TOOLS", install: tools },
    Need { call: "deno()", variable: "DENO", install: |project| Ok(npm::program(project, "deno")) },
    Need { call: "bun()", variable: "BUN", install: |project| Ok(npm::program(project, "bun")) },
];

fn tools(project: &Project) -> Outcome<PathBuf> {
    npm::install_list(project, "tools", "tests/hosts/tools")
}

/// The sum of all runners, and what else went wrong.
#[derive(Default)]
struct Summary {
    passed: usize,
    failed: usize,
    problems: Vec<String>,
}

/// Checks format and lints, and runs every test that needs no server, browser or host but Node.
pub fn check(project: &Project) -> Outcome {
    let mut summary = Summary::default();
    rust_style(project, &mut summary)?;
    native(&mut summary, None)?;
    build::with_tests(project)?;
    typescript_style(project, &mut summary);
    let mut unit = Vec::new();
    for file in test_files(project, "")? {
        if needs(std::slice::from_ref(&file))?.is_empty() {
            unit.push(file);
        }
    }
    node(project, &mut summary, &unit, &[], None)?;
    summary.close()
}

/// Runs the tests that `args` select, and installs what they need; fails when anything failed, was skipped or could
/// not be counted.
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
    let mut summary = Summary::default();
    std::thread::scope(|threads| {
        let javascript = !files.is_empty();
        let needs = needs(&files)?;
        if part != Some("rust") {
            npm::install(project)?;
        }
        // What is missing is installed while Rust compiles.
        let installing: Vec<_> = needs.iter().map(|need| threads.spawn(|| (need.install)(project))).collect();
        if name.is_none() && part.is_none_or(|part| part == "rust") {
            rust_style(project, &mut summary)?;
            let mut docs = cargo();
            docs.args(["doc", "--quiet", "--no-deps", "--package", "mlflow-ag2"]);
            summary.check("cargo doc", docs.env("RUSTDOCFLAGS", "--deny warnings"));
        }
        if part.is_none_or(|part| part == "rust") {
            native(&mut summary, name)?;
        }
        if javascript {
            println!("{}", build::with_tests(project)?);
            if part.is_none() && name.is_none() {
                typescript_style(project, &mut summary);
            }
            let variables = needs.iter().map(|need| need.variable);
            let programs = installing.into_iter().map(join).collect::<Outcome<Vec<_>>>()?;
            let environment: Vec<_> = variables.zip(programs).collect();
            node(project, &mut summary, &files, &environment, pattern)?;
        }
        if name.is_none() && part.is_none_or(|part| part == "package") {
            summary.run_check("the same bytes in another folder", || {
                let tarball = npm::pack(project, &project.made("reproduced"))?;
                release::reproduce(project, &tarball)
            });
        }
        Ok::<(), Failure>(())
    })?;
    summary.close()
}

/// Format and lints of Rust.
fn rust_style(project: &Project, summary: &mut Summary) -> Outcome {
    require("rustfmt", "fmt")?;
    require("clippy", "clippy")?;
    let mut format = cargo();
    summary.check("cargo fmt --check", format.args(["fmt", "--all", "--check", "--quiet"]));
    for package in PACKAGES {
        let mut lints = cargo();
        lints.args(["clippy", "--quiet", "--package", package, "--all-targets", "--", "--deny", "warnings"]);
        summary.check(&format!("cargo clippy, {package}"), &mut lints);
    }
    if prepare(project)? == Source::AtHand {
        let mut lints = cargo();
        lints.args(["clippy", "--quiet", "--package", "mlflow-ag2", "--lib", "--target", TARGET]);
        summary.check("cargo clippy, wasm32", lints.args(["--", "--deny", "warnings"]));
    } else {
        eprintln!("… Debian's compiler has no clippy: src/wasm is compiled but not linted here");
    }
    Ok(())
}

/// Format and lints of TypeScript. The package must be built: tests import its types by the package's name.
fn typescript_style(project: &Project, summary: &mut Summary) {
    let mut format = Command::new(npm::program(project, "biome"));
    summary.check("biome format", format.args(["format", "--reporter=summary"]));
    let mut lints = Command::new(npm::program(project, "oxlint"));
    summary.check("oxlint", lints.args(["--deny-warnings", "--format=unix"]));
}

/// The native tests, of `name` alone if there is one.
fn native(summary: &mut Summary, name: Option<&str>) -> Outcome {
    for package in PACKAGES {
        let mut tests = cargo();
        tests.args(["test", "--package", package, "--no-fail-fast"]).args(name);
        // What a name leaves out cargo does not call ignored.
        summary.tests(&format!("cargo test, {package}"), &mut tests, false)?;
    }
    Ok(())
}

/// `node --test` behind a program of the tests that starts what the files share.
fn node(
    project: &Project,
    summary: &mut Summary,
    files: &[PathBuf],
    environment: &[(&str, PathBuf)],
    pattern: Option<&str>,
) -> Outcome {
    let mut command = Command::new("node");
    command.args(["target/tests/support/run.js", "--test-timeout", TEST_LIMIT_MS]);
    if environment.is_empty() {
        // Node leaves one processor idle, for the servers and browsers that most tests start; these start none.
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        command.arg(format!("--test-concurrency={processors}"));
    }
    if let Some(pattern) = pattern {
        command.arg("--test-name-pattern").arg(pattern);
    }
    for file in files {
        let below = file.strip_prefix(project.path("")).unwrap_or(file);
        command.arg(project.path("target").join(below).with_extension("js"));
    }
    command.envs(environment.iter().map(|(name, program)| (name, program)));
    // The closing lines are read: no colours in them.
    command.env("NO_COLOR", "1").env_remove("FORCE_COLOR");
    summary.tests("node --test", &mut command, pattern.is_some())
}

/// The test files below a folder of `tests`.
fn test_files(project: &Project, folder: &str) -> Outcome<Vec<PathBuf>> {
    let mut found = files(&project.path("tests").join(folder))?;
    found.retain(|file| file.to_string_lossy().ends_with(".test.ts"));
    Ok(found)
}

/// What the test files need: the programs whose functions are called by any file that they import.
fn needs(files: &[PathBuf]) -> Outcome<Vec<&'static Need>> {
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
        // What only defines such a function does not need it.
        calls.extend(text.lines().filter(|line| !line.starts_with("export function")));
    }
    let is_called = |need: &&Need| {
        calls.match_indices(need.call).any(|(at, _)| !calls[..at].ends_with(|c: char| c.is_alphanumeric()))
    };
    Ok(NEEDS.iter().filter(is_called).collect())
}

impl Summary {
    /// Runs a check that has no counts.
    fn check(&mut self, name: &str, command: &mut Command) {
        println!("— {name}");
        match command.status() {
            Ok(status) if status.success() => {}
            Ok(_) => self.problems.push(format!("{name} complains")),
            Err(cause) => self.problems.push(format!("{name} cannot run: {cause}")),
        }
    }

    /// Runs a check of this program; it counts as a test.
    fn run_check(&mut self, name: &str, work: impl FnOnce() -> Outcome) {
        println!("— {name}");
        match work() {
            Ok(()) => self.passed += 1,
            Err(failure) => {
                eprintln!("{failure}");
                self.failed += 1;
            }
        }
    }

    /// Runs tests, shows their output and adds up its closing lines. A test that is skipped is a problem unless
    /// `may_skip`: a name leaves tests out, and Node calls those skipped.
    fn tests(&mut self, name: &str, command: &mut Command, may_skip: bool) -> Outcome {
        println!("— {name}");
        let broken = |cause: std::io::Error| Failure::new(format!("cannot run {name}: {cause}"));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(broken)?;
        let (mut counted, mut failed, mut skipped) = (false, 0, 0);
        for line in child.stdout.take().into_iter().flat_map(|output| BufReader::new(output).split(b'\n')) {
            let line = String::from_utf8_lossy(&line.map_err(broken)?).into_owned();
            // A closed terminal must not end the tests.
            let _ = writeln!(stdout(), "{line}");
            for (count, kind) in closing_counts(&line) {
                counted = true;
                match kind {
                    "passed" | "pass" => self.passed += count,
                    "failed" | "fail" | "cancelled" => failed += count,
                    "ignored" | "skipped" | "todo" => skipped += count,
                    _ => {}
                }
            }
        }
        let status = child.wait().map_err(broken)?;
        if !counted {
            return Err(Failure::new(format!("{name} broke off before it counted its tests")));
        }
        self.failed += failed;
        if skipped > 0 && !may_skip {
            self.problems.push(format!("{name} skipped {skipped} tests"));
        }
        if !status.success() && failed == 0 {
            self.problems.push(format!("{name} failed although no test did"));
        }
        Ok(())
    }

    fn close(mut self) -> Outcome {
        println!("\n{} passed, {} failed", self.passed, self.failed);
        if self.failed > 0 {
            self.problems.insert(0, format!("{} tests failed", self.failed));
        }
        if self.passed + self.failed == 0 {
            self.problems.push("no test ran".to_owned());
        }
        if self.problems.is_empty() { Ok(()) } else { Err(Failure::new(self.problems.join("; "))) }
    }
}

/// The counts in a closing line of cargo (`test result: ok. 12 passed; 0 failed; 1 ignored; …`) or of Node
/// (`ℹ pass 12`); none in any other line.
fn closing_counts(line: &str) -> Vec<(usize, &str)> {
    let cargo = line.strip_prefix("test result: ").and_then(|line| line.split_once(". "));
    let cargo = cargo.into_iter().flat_map(|(_, counts)| counts.split("; ")).filter_map(|count| count.split_once(' '));
    let node = line.strip_prefix("ℹ ").and_then(|line| line.trim_end().split_once(' '));
    let pairs = cargo.chain(node.map(|(kind, count)| (count, kind)));
    pairs.filter_map(|(count, kind)| Some((count.parse().ok()?, kind))).collect()
}

#[cfg(test)]
mod tests {
    use super::closing_counts;

    #[test]
    fn closing_lines_of_both_runners_are_read_and_no_others() {
        let cargo = "test result: FAILED. 1 passed; 3 failed; 2 ignored; 0 measured; 5 filtered out; finished in 0.00s";
        assert_eq!(closing_counts(cargo)[..3], [(1, "passed"), (3, "failed"), (2, "ignored")]);
        assert_eq!(closing_counts("ℹ cancelled 4"), [(4, "cancelled")]);
        for other in ["ℹ duration_ms 100.5", "error: could not compile", "node: bad option", "test a ... ok"] {
            assert_eq!(closing_counts(other), [], "{other}");
        }
    }
}
