//! What went wrong and what a person can do about it.

use std::fmt;

/// Result of everything here that can fail.
pub type Outcome<T = ()> = Result<T, Failure>;

/// One failure: lower case, no full stop, user input in backticks, and the cure if there is one.
#[derive(Debug)]
pub struct Failure {
    what: String,
    cure: Option<String>,
}

impl Failure {
    /// A failure without a known cure.
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            cure: None,
        }
    }

    /// Names what helps.
    pub fn cure(mut self, cure: impl Into<String>) -> Self {
        self.cure = Some(cure.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.what)?;
        match &self.cure {
            Some(cure) => write!(out, "\n  cure: {cure}"),
            None => Ok(()),
        }
    }
}

/// Says on which file or folder an input/output error happened.
pub trait At<T> {
    /// Turns the error into a [`Failure`] of the form "cannot `doing` `path`: cause".
    fn at(self, doing: &str, path: &std::path::Path) -> Outcome<T>;
}

impl<T> At<T> for std::io::Result<T> {
    fn at(self, doing: &str, path: &std::path::Path) -> Outcome<T> {
        self.map_err(|cause| Failure::new(format!("cannot {doing} `{}`: {cause}", path.display())))
    }
}
