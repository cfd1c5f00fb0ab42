//! What tests, benchmarks and the demo need besides Rust and npm packages: browsers, Python's MLflow, PostgreSQL and a
//! collector. It is used where it is found, and else installed: with apt-get where that is possible, and from the
//! Python package index.

use crate::failure::{At, Failure, Outcome};
use crate::project::Project;
use crate::step::{Step, ask};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// True once the package lists are fresh; locked while apt-get runs.
static LISTS_ARE_FRESH: Mutex<bool> = Mutex::new(false);

/// A browser, and where it comes from.
pub struct Browser {
    name: &'static str,
    /// The environment variable that names its program.
    variable: &'static str,
    programs: &'static [&'static str],
    package: &'static str,
}

/// Chromium or Chrome.
pub const CHROMIUM: Browser = Browser {
    name: "Chromium",
    variable: "CHROMIUM",
    programs: &["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"],
    package: "chromium",
};

/// Firefox as its users have it, not the patched one of a test tool.
pub const FIREFOX: Browser =
    Browser { name: "Firefox", variable: "FIREFOX", programs: &["firefox-esr", "firefox"], package: "firefox-esr" };

impl Browser {
    /// The program that its environment variable names or that is on the PATH; else Debian's, installed.
    pub fn find_or_install(&self, project: &Project) -> Outcome<PathBuf> {
        let Self { name, variable, package, .. } = self;
        let help = format!("install {name} and set {variable} to its program");
        if let Some(named) = std::env::var_os(variable).map(PathBuf::from) {
            return if ask(&named, &["--version"]).is_some() {
                Ok(named)
            } else {
                Err(Failure::new(format!("{variable} names `{}`, which does not run", named.display())).help(help))
            };
        }
        if let Some(found) = self.find() {
            return Ok(found);
        }
        packages(project, &[package], &help)?;
        self.find().ok_or_else(|| Failure::new(format!("{name} was installed but does not run")).help(help))
    }

    /// Some systems have a program of this name that only explains how to get the real one, so each is tried.
    fn find(&self) -> Option<PathBuf> {
        let path = std::env::var_os("PATH")?;
        let mut candidates =
            self.programs.iter().flat_map(|name| std::env::split_paths(&path).map(move |at| at.join(name)));
        candidates.find(|file| file.is_file() && ask(file, &["--version"]).is_some())
    }
}

/// A program of Python's package index, and what pip installs for it.
pub struct PythonProgram {
    name: &'static str,
    version: &'static str,
    packages: &'static [&'static str],
    /// A package that is put over the others, without what it says that it needs.
    over: Option<&'static str>,
}

/// The version whose behaviour the tests compare with; `auth` for its basic-auth app, psycopg2 for PostgreSQL.
pub const MLFLOW: PythonProgram = PythonProgram {
    name: "mlflow",
    version: "3.17.2",
    packages: &["mlflow[auth]==3.17.2", "psycopg2-binary==2.9.13"],
    over: None,
};

