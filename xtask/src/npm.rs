//! The npm packages that building and testing need.

use crate::cache::{Fingerprint, unless_done};
use crate::failure::{Failure, Outcome};
use crate::project::Project;
use crate::step::{Step, ask};
use std::path::PathBuf;
use std::process::Command;

const OLDEST_NODE: (u32, u32) = (20, 11);
/// What helps when an installation fails.
pub const CURE: &str =
    "install Node.js 20.11 or newer with npm, and see that the npm registry can be reached";

/// Runs `npm ci` if the lock file is not the one that `node_modules` was made from.
pub fn install(project: &Project) -> Outcome {
    check_node()?;
    let _lock = project.lock("npm")?;
    let inputs = Fingerprint::default().path(&project.path("package-lock.json"))?;
    // The note lives in the folder that it is about, and so does the list npm leaves there when it is through.
    let note = project.path("node_modules/.mlflow-ag2-installed");
    unless_done(
        &note,
        &inputs,
        &[project.path("node_modules/.package-lock.json")],
        || {
            let mut command = Command::new("npm");
            command.args(["ci", "--no-audit", "--no-fund"]);
            Step::new(project, "installing the npm packages", command)
                .cure(CURE)
                .run()
        },
    )
}

/// The program `name` of an installed package.
pub fn program(project: &Project, name: &str) -> PathBuf {
    project.path("node_modules/.bin").join(name)
}

/// Fails when Node is missing or too old.
pub fn check_node() -> Outcome {
    let version = ask("node", &["--version"])
        .ok_or_else(|| Failure::new("`node` is not there").cure(CURE))?;
    let mut numbers = version
        .trim_start_matches('v')
        .split('.')
        .map(|number| number.parse().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found < OLDEST_NODE {
        return Err(Failure::new(format!("Node.js `{version}` is too old")).cure(CURE));
    }
    Ok(())
}
