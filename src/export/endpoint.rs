//! Where traces go.

use std::rc::Rc;

use crate::error::ConfigError;
use crate::mlflow::api::urls::without_trailing_slashes;
use crate::mlflow::names;
use crate::mlflow::response::Peer;

/// The tracking URI of a tracer that sends nothing.
pub const MEMORY_URI: &str = "memory:";

/// A server, or this program's memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// Finished traces stay in memory, where the program can read them; they are not sent.
    #[default]
    Memory,
    /// The address of an MLflow server, without a slash at its end.
    Mlflow(Rc<str>),
    /// The whole address at which somebody takes OTLP, and nothing else.
    Otlp(Rc<str>),
}

impl Endpoint {
    /// Reads a tracking URI, also one with the rest of an address of MLflow's pages (`/#/…`).
    ///
    /// # Errors
    /// If it is of another scheme, is no address, is that of an OTLP endpoint, or holds credentials.
    pub(crate) fn parse(uri: &str) -> Result<Self, ConfigError> {
        let uri = uri.trim_ascii();
        if uri == MEMORY_URI {
            return Ok(Self::Memory);
        }
        // As copied from the address of MLflow's pages.
        let page = uri.as_bytes().windows(2).position(|some| some == b"#/");
        let uri = page.and_then(|at| uri.get(..at)).unwrap_or(uri);
        check(uri)?;
        let server = without_trailing_slashes(uri);
        if server.ends_with(names::SPANS_PATH) {
            return Err(ConfigError::OtlpPath { uri: server.to_owned() });
        }
        Ok(Self::Mlflow(server.into()))
    }

    /// Reads the address of an OTLP endpoint.
    ///
    /// # Errors
    /// If it is of another scheme, is no address, or holds credentials.
    pub(crate) fn parse_otlp(uri: &str) -> Result<Self, ConfigError> {
        let uri = uri.trim_ascii();
        check(uri)?;
        Ok(Self::Otlp(uri.into()))
    }

    /// The tracking URI, or the address of the endpoint.
    pub(crate) fn uri(&self) -> &str {
        self.address().map_or(MEMORY_URI, |address| address)
    }

    /// Where requests go; `None` for memory.
    pub(crate) const fn address(&self) -> Option<&Rc<str>> {
        match self {
            Self::Memory => None,
            Self::Mlflow(address) | Self::Otlp(address) => Some(address),
        }
    }

    /// The address of an MLflow server to put paths after; `None` for anything else.
    pub(crate) const fn server(&self) -> Option<&Rc<str>> {
        match self {
            Self::Memory | Self::Otlp(_) => None,
            Self::Mlflow(address) => Some(address),
        }
    }

    /// Who answers there.
    pub(crate) const fn peer(&self) -> Peer {
        match self {
            Self::Otlp(_) => Peer::Otlp,
            Self::Memory | Self::Mlflow(_) => Peer::Mlflow,
        }
    }
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
    let odd =
        |character: char| character.is_whitespace() || character.is_control() || matches!(character, '?' | '#' | '\\');
    if before(authority, b":").is_empty() || rest.chars().any(odd) {
        return Err(ConfigError::Invalid { uri: shown });
    }
    Ok(())
}
