//! Python's MLflow in environments of its own: the servers that traces are sent to.

use crate::apt;
use crate::failure::{At, Failure, Outcome};
use crate::project::Project;
use crate::step::{Step, ask};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A Python environment with one version of MLflow.
pub struct Mlflow {
    version: &'static str,
    /// What pip installs.
    packages: &'static [&'static str],
}

/// The version whose behaviour the tests compare with; `auth` for its basic-auth app.
pub const CURRENT: Mlflow = Mlflow {
    version: "3.17.2",
    packages: &["mlflow[auth]==3.17.2"],
};

/// A version from before OTLP worked. Only its server is needed, which is a fifth of the whole; the
/// pins are what that server imports, of the time when it was current or as old as it takes.
pub const OLD: Mlflow = Mlflow {
    version: "3.4.0",
    packages: &[
        "mlflow-skinny==3.4.0",
        "alembic==1.20.1",
        "fastapi==0.165.0",
        "Flask==3.1.3",
        "flask-cors==6.0.5",
        "graphene==3.4.3",
        "gunicorn==26.2.0",
        "SQLAlchemy==2.0.58",
        "starlette==1.10.0",
        "uvicorn==0.54.0",
    ],
};

const PYTHON_CURE: &str =
    "install Python 3.10 or newer with its venv module (Debian: python3-venv)";
const PIP_CURE: &str = "see that the Python package index can be reached, then try again";

/// The Python that has this MLflow, installed into the cache at first use.
pub fn install(project: &Project, mlflow: &Mlflow) -> Outcome<PathBuf> {
    let Mlflow { version, packages } = mlflow;
    let name = format!("mlflow-{version}");
    let folder = project.cached(&name);
    let _lock = project.lock_cached(&name)?;
    let python = folder.join("bin/python");
    // Written last: without it the folder is half an install, and a Python that was upgraded since breaks it.
    let complete = folder.join("complete");
    let works = complete.is_file() && ask(&python, &["--version"]).is_some();
    let wanted = packages.join("\n");
    if works && fs::read_to_string(&complete).is_ok_and(|had| had == wanted) {
        return Ok(python);
    }
    if !works {
        make_environment(project, &folder)?;
    }
    let mut command = Command::new(&python);
    command.args([
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        // Half the packages are never imported: compiling those that are at their first import is quicker.
        "--no-compile",
    ]);
    command.args(*packages);
    Step::new(
        project,
        format!("installing MLflow {version} into a Python environment"),
        command,
    )
    .cure(PIP_CURE)
    .run()?;
    fs::write(&complete, wanted).at("write", &complete)?;
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
