//! The browsers that tests run in.

use crate::apt;
use crate::failure::{Failure, Outcome};
use crate::project::Project;
use crate::step::ask;
use std::path::{Path, PathBuf};

/// A browser, and how it is had.
pub struct Browser {
    name: &'static str,
    /// Names the program, instead of the one found or installed.
    variable: &'static str,
    programs: &'static [&'static str],
    package: &'static str,
}

/// Chromium or Chrome.
pub const CHROMIUM: Browser = Browser {
    name: "Chromium",
    variable: "CHROMIUM",
    programs: &[
        "chromium",
        "chromium-browser",
        "google-chrome-stable",
        "google-chrome",
    ],
    package: "chromium",
};

/// Firefox, as everybody has it: not the patched one that some test tools bring.
pub const FIREFOX: Browser = Browser {
    name: "Firefox",
    variable: "FIREFOX",
    programs: &["firefox-esr", "firefox"],
    package: "firefox-esr",
};

impl Browser {
    /// Finds it: what its environment variable names, else on the PATH; else installs Debian's.
    pub fn find_or_install(&self, project: &Project) -> Outcome<PathBuf> {
        let Self { name, variable, .. } = self;
        let cure = format!("install {name} and set {variable} to its program");
        if let Some(named) = std::env::var_os(variable) {
            let named = PathBuf::from(named);
            if ask(&named, &["--version"]).is_none() {
                let shown = named.display();
                return Err(Failure::new(format!(
                    "{variable} names `{shown}`, which does not run"
                ))
                .cure(cure));
            }
            return Ok(named);
        }
        if let Some(found) = self.find() {
            return Ok(found);
        }
        apt::install(project, &[self.package], &cure)?;
        self.find().ok_or_else(|| {
            Failure::new(format!("{name} was installed but does not run")).cure(cure)
        })
    }

    fn find(&self) -> Option<PathBuf> {
        let path = std::env::var_os("PATH")?;
        let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
        let mut candidates = self
            .programs
            .iter()
            .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
        candidates.find(|file| is_runnable(file))
    }
}

/// Some systems put a program of this name there that only tells how to get the real one.
fn is_runnable(file: &Path) -> bool {
    file.is_file() && ask(file, &["--version"]).is_some()
}
