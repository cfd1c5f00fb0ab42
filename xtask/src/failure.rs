//! Errors as a person reads them: what went wrong, and what helps.

use std::fmt;
use std::path::Path;

/// The result of everything here that can fail.
pub type Outcome<T = ()> = Result<T, Failure>;

/// One error: lower case, no full stop, user input in backticks, and the help if there is one.
#[derive(Debug)]
pub struct Failure {
    what: String,
    help: Option<String>,
}

impl Failure {
    /// An error without known help.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), help: None }
    }

    /// Names what helps.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.what)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(out, "\n  help: {help}"))
    }
}

/// Names the file or folder of an input/output error.
pub trait At<T> {
    /// Turns the error into a [`Failure`] of the form "cannot `doing` `path`: cause".
    fn at(self, doing: &str, path: &Path) -> Outcome<T>;
}

impl<T> At<T> for std::io::Result<T> {
    fn at(self, doing: &str, path: &Path) -> Outcome<T> {
        self.map_err(|cause| Failure::new(format!("cannot {doing} `{}`: {cause}", path.display())))
    }
}
