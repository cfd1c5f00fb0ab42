//! `cargo xtask test`: everything that can be proven, with everything installed that the proof needs.

use crate::browser::{CHROMIUM, FIREFOX};
use crate::failure::{Failure, Outcome};
use crate::project::Project;
use crate::runner::{self, Counts, Reader};
use crate::test_plan::Plan;
use crate::toolchain::{Source, TARGET, cargo, prepare};
use crate::{build, join, mlflow, npm, reproduce, tools};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A test that takes longer hangs.
const TEST_LIMIT_MS: &str = "600000";

/// One by one: together they would unite their features, and compile anew what this program was just compiled from.
const PACKAGES: [&str; 2] = ["mlflow-ag2", "xtask"];
const LINT_OPTIONS: [&str; 4] = ["--quiet", "--", "--deny", "warnings"];

/// What is missing from the machine is installed in the background while Rust compiles.
struct Tools {
    python: Option<PathBuf>,
    old_python: Option<PathBuf>,
    chromium: Option<PathBuf>,
    firefox: Option<PathBuf>,
    others: Option<PathBuf>,
}

/// Sum of all runners, and what else went wrong.
#[derive(Default)]
struct Tally {
    counts: Counts,
    problems: Vec<String>,
}

/// Runs the tests that `words` ask for; fails when anything failed, was skipped or could not be counted.
pub fn run(project: &Project, words: &[String]) -> Outcome {
    let plan = Plan::read(project, words)?;
    let mut tally = Tally::default();
    std::thread::scope(|threads| {
        let javascript = !plan.files.is_empty();
        let packages = javascript.then(|| threads.spawn(|| npm::install(project)));
        let python = plan
            .needs_mlflow()
            .then(|| threads.spawn(|| mlflow::install(project, &mlflow::CURRENT)));
        let old_python = plan
            .needs_old_mlflow()
            .then(|| threads.spawn(|| mlflow::install(project, &mlflow::OLD)));
        let chromium = plan
            .needs_chromium()
            .then(|| threads.spawn(|| CHROMIUM.find_or_install(project)));
        let firefox = plan
            .needs_firefox()
            .then(|| threads.spawn(|| FIREFOX.find_or_install(project)));
        let others = plan
            .needs_tools()
            .then(|| threads.spawn(|| tools::install(project)));
        if plan.rust {
            rust(project, &plan, &mut tally)?;
        }
        packages.map(join).transpose()?;
        if javascript {
            println!("{}", build::with_tests(project)?);
            let tools = Tools {
                python: python.map(join).transpose()?,
                old_python: old_python.map(join).transpose()?,
                chromium: chromium.map(join).transpose()?,
                firefox: firefox.map(join).transpose()?,
                others: others.map(join).transpose()?,
            };
            tally.add(
                "node --test",
                node(project, &plan, &tools),
                runner::node_line,
                plan.name.is_some(),
            )?;
            if plan.builds_again() {
                tally.prove("the same bytes in another folder", || {
                    let tarball = reproduce::pack(project, &project.made("reproduced"))?;
                    reproduce::check(project, &tarball)
                });
            }
        }
        Ok::<(), Failure>(())
    })?;
    tally.close()
}

/// Format, lints, docs and native tests; the last run even when the others fail.
fn rust(project: &Project, plan: &Plan, tally: &mut Tally) -> Outcome {
    if plan.name.is_none() {
        format(tally);
        lint(project, tally)?;
        let mut docs = cargo();
        docs.args(["doc", "--quiet", "--no-deps", "--package", "mlflow-ag2"])
            .env("RUSTDOCFLAGS", "--deny warnings");
        tally.check("cargo doc", docs);
    }
    for package in PACKAGES {
        let mut tests = cargo();
        tests
            .args(["test", "--package", package, "--no-fail-fast"])
            .args(plan.name.as_deref());
        tally.add(
            &format!("cargo test, {package}"),
            tests,
            runner::cargo_line,
            false,
        )?;
    }
    Ok(())
}

fn format(tally: &mut Tally) {
    // Part of rustup's default profile; a compiler packed by others may come without it.
    if crate::step::ask("cargo", &["fmt", "--version"]).is_none() {
        eprintln!("… no rustfmt here: the format is not checked (rustup component add rustfmt)");
        return;
    }
    let mut command = cargo();
    command.args(["fmt", "--all", "--check"]);
    tally.check("cargo fmt --check", command);
}

