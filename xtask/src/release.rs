//! `cargo xtask release --dry-run`: everything that must hold of a release, and what would be published. It publishes nothing.

use crate::browser::CHROMIUM;
use crate::cache::files;
use crate::failure::{At, Failure, Outcome};
use crate::project::Project;
use crate::step::{Step, ask};
use crate::{build, doc, tools, unknown};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The built files that must not depend on where they were built.
const MADE: [&str; 2] = ["pkg/wasm", "pkg/js"];

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
    let tarball = pack(project, &project.made("release"))?;
    test(project, &tools, &tarball)?;
    doc::run(project)?;
    reproduce(project, &tarball)?;
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

/// Packs the package into an empty `folder`; returns the tarball.
fn pack(project: &Project, folder: &Path) -> Outcome<PathBuf> {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).at("make", folder)?;
    let mut command = Command::new("npm");
    command
        .args(["pack", "--ignore-scripts", "--pack-destination"])
        .arg(folder);
    command.current_dir(project.path("."));
    Step::new(project, "packing the package", command).run()?;
    let tarball = files(folder)?.into_iter().next();
    tarball.ok_or_else(|| Failure::new("`npm pack` made no tarball"))
}

/// Builds the same sources once more, in a fresh folder, and compares byte by byte.
fn reproduce(project: &Project, tarball: &Path) -> Outcome {
    let folder = std::env::temp_dir().join(format!(
        "mlflow-ag2-built-somewhere-else-{}",
        std::process::id()
    ));
    let result = build_elsewhere(project, &folder).and_then(|elsewhere| {
        let mut different = Vec::new();
        for room in MADE {
            different.extend(differences(&project.path(room), &folder.join(room))?);
        }
        let (here, there) = (
            fs::read(tarball).at("read", tarball)?,
            fs::read(&elsewhere).at("read", &elsewhere)?,
        );
        if different.is_empty() && here == there {
            println!("built again in another folder: the same bytes");
            return Ok(());
        }
        Err(Failure::new(format!(
            "built again in another folder, the package differs: {}",
            if different.is_empty() {
                "its tarball".to_owned()
            } else {
                different.join(", ")
            }
        ))
        .cure("look for paths or times in what is built"))
    });
    let _ = fs::remove_dir_all(&folder);
    result
}

/// Copies what git knows into `folder`, builds it there and packs it; returns the tarball.
fn build_elsewhere(project: &Project, folder: &Path) -> Outcome<PathBuf> {
    let listed = ask(
        "git",
        &["ls-files", "--cached", "--others", "--exclude-standard"],
    );
    let listed = listed.ok_or_else(|| {
        Failure::new("git does not list the files of this checkout")
            .cure("run it in a clone of the repository")
    })?;
    for name in listed.lines() {
        let (from, to) = (project.path(name), folder.join(name));
        if let (true, Some(parent)) = (from.is_file(), to.parent()) {
            fs::create_dir_all(parent).at("make", parent)?;
            fs::copy(&from, &to).at("copy", &from)?;
        }
    }
    println!("… building the same sources in another folder");
    let elsewhere = project.moved_to(folder);
    elsewhere.enter()?;
    let built = build::run(&elsewhere).and_then(|_| pack(&elsewhere, &folder.join("packed")));
    project.enter()?;
    built
}

/// The files of `one` that are not the same in `other`, and the other way round.
fn differences(one: &Path, other: &Path) -> Outcome<Vec<String>> {
    let mut different = Vec::new();
    for (from, to) in [(one, other), (other, one)] {
        for file in files(from)? {
            let relative = file.strip_prefix(from).unwrap_or(&file);
            if fs::read(&file).ok() != fs::read(to.join(relative)).ok() {
                different.push(relative.display().to_string());
            }
        }
    }
    different.sort();
    different.dedup();
    Ok(different)
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
