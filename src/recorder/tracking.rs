//! Where traces go.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::error::ConfigError;

/// The tracking URI of a recorder that sends nothing.
pub const MEMORY_URI: &str = "memory:";

/// A server, or this program's memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// Finished traces are kept for reading back, and not sent.
    #[default]
    Memory,
    /// The address of an MLflow server, without a slash at its end.
    Server(String),
    /// The whole address at which somebody takes OTLP, and nothing else.
    Collector(String),
}

impl Target {
    /// Reads a tracking URI.
    ///
    /// # Errors
    /// If it is of another scheme, is no address, or holds credentials.
    pub fn parse(uri: &str) -> Result<Self, ConfigError> {
        let uri = uri.trim();
        if uri == MEMORY_URI {
            return Ok(Self::Memory);
        }
        check(uri)?;
        Ok(Self::Server(uri.trim_end_matches('/').to_owned()))
    }

    /// Reads the address of an OTLP endpoint.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn collector(uri: &str) -> Result<Self, ConfigError> {
        let uri = uri.trim();
        check(uri)?;
        Ok(Self::Collector(uri.to_owned()))
    }

    /// The tracking URI, or the address of the endpoint.
    pub fn uri(&self) -> &str {
        self.address().unwrap_or(MEMORY_URI)
    }

    /// Where requests go; `None` for memory.
    pub fn address(&self) -> Option<&str> {
        match self {
            Self::Memory => None,
            Self::Server(address) | Self::Collector(address) => Some(address),
        }
    }

    /// The address of an MLflow server to put paths after; `None` for anything else.
    pub fn server(&self) -> Option<&str> {
        match self {
            Self::Memory | Self::Collector(_) => None,
            Self::Server(address) => Some(address),
        }
    }
}

fn check(uri: &str) -> Result<(), ConfigError> {
    // The standard library's search for more than one character is quicker, and 2 kB.
    let colon = uri.as_bytes().windows(3).position(|some| some == b"://");
    let scheme = colon.and_then(|at| uri.get(..at)).unwrap_or(uri);
    let rest = colon.and_then(|at| uri.get(at + 3..)).unwrap_or_default();
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or("");
    if authority.contains('@') {
        return Err(ConfigError::Credentials);
    }
    // What follows `?` may be a secret, and errors end up in logs.
    let shown = uri.split(['?', '#']).next().unwrap_or("").to_owned();
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Err(ConfigError::Unsupported { uri: shown });
    }
    let host = authority.split(':').next().unwrap_or("");
    let odd = |character: char| {
        character.is_whitespace() || character.is_control() || matches!(character, '?' | '#' | '\\')
    };
    if host.is_empty() || rest.contains(odd) {
        return Err(ConfigError::Invalid { uri: shown });
    }
    Ok(())
}