/// A version without OTLP. Only its server is needed, which is a fifth of the whole; the pins are what that server
/// imports, of the time when it was current or as old as it takes.
pub const OLD_MLFLOW: PythonProgram = PythonProgram {
    name: "mlflow",
    version: "3.4.0",
    over: None,
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

/// The newest version, of which only the server is needed. Its package `mlflow` has all of it, but needs an
/// `mlflow-skinny` of the same version, which is not published: that of 3.17.2 brings the other packages.
pub const NEW_MLFLOW: PythonProgram = PythonProgram {
    name: "mlflow",
    version: "3.18.0",
    over: Some("mlflow==3.18.0"),
    packages: &[
        "mlflow-skinny==3.17.2",
        "aiohttp==3.14.5",
        "alembic==1.20.1",
        "cryptography==50.0.2",
        "fastapi==0.165.0",
        "Flask==3.1.3",
        "flask-cors==6.0.5",
        "graphene==3.4.3",
        "gunicorn==26.2.0",
        "numpy==2.4.6",
        "psycopg2-binary==2.9.13",
        "SQLAlchemy==2.0.58",
        "starlette==1.10.0",
        "uvicorn==0.54.0",
    ],
};

/// A collector for OTLP that others wrote; its package has the program and little else.
const ROTEL: PythonProgram =
    PythonProgram { name: "rotel", version: "0.0.1a15", packages: &["rotel==0.0.1a15"], over: None };

const PYTHON_HELP: &str = "install Python 3.10 or newer with its venv module (Debian: python3-venv)";

impl PythonProgram {
    /// The Python that has this version, in an environment of its own in the cache.
    pub fn install(&self, project: &Project) -> Outcome<PathBuf> {
        let Self { name, version, .. } = self;
        let installed = format!("{name}-{version}");
        let folder = project.cached(&installed);
        let _lock = project.lock_cached(&installed)?;
        let python = folder.join("bin/python");
        // Written last: without it the folder is half an installation, and an upgrade of Python's breaks it.
        let complete = folder.join("complete");
        let works = complete.is_file() && ask(&python, &["--version"]).is_some();
        let wanted = self.packages.iter().copied().chain(self.over).collect::<Vec<_>>().join("\n");
        if works && fs::read_to_string(&complete).is_ok_and(|had| had == wanted) {
            return Ok(python);
        }
        if !works {
            make_environment(project, &folder)?;
        }
        let install = |args: &[&str]| {
            let mut command = Command::new(&python);
            // Half the packages are never imported: compiling those that are, at their first import, is quicker.
            command.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-compile"]);
            command.args(args);
            Step::new(project, format!("installing {name} {version} into a Python environment"), command)
                .help("see that the Python package index can be reached, then try again")
                .run()
        };
        install(self.packages)?;
        if let Some(over) = self.over {
            install(&["--no-deps", over])?;
        }
        fs::write(&complete, wanted).at("write", &complete)?;
        Ok(python)
    }
}

/// The program of the collector; `ROTEL` names another one.
pub fn rotel(project: &Project) -> Outcome<PathBuf> {
    if let Some(named) = std::env::var_os("ROTEL").map(PathBuf::from) {
        return Ok(named);
    }
    let python = ROTEL.install(project)?;
    let folder = ask(&python, &["-c", "import rotel; print(*rotel.__path__)"]).map(PathBuf::from);
    let program = folder.map(|folder| folder.join("rotel-agent"));
    program.filter(|program| ask(program, &["--version"]).is_some()).ok_or_else(|| {
        Failure::new("the collector `rotel` was installed but does not run").help("set ROTEL to its program")
    })
}

/// The folder of PostgreSQL's programs, in which Debian has no link to them from elsewhere: of the version that is
/// installed, else of Debian's, installed. `POSTGRES` names another folder.
pub fn postgres(project: &Project) -> Outcome<PathBuf> {
    let help = "install PostgreSQL and set POSTGRES to the folder of its programs (`initdb`, `postgres`)";
    if let Some(named) = std::env::var_os("POSTGRES").map(PathBuf::from) {
        return Ok(named);
    }
    if let Some(found) = find_postgres() {
        return Ok(found);
    }
    packages(project, &["postgresql"], help)?;
    find_postgres().ok_or_else(|| Failure::new("PostgreSQL was installed but does not run").help(help))
}

fn find_postgres() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut folders = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    folders.find(|folder| ask(folder.join("postgres"), &["--version"]).is_some())
}

fn make_environment(project: &Project, folder: &Path) -> Outcome {
    match ask("python3", &["-c", "import sys; print(sys.version_info >= (3, 10))"]).as_deref() {
        Some("True") => {}
        Some(_) => return Err(Failure::new("`python3` is too old for MLflow").help(PYTHON_HELP)),
        None => return Err(Failure::new("`python3` is not there").help(PYTHON_HELP)),
    }
    // Debian packs venv apart from Python.
    if ask("python3", &["-c", "import ensurepip"]).is_none() && can_install_packages() {
        packages(project, &["python3-venv"], PYTHON_HELP)?;
    }
    let _ = fs::remove_dir_all(folder);
    let mut command = Command::new("python3");
    command.args(["-m", "venv"]).arg(folder);
    Step::new(project, "making a Python environment", command).help(PYTHON_HELP).run()
}

/// Installs those of Debian's `names` that are missing; where that is impossible the error has `help`.
pub fn packages(project: &Project, names: &[&str], help: &str) -> Outcome {
    let is_installed = |name: &str| {
        ask("dpkg-query", &["-W", "-f=${Status}", name]).is_some_and(|status| status == "install ok installed")
    };
    let missing: Vec<&str> = names.iter().copied().filter(|name| !is_installed(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !can_install_packages() {
        return Err(Failure::new(format!("`{}` cannot be installed here", missing.join(" "))).help(help));
    }
    let mut lists_are_fresh = LISTS_ARE_FRESH.lock().map_err(|_| Failure::new("another installation broke off"))?;
    if !*lists_are_fresh {
        Step::new(project, "reading Debian's package lists", apt_get(&["update"])).help(help).run()?;
        *lists_are_fresh = true;
    }
    let mut command = apt_get(&["install", "--yes", "--no-install-recommends"]);
    command.args(&missing);
    Step::new(project, format!("installing {} with apt-get", missing.join(" ")), command).help(help).run()
}

/// Whether apt-get is there, and this user is root or may use sudo without a password.
fn can_install_packages() -> bool {
    ask("apt-get", &["--version"]).is_some() && (is_root() || ask("sudo", &["-n", "true"]).is_some())
}

fn is_root() -> bool {
    ask("id", &["-u"]).is_some_and(|id| id == "0")
}

fn apt_get(args: &[&str]) -> Command {
    let mut command = Command::new(if is_root() { "env" } else { "sudo" });
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300"]).args(args);
    command
}
