//! The browser that tests run in.

use crate::apt;
use crate::failure::{Failure, Outcome};
use crate::project::Project;
use crate::step::ask;
use std::path::{Path, PathBuf};

const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
];
const CURE: &str = "install Chromium and set CHROMIUM to its program";

/// Finds Chromium: what the environment variable CHROMIUM names, else on the PATH; else installs Debian's.
pub fn find_or_install(project: &Project) -> Outcome<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        let named = PathBuf::from(named);
        if ask(&named, &["--version"]).is_none() {
            return Err(Failure::new(format!(
                "CHROMIUM names `{}`, which does not run",
                named.display()
            ))
            .cure(CURE));
        }
        return Ok(named);
    }
    if let Some(found) = find() {
        return Ok(found);
    }
    apt::install(project, &["chromium"], CURE)?;
    find().ok_or_else(|| Failure::new("Chromium was installed but does not run").cure(CURE))
}

fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let candidates = NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.into_iter().find(|file| is_runnable(file))
}

/// Some systems put a program of this name there that only tells how to get the real one.
fn is_runnable(file: &Path) -> bool {
    file.is_file() && ask(file, &["--version"]).is_some()
}
