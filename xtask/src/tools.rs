//! The bundlers, frameworks and checkers of `tests/hosts/tools`: for the tests of hosts and for the API docs, never for a build.

use crate::cache::{Fingerprint, unless_done};
use crate::failure::{At, Outcome};
use crate::npm;
use crate::project::Project;
use crate::step::Step;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

const SOURCE: &str = "tests/hosts/tools";

/// Installs them unless that is done; returns the folder that has their `node_modules`.
pub fn install(project: &Project) -> Outcome<PathBuf> {
    npm::check_node()?;
    let folder = project.made("tools");
    let _lock = project.lock("tools")?;
    let inputs = Fingerprint::default().path(&project.path(SOURCE))?;
    unless_done(
        &folder.join("node_modules/.mlflow-ag2-installed"),
        &inputs,
        &[folder.join("node_modules/.package-lock.json")],
        || {
            fs::create_dir_all(&folder).at("make", &folder)?;
            for (from, name) in [
                (project.path(SOURCE).join("package.json"), "package.json"),
                (
                    project.path(SOURCE).join("package-lock.json"),
                    "package-lock.json",
                ),
                (project.path(".npmrc"), ".npmrc"),
            ] {
                fs::copy(&from, folder.join(name)).at("copy", &from)?;
            }
            let mut command = Command::new("npm");
            // None of them needs its install script: what they bring for this machine are packages.
            command
                .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
                .current_dir(&folder);
            Step::new(
                project,
                "installing bundlers, Next.js and checkers",
                command,
            )
            .cure(npm::CURE)
            .run()
        },
    )?;
    Ok(folder)
}
