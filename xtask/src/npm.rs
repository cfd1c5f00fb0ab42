//! The npm packages that building, testing and measuring need, each list installed once.

use crate::cache::{Fingerprint, unless_done};
use crate::failure::{At, Failure, Outcome};
use crate::project::Project;
use crate::step::{Step, ask};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const OLDEST_NODE: (u32, u32) = (20, 11);
const HELP: &str = "install Node.js 20.11 or newer with npm, and see that the npm registry can be reached";

/// Installs what the project's own lock file lists, unless that is done.
pub fn install(project: &Project) -> Outcome {
    let inputs = Fingerprint::default().path(&project.path("package-lock.json"))?;
    ci(project, "the npm packages", &project.path("."), &inputs, &[])
}

/// Installs the list in the folder `source` of the checkout into `target/xtask/NAME`, unless that is done; returns that
/// folder. None of these packages needs its install script.
pub fn install_list(project: &Project, name: &str, source: &str) -> Outcome<PathBuf> {
    let folder = project.made(name);
    let lists = [format!("{source}/package.json"), format!("{source}/package-lock.json"), ".npmrc".to_owned()];
    let inputs = Fingerprint::default().paths(&lists.each_ref().map(|list| project.path(list)))?;
    fs::create_dir_all(&folder).at("make", &folder)?;
    for list in lists.map(|list| project.path(&list)) {
        fs::copy(&list, folder.join(list.file_name().unwrap_or_default())).at("copy", &list)?;
    }
    ci(project, &format!("the npm packages of {source}"), &folder, &inputs, &["--ignore-scripts"])?;
    Ok(folder)
}

/// Installs the bundlers, frameworks and checkers of tests/hosts/tools; returns their folder.
pub fn install_tools(project: &Project) -> Outcome<PathBuf> {
    install_list(project, "tools", "tests/hosts/tools")
}

/// Installs what the docs site is made with; returns its folder.
pub fn install_doc_tools(project: &Project) -> Outcome<PathBuf> {
    install_list(project, "doc-tools", "docs/site")
}

/// Installs the frameworks of tests/frameworks, the newest versions and the oldest; returns their folder.
pub fn install_frameworks(project: &Project) -> Outcome<PathBuf> {
    install_list(project, "frameworks/oldest", "tests/frameworks/oldest")?;
    install_list(project, "frameworks", "tests/frameworks")
}

/// The program `name` of an installed package.
pub fn program(project: &Project, name: &str) -> PathBuf {
    project.path("node_modules/.bin").join(name)
}

/// Packs the built package into the empty `folder`; returns the tarball.
pub fn pack(project: &Project, folder: &Path) -> Outcome<PathBuf> {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).at("make", folder)?;
    let mut command = Command::new("npm");
    command.args(["pack", "--silent", "--ignore-scripts", "--pack-destination"]).arg(folder);
    let name = Step::new(project, "packing the package", command).output()?;
    Ok(folder.join(String::from_utf8_lossy(&name).trim()))
}

fn ci(project: &Project, what: &str, folder: &Path, inputs: &Fingerprint, options: &[&str]) -> Outcome {
    check_node()?;
    let _lock = project.lock(&folder.file_name().unwrap_or_default().to_string_lossy())?;
    let packages = folder.join("node_modules");
    // The stamp is in the folder that it describes, as is the list that npm writes when it has finished.
    let (stamp, list) = (packages.join(".mlflow-ag2-installed"), packages.join(".package-lock.json"));
    unless_done(&stamp, inputs, &[list], || {
        let mut command = Command::new("npm");
        command.args(["ci", "--no-audit", "--no-fund"]).args(options).current_dir(folder);
        Step::new(project, format!("installing {what}"), command).help(HELP).run()
    })
}

fn check_node() -> Outcome {
    let version = ask("node", &["--version"]).ok_or_else(|| Failure::new("`node` is not there").help(HELP))?;
    let mut numbers = version.trim_start_matches('v').split('.').map(|number| number.parse().unwrap_or(0));
    if (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) < OLDEST_NODE {
        return Err(Failure::new(format!("Node.js `{version}` is too old")).help(HELP));
    }
    Ok(())
}
