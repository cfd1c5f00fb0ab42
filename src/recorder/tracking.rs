//! Where traces go.

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
        Ok(Self::Server(without_slashes_at_end(uri).to_owned()))
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

/// The address before the slashes at its end.
pub fn without_slashes_at_end(address: &str) -> &str {
    let end = address.bytes().rposition(|byte| byte != b'/');
    end.and_then(|end| address.get(..=end)).unwrap_or_default()
}

/// What stands before the first of these characters of ASCII. The standard library's searches for characters
/// are quicker, and 2 kB.
fn before<'a>(text: &'a str, marks: &[u8]) -> &'a str {
    let mark = text.bytes().position(|byte| marks.contains(&byte));
    mark.and_then(|mark| text.get(..mark)).unwrap_or(text)
}

fn check(uri: &str) -> Result<(), ConfigError> {
    let colon = uri.as_bytes().windows(3).position(|some| some == b"://");
    let scheme = colon.and_then(|at| uri.get(..at)).unwrap_or(uri);
    let rest = colon.and_then(|at| uri.get(at + 3..)).unwrap_or_default();
    let authority = before(rest, b"/?#\\");
    if authority.bytes().any(|byte| byte == b'@') {
        return Err(ConfigError::Credentials);
    }
    // What follows `?` may be a secret, and errors end up in logs.
    let shown = before(uri, b"?#").to_owned();
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Err(ConfigError::Unsupported { uri: shown });
    }
    let odd = |character: char| {
        character.is_whitespace() || character.is_control() || matches!(character, '?' | '#' | '\\')
    };
    if before(authority, b":").is_empty() || rest.chars().any(odd) {
        return Err(ConfigError::Invalid { uri: shown });
    }
    Ok(())
}
