//! What is built must not depend on where: the same sources give the same bytes in another folder.

use crate::build;
use crate::cache::files;
use crate::failure::{At, Failure, Outcome};
use crate::project::Project;
use crate::step::{Step, ask};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The built files that are compared one by one, so that a difference has a name.
const MADE: [&str; 2] = ["pkg/wasm", "pkg/js"];

/// Packs the package into an empty `folder`; returns the tarball.
pub fn pack(project: &Project, folder: &Path) -> Outcome<PathBuf> {
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

/// Builds the same sources once more, in a fresh folder, and compares with what is in `pkg` and in its `tarball` byte by byte.
pub fn check(project: &Project, tarball: &Path) -> Outcome {
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
