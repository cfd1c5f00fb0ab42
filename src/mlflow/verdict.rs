//! What an answer means for the traces that were sent, as one table.

use super::names;

/// Reason: the credentials are missing or wrong, or the server does not know its own host name.
pub const UNAUTHORIZED: &str = "unauthorized";
/// Reason: the server has no OTLP endpoint.
pub const OTLP_UNSUPPORTED: &str = "otlp_unsupported";
/// Reason: the request wants a feature that is off.
pub const FEATURE_OFF: &str = "feature_disabled";
/// Reason: there is no such experiment, or no such path.
pub const NOT_FOUND: &str = "not_found";
/// Reason: the body is too large.
pub const TOO_LARGE: &str = "too_large";
/// Reason: any other.
pub const REFUSED: &str = "refused";

/// What to do after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has arrived.
    Delivered,
    /// Send the same again later; [`super::backoff::Backoff`] says when.
    TryAgain,
    /// The server will never take this.
    Refused {
        /// A stable name for programs.
        reason: &'static str,
    },
    /// The server takes nothing until the configuration changes.
    Stop {
        /// A stable name for programs.
        reason: &'static str,
    },
}

/// The table. `status` 0 means that there was no answer.
#[must_use]
pub fn judge(status: u16, error_code: Option<&str>) -> Verdict {
    match (status, error_code) {
        (200..=299, _) => Verdict::Delivered,
        (401 | 403, _) => Verdict::Stop {
            reason: UNAUTHORIZED,
        },
        // A server without a database, or older than MLflow 3.4, has no OTLP endpoint.
        (405 | 501, _) => Verdict::Stop {
            reason: OTLP_UNSUPPORTED,
        },
        // Sent with status 500, but it never changes by itself.
        (_, Some(names::FEATURE_DISABLED)) => Verdict::Stop {
            reason: FEATURE_OFF,
        },
        (0 | 408 | 429 | 500 | 502 | 503 | 504, _) => Verdict::TryAgain,
        (404, _) => Verdict::Refused { reason: NOT_FOUND },
        (413, _) => Verdict::Refused { reason: TOO_LARGE },
        _ => Verdict::Refused { reason: REFUSED },
    }
}
