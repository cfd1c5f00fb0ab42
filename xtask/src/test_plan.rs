//! Which tests a person asked for, and what those need.

use crate::cache::files;
use crate::failure::{At, Failure, Outcome};
use crate::project::Project;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders of `tests` that compare with what Python's MLflow does.
const SERVER: [&str; 2] = ["golden", "server"];
/// Folders of `tests` that run what the documentation shows, pages too.
const DOCS: [&str; 1] = ["docs"];
/// Folders of `tests` that take the packed package: run it in other programs and read back from MLflow what those sent;
/// look into it.
const HOSTS: [&str; 4] = ["hosts", "package", "view", "www"];
/// Those that look at pages, in Firefox too.
const PAGES: [&str; 2] = ["view", "www"];
/// Folders of `tests` that send to servers of every kind, from pages too.
const SERVERS: [&str; 1] = ["servers"];
/// Folders of `tests` that run the agents in a browser too, against a model played by a Python program.
const TWINS: [&str; 1] = ["agents"];
/// What the other files share: no tests in there.
const SUPPORT: &str = "support";
const ENDING: &str = ".test.ts";

/// The tests of one run.
pub struct Plan {
    /// The native tests of the core, its format and lints.
    pub rust: bool,
    /// TypeScript test files, relative to `tests`.
    pub files: Vec<PathBuf>,
    /// Only tests whose name contains this.
    pub name: Option<String>,
    /// True when `name` already chose the files, which then run whole.
    pub name_is_a_file: bool,
}

impl Plan {
    /// Reads the words after `cargo xtask test`.
    pub fn read(project: &Project, words: &[String]) -> Outcome<Self> {
        let (part, name) = match words {
            [] => (None, None),
            [word] if is_part(word) => (Some(word.as_str()), None),
            [word] => (None, Some(word.clone())),
            [part, name] if is_part(part) => (Some(part.as_str()), Some(name.clone())),
            _ => return Err(crate::unknown("test", words)),
        };
        let rust = matches!(part, None | Some("rust"));
        let mut files = if part == Some("rust") {
            Vec::new()
        } else {
            test_files(project, part)?
        };
        if files.is_empty() && part != Some("rust") {
            return Err(Failure::new(format!(
                "no test file of `tests` belongs to `{}`",
                part.unwrap_or("all")
            )));
        }
        // File names are sentences too, with underscores for spaces.
        let in_file_names = name.as_ref().map(|name| name.replace(' ', "_"));
        let wanted = |file: &PathBuf| {
            in_file_names
                .as_ref()
                .is_some_and(|name| file.to_string_lossy().contains(name.as_str()))
        };
        let name_is_a_file = files.iter().any(wanted);
        if name_is_a_file {
            files.retain(wanted);
        }
        Ok(Self {
            rust,
            files,
            name,
            name_is_a_file,
        })
    }

    /// Whether a Python with MLflow must be there.
    pub fn needs_mlflow(&self) -> bool {
        self.files.iter().any(|file| {
            [&SERVER[..], &DOCS, &SERVERS, &HOSTS, &TWINS]
                .iter()
                .any(|rooms| is_in(file, rooms))
        })
    }

    /// Whether a Python with an old MLflow must be there.
    pub fn needs_old_mlflow(&self) -> bool {
        self.files.iter().any(|file| is_in(file, &SERVERS))
    }

    /// Whether bundlers, Next.js and checkers of packages must be there.
    pub fn needs_tools(&self) -> bool {
        self.files.iter().any(|file| is_in(file, &HOSTS))
    }

    /// Whether the package is to be built once more elsewhere: with all tests of what is packed.
    pub fn builds_again(&self) -> bool {
        self.name.is_none() && self.needs_tools()
    }

    /// Whether a browser must be there.
    pub fn needs_chromium(&self) -> bool {
        self.files.iter().any(|file| {
            [&DOCS[..], &SERVERS, &HOSTS, &TWINS]
                .iter()
                .any(|rooms| is_in(file, rooms))
        })
    }

    /// Whether the other browser must be there.
    pub fn needs_firefox(&self) -> bool {
        self.files.iter().any(|file| is_in(file, &PAGES))
    }
}

fn is_part(word: &str) -> bool {
    ["rust", "js", "server", "hosts"].contains(&word)
}

fn test_files(project: &Project, part: Option<&str>) -> Outcome<Vec<PathBuf>> {
    let folder = project.path("tests");
    let mut found = Vec::new();
    for path in files(&folder)? {
        let file = path.strip_prefix(&folder).unwrap_or(&path).to_path_buf();
        if !file.to_string_lossy().ends_with(ENDING) {
            refuse_hidden_tests(&path, &file)?;
            continue;
        }
        let server = is_in(&file, &SERVER) || is_in(&file, &SERVERS) || is_in(&file, &DOCS);
        let hosts = is_in(&file, &HOSTS);
        let belongs = match part {
            Some("server") => server,
            Some("hosts") => hosts,
            Some(_) => !server && !hosts,
            None => true,
        };
        if belongs {
            found.push(file);
        }
    }
    Ok(found)
}

/// A test in a file of another name would never run, and nobody would notice.
fn refuse_hidden_tests(path: &Path, file: &Path) -> Outcome {
    if file.extension().is_none_or(|ending| ending != "ts") || is_in(file, &[SUPPORT]) {
        return Ok(());
    }
    let text = fs::read_to_string(path).at("read", path)?;
    let has_test = text.lines().any(|line| {
        ["test(\"", "it(\"", "describe(\""]
            .iter()
            .any(|call| line.trim_start().starts_with(call))
    });
    if has_test {
        return Err(Failure::new(format!(
            "`tests/{}` has tests that would not run",
            file.display()
        ))
        .cure(format!("rename it to end in `{ENDING}`")));
    }
    Ok(())
}

fn is_in(file: &Path, rooms: &[&str]) -> bool {
    rooms.iter().any(|room| file.starts_with(room))
}
