//! `cargo xtask release --dry-run`: everything that must hold of a release, and what would be published. It publishes
//! nothing.

use crate::cache::files;
use crate::failure::{At, Failure, Outcome};
use crate::install::CHROMIUM;
use crate::project::Project;
use crate::step::{Step, ask};
use crate::{build, doc, npm, single_files, unknown};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where users of the package find its sources, its pages and its issues.
const PUBLISHERS_FIELDS: [&str; 3] = ["repository", "homepage", "bugs"];

/// Checks a release and prints what would be published.
pub fn run(project: &Project, args: &[String]) -> Outcome {
    if args.is_empty() {
        let help = "`cargo xtask release --dry-run` shows what `npm publish --provenance` would send";
        return Err(Failure::new("`cargo xtask release` publishes nothing by itself").help(help));
    } else if args != ["--dry-run"] {
        return Err(unknown("release", args));
    }
    println!("{}", build::with_tests(project)?);
    let tarball = npm::pack(project, &project.made("release"))?;
    test(project, &tarball)?;
    doc::run(project)?;
    reproduce(project, &tarball)?;
    report(project, &tarball)
}

/// Builds the same sources once more, in a fresh folder, and compares with `pkg` and with its `tarball` byte by byte:
/// what is built must not depend on where.
pub fn reproduce(project: &Project, tarball: &Path) -> Outcome {
    let folder = std::env::temp_dir().join(format!("mlflow-ag2-built-somewhere-else-{}", std::process::id()));
    let result = build_elsewhere(project, &folder).and_then(|elsewhere| {
        let pairs = ["pkg/wasm", "pkg/js", "pkg/bundle"].map(|made| (project.path(made), folder.join(made)));
        for (here, there) in pairs.into_iter().chain([(tarball.to_path_buf(), elsewhere)]) {
            let mut command = Command::new("diff");
            command.args(["--recursive", "--brief"]).args([&here, &there]);
            let name = format!("comparing {} with that of another folder", here.display());
            Step::new(project, name, command).help("look for paths or times in what is built").show()?;
        }
        println!("built again in another folder: the same bytes");
        Ok(())
    });
    let _ = fs::remove_dir_all(&folder);
    result
}

/// Copies what git knows into `folder`, builds it there and packs it; returns the tarball.
fn build_elsewhere(project: &Project, folder: &Path) -> Outcome<PathBuf> {
    let listed = ask("git", &["ls-files", "--cached", "--others", "--exclude-standard"]);
    let listed = listed.ok_or_else(|| {
        Failure::new("git does not list the files of this checkout").help("run it in a clone of the repository")
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
    let built = build::run(&elsewhere).and_then(|_| npm::pack(&elsewhere, &folder.join("packed")));
    project.enter()?;
    built
}

/// Runs the tests of tests/package with this very tarball.
fn test(project: &Project, tarball: &Path) -> Outcome {
    let mut command = Command::new("node");
    command.arg("--test");
    command.args(
        files(&project.path("target/tests/package"))?
            .iter()
            .filter(|file| file.to_string_lossy().ends_with(".test.js")),
    );
    command.env("CHROMIUM", CHROMIUM.find_or_install(project)?);
    command.env("MLFLOW_AG2_TOOLS", npm::install_tools(project)?);
    command.env("MLFLOW_AG2_TEST_TARBALL", tarball);
    Step::new(project, "testing the tarball", command).run()
}

/// Prints what would be published, as npm itself reports it.
fn report(project: &Project, tarball: &Path) -> Outcome {
    let mut command = Command::new("npm");
    command.args(["pack", "--dry-run", "--ignore-scripts"]).arg(tarball);
    Step::new(project, "npm pack --dry-run", command).show()?;
    let version = env!("CARGO_PKG_VERSION");
    // A version such as 1.0.0-beta.1 must not become what `npm install mlflow-ag2` gets.
    let channel = if version.contains('-') { "next" } else { "latest" };
    let tarball = tarball.display();
    println!("\n`integrity` of the single files:\n{}", single_files::integrity(project));
    println!("\nversion {version}, npm tag `{channel}`, git tag `v{version}`");
    println!("would be published by: npm publish {tarball} --provenance --access public --tag {channel}");
    if ask("git", &["status", "--porcelain"]).is_none_or(|text| !text.is_empty()) {
        println!("not yet: the checkout has changes that are not committed");
    }
    println!("dry run: nothing was published");
    let missing = unknown_fields(project)?;
    if missing.is_empty() {
        return Ok(());
    }
    let help = "write the addresses of the published package into `package.json`, beside `license`";
    Err(Failure::new(format!("this cannot be published: `package.json` has no {}", missing.join(", "))).help(help))
}

/// The fields of `package.json` that only its publisher knows, and that are missing.
fn unknown_fields(project: &Project) -> Outcome<Vec<String>> {
    let path = project.path("package.json");
    let manifest = fs::read_to_string(&path).at("read", &path)?;
    let is_missing = |field: &&str| !manifest.contains(&format!("\n  \"{field}\":"));
    Ok(PUBLISHERS_FIELDS.into_iter().filter(is_missing).map(|field| format!("`{field}`")).collect())
}
