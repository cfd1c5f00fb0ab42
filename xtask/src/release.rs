//! `cargo xtask release --dry-run`: everything that must hold of a release, and what would be published. It publishes nothing.

use crate::browser::CHROMIUM;
use crate::cache::files;
use crate::failure::{Failure, Outcome};
use crate::project::Project;
use crate::step::{Step, ask};
use crate::{build, doc, reproduce, tools, unknown};
use std::path::Path;
use std::process::Command;

/// Checks a release and prints what would be published.
pub fn run(project: &Project, words: &[String]) -> Outcome {
    if words != ["--dry-run"] {
        let failure = unknown("release", words);
        return Err(if words.is_empty() {
            Failure::new("`cargo xtask release` publishes nothing by itself").cure(
                "`cargo xtask release --dry-run` shows what `npm publish --provenance` would send",
            )
        } else {
            failure
        });
    }
    println!("{}", build::with_tests(project)?);
    let tools = tools::install(project)?;
    let tarball = reproduce::pack(project, &project.made("release"))?;
    test(project, &tools, &tarball)?;
    doc::run(project)?;
    reproduce::check(project, &tarball)?;
    report(project, &tarball)
}

/// What the tests of tests/package say of this very tarball, the Node example without a network among them.
fn test(project: &Project, tools: &Path, tarball: &Path) -> Outcome {
    let mut command = Command::new("node");
    command.arg("--test");
    command.args(
        files(&project.path("target/tests/package"))?
            .iter()
            .filter(|file| file.to_string_lossy().ends_with(".test.js")),
    );
    command.env("CHROMIUM", CHROMIUM.find_or_install(project)?);
    command.env("MLFLOW_AG2_TOOLS", tools);
    command.env("MLFLOW_AG2_TEST_TARBALL", tarball);
    Step::new(project, "testing the tarball", command).run()
}

/// What would be published, as npm itself tells it.
fn report(project: &Project, tarball: &Path) -> Outcome {
    let mut command = Command::new("npm");
    command.args(["pack", "--dry-run", "--ignore-scripts"]);
    command.arg(tarball).current_dir(project.path("."));
    Step::new(project, "npm pack --dry-run", command).show()?;
    let version = env!("CARGO_PKG_VERSION");
    // A version such as 1.0.0-beta.1 must not become what `npm install mlflow-ag2` gets.
    let channel = if version.contains('-') {
        "next"
    } else {
        "latest"
    };
    let dirty = ask("git", &["status", "--porcelain"]).is_none_or(|text| !text.is_empty());
    println!("\nversion {version}, npm tag `{channel}`, git tag `v{version}`");
    println!(
        "would be published by: npm publish {} --provenance --access public --tag {channel}",
        tarball.display()
    );
    if dirty {
        println!("not yet: the checkout has changes that are not committed");
    }
    println!("dry run: nothing was published");
    Ok(())
}
