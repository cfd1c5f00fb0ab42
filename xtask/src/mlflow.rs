//! Python's MLflow in an environment of its own: the server that traces are sent to.

use crate::apt;
use crate::failure::{At, Failure, Outcome};
use crate::project::Project;
use crate::step::{Step, ask};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version whose behaviour the tests compare with.
const VERSION: &str = "3.17.2";
const PYTHON_CURE: &str =
    "install Python 3.10 or newer with its venv module (Debian: python3-venv)";
const PIP_CURE: &str = "see that the Python package index can be reached, then try again";

/// The Python that has MLflow, installed into the cache at first use.
pub fn install(project: &Project) -> Outcome<PathBuf> {
    let name = format!("mlflow-{VERSION}");
    let folder = project.cached(&name);
    let _lock = project.lock_cached(&name)?;
    let python = folder.join("bin/python");
    // Written last: without it the folder is half an install, and a Python that was upgraded since breaks it.
    let complete = folder.join("complete");
    if complete.is_file() && ask(&python, &["--version"]).is_some() {
        return Ok(python);
    }
    make_environment(project, &folder)?;
    let mut command = Command::new(&python);
    command.args([
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        // Half the packages are never imported: compiling those that are at their first import is quicker.
        "--no-compile",
        &format!("mlflow=={VERSION}"),
    ]);
    Step::new(
        project,
        format!("installing MLflow {VERSION} into a Python environment"),
        command,
    )
    .cure(PIP_CURE)
    .run()?;
    fs::write(&complete, "").at("write", &complete)?;
    Ok(python)
}

fn make_environment(project: &Project, folder: &Path) -> Outcome {
    check_python()?;
    let _ = fs::remove_dir_all(folder);
    let make = || {
        let mut command = Command::new("python3");
        command.args(["-m", "venv"]).arg(folder);
        Step::new(project, "making a Python environment", command)
            .cure(PYTHON_CURE)
            .run()
    };
    // Debian packs venv apart from Python.
    if ask("python3", &["-c", "import ensurepip"]).is_none() && apt::can_install() {
        apt::install(project, &["python3-venv"], PYTHON_CURE)?;
    }
    make()
}

fn check_python() -> Outcome {
    let test = "import sys; print(sys.version_info >= (3, 10))";
    match ask("python3", &["-c", test]).as_deref() {
        Some("True") => Ok(()),
        Some(_) => Err(Failure::new("`python3` is too old for MLflow").cure(PYTHON_CURE)),
        None => Err(Failure::new("`python3` is not there").cure(PYTHON_CURE)),
    }
}
