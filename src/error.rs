//! What can go wrong, one enum per thing that does; each error has a `code` for programs and a
//! sentence with the remedy for people.

use std::fmt;

use crate::trace::SpanKey;

/// An event that does not fit what is recorded. It changes nothing and breaks nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventError {
    /// The key was never handed out.
    UnknownSpan(SpanKey),
    /// The span has ended, was discarded, or its whole trace is done.
    SpanEnded(SpanKey),
    /// The event is about another kind of span, such as the end of a tool call about a chat.
    WrongKind(SpanKey),
    /// All 4 294 967 295 keys were handed out.
    KeysExhausted,
}

impl EventError {
    /// A stable name for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownSpan(_) => "unknown_span",
            Self::SpanEnded(_) => "span_ended",
            Self::WrongKind(_) => "wrong_kind",
            Self::KeysExhausted => "keys_exhausted",
        }
    }
}

impl fmt::Display for EventError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownSpan(key) => {
                write!(
                    formatter,
                    "no span has the key `{}`; use the key that the start of the operation gave",
                    key.number()
                )
            }
            Self::SpanEnded(key) => {
                write!(
                    formatter,
                    "the span with the key `{}` has ended; report each end once, and before the end of its trace",
                    key.number()
                )
            }
            Self::WrongKind(key) => {
                write!(
                    formatter,
                    "the span with the key `{}` is of another kind; report its end with the event of its own kind",
                    key.number()
                )
            }
            Self::KeysExhausted => {
                formatter.write_str("all span keys are used up; reload the page or restart the program")
            }
        }
    }
}

impl std::error::Error for EventError {}

/// A setting that cannot be used. The setting before it stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// Not `http://`, `https://` or `memory:`.
    Unsupported {
        /// What was given.
        uri: String,
    },
    /// A user or password in the URI. The error does not repeat it.
    Credentials,
    /// Nothing, or something that is no host, after `http://`; or a `?` or `#` part.
    Invalid {
        /// What was given.
        uri: String,
    },
    /// The address of an OTLP endpoint in place of that of its server.
    OtlpPath {
        /// What was given.
        uri: String,
    },
}

impl ConfigError {
    /// A stable name for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unsupported { .. } => "tracking_uri_unsupported",
            Self::Credentials => "tracking_uri_credentials",
            Self::Invalid { .. } | Self::OtlpPath { .. } => "tracking_uri_invalid",
        }
    }
}

impl ConfigError {
    /// The sentence for people.
    #[must_use]
    pub fn text(&self) -> String {
        let (uri, remedy) = match self {
            Self::Credentials => {
                return "the tracking URI holds a user name or password; take it out and pass the credentials as a \
                    request header"
                    .into();
            }
            Self::Unsupported { uri } => {
                (uri, "supported; use the address of an MLflow server, such as `http://localhost:5000`, or `memory:`")
            }
            Self::Invalid { uri } => {
                (uri, "the address of a server; give scheme, host, port and path only, such as `http://localhost:5000`")
            }
            Self::OtlpPath { uri } => (
                uri,
                "the address of a server but of an OTLP endpoint; leave out `/v1/traces`, or give a collector's whole \
                    address to `init({ otlpEndpoint })`",
            ),
        };
        ["tracking URI `", uri, "` is not ", remedy].concat()
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text())
    }
}

impl std::error::Error for ConfigError {}