fn lint(project: &Project, tally: &mut Tally) -> Outcome {
    if crate::step::ask("cargo", &["clippy", "--version"]).is_none() {
        return Err(Failure::new("cargo has no clippy").cure("rustup component add clippy"));
    }
    for package in PACKAGES {
        let mut native = cargo();
        native
            .args(["clippy", "--package", package, "--all-targets"])
            .args(LINT_OPTIONS);
        tally.check(&format!("cargo clippy, {package}"), native);
    }
    if prepare(project)? == Source::AtHand {
        let mut wasm = cargo();
        wasm.args([
            "clippy",
            "--package",
            "mlflow-ag2",
            "--lib",
            "--target",
            TARGET,
        ])
        .args(LINT_OPTIONS);
        tally.check("cargo clippy for wasm32", wasm);
    } else {
        eprintln!("… Debian's compiler has no clippy: src/wasm is compiled but not linted here");
    }
    Ok(())
}

fn node(project: &Project, plan: &Plan, tools: &Tools) -> Command {
    // `node --test` behind a program of the tests, which starts what the files share.
    let mut command = Command::new("node");
    command.arg(project.path("target/tests/support/run.js"));
    command.args(["--test-timeout", TEST_LIMIT_MS]);
    if let (Some(name), false) = (&plan.name, plan.name_is_a_file) {
        command.arg("--test-name-pattern").arg(name);
    }
    command.args(
        plan.files
            .iter()
            .map(|file| project.path("target/tests").join(file).with_extension("js")),
    );
    // The closing lines are read: no colours in them.
    command.env("NO_COLOR", "1").env_remove("FORCE_COLOR");
    command.env("DENO", npm::program(project, "deno"));
    let set = |command: &mut Command, name: &str, program: &Option<PathBuf>| {
        if let Some(program) = program.as_deref().map(Path::as_os_str) {
            command.env(name, program);
        }
    };
    set(&mut command, "MLFLOW_AG2_PYTHON", &tools.python);
    set(&mut command, "MLFLOW_AG2_OLD_PYTHON", &tools.old_python);
    set(&mut command, "CHROMIUM", &tools.chromium);
    set(&mut command, "FIREFOX", &tools.firefox);
    set(&mut command, "MLFLOW_AG2_TOOLS", &tools.others);
    command
}

impl Tally {
    /// Runs a check that has no counts of its own.
    fn check(&mut self, name: &str, mut command: Command) {
        println!("— {name}");
        match command.status() {
            Ok(status) if status.success() => {}
            Ok(_) => self.problems.push(format!("{name} complains")),
            Err(cause) => self.problems.push(format!("{name} cannot run: {cause}")),
        }
    }

    /// Proves one thing of our own; it counts as a test.
    fn prove(&mut self, name: &str, work: impl FnOnce() -> Outcome) {
        println!("— {name}");
        match work() {
            Ok(()) => self.counts.passed += 1,
            Err(failure) => {
                eprintln!("{failure}");
                self.counts.failed += 1;
            }
        }
    }

    /// Runs tests; what a name filter leaves out may be reported as skipped, else every skip is a problem.
    fn add(&mut self, name: &str, command: Command, read: Reader, filtered: bool) -> Outcome {
        println!("— {name}");
        let report = runner::run(command, read)?;
        let counts = report
            .counts
            .ok_or_else(|| Failure::new(format!("{name} broke off before it counted its tests")))?;
        self.counts += counts;
        if counts.skipped > 0 && !filtered {
            self.problems
                .push(format!("{name} skipped {} tests", counts.skipped));
        }
        if !report.succeeded && counts.failed == 0 {
            self.problems
                .push(format!("{name} failed although no test did"));
        }
        Ok(())
    }

    fn close(self) -> Outcome {
        let Counts { passed, failed, .. } = self.counts;
        println!("\n{passed} passed, {failed} failed");
        let mut problems = self.problems;
        if failed > 0 {
            problems.insert(0, format!("{failed} tests failed"));
        }
        if passed + failed == 0 {
            problems.push("no test ran".to_owned());
        }
        if problems.is_empty() {
            return Ok(());
        }
        Err(Failure::new(problems.join("; ")))
    }
}
