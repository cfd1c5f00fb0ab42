//! Debian packages, installed when they are missing.

use crate::failure::{Failure, Outcome};
use crate::project::Project;
use crate::step::{Step, ask};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// True once the package lists are fresh; also keeps two installs of one run apart.
static LISTS_ARE_FRESH: Mutex<bool> = Mutex::new(false);

/// Installs those of `packages` that are missing.
///
/// Fails with `cure` where there is no apt-get or no right to use it.
pub fn install(project: &Project, packages: &[&str], cure: &str) -> Outcome {
    let missing: Vec<&str> = packages
        .iter()
        .copied()
        .filter(|package| !is_installed(package))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !can_install() {
        return Err(
            Failure::new(format!("`{}` cannot be installed here", missing.join(" "))).cure(cure),
        );
    }
    let mut lists_are_fresh = LISTS_ARE_FRESH
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if !*lists_are_fresh {
        Step::new(
            project,
            "reading Debian's package lists",
            apt_get(&["update"]),
        )
        .cure(cure)
        .run()?;
        *lists_are_fresh = true;
    }
    let mut command = apt_get(&["install", "--yes", "--no-install-recommends"]);
    command.args(&missing);
    Step::new(
        project,
        format!("installing {} with apt-get", missing.join(" ")),
        command,
    )
    .cure(cure)
    .run()
}

/// Whether [`install`] can do its work: apt-get is there, and this user is root or may use sudo without a password.
pub fn can_install() -> bool {
    ask("apt-get", &["--version"]).is_some()
        && (is_root() || ask("sudo", &["-n", "true"]).is_some())
}

fn apt_get(words: &[&str]) -> Command {
    let mut command = Command::new(if is_root() { "env" } else { "sudo" });
    command
        .args([
            "DEBIAN_FRONTEND=noninteractive",
            "apt-get",
            "-o",
            "DPkg::Lock::Timeout=300",
        ])
        .args(words);
    command
}

fn is_root() -> bool {
    ask("id", &["-u"]).is_some_and(|id| id == "0")
}

fn is_installed(package: &str) -> bool {
    ask("dpkg-query", &["-W", "-f=${Status}", package])
        .is_some_and(|status| status == "install ok installed")
}
