//! What an answer means for what was sent, as one table.

use super::names;
use super::request::{Answer, RequestKind};

/// Reason: the credentials are missing or wrong, or the server does not know its own host name.
pub const UNAUTHORIZED: &str = "unauthorized";
/// Reason: there is no endpoint that takes traces.
pub const OTLP_UNSUPPORTED: &str = "otlp_unsupported";
/// Reason: the request wants a feature that is off.
pub const FEATURE_OFF: &str = "feature_disabled";
/// Reason: there is no such experiment (any more).
pub const EXPERIMENT_GONE: &str = "experiment_gone";
/// Reason: a single span, or a trace that must travel whole, is too large.
pub const TOO_LARGE: &str = "too_large";
/// Reason: the server takes all but this.
pub const REFUSED: &str = "refused";

/// Reason: nobody answers.
pub const UNREACHABLE: &str = "unreachable";
/// Reason: the server asks for patience.
pub const BUSY: &str = "server_busy";
/// Reason: the server fails.
pub const FAILING: &str = "server_error";
/// Reason: the answer sends us elsewhere.
pub const REDIRECTED: &str = "redirected";
/// Reason: what answers is a web page.
pub const NOT_MLFLOW: &str = "not_mlflow";

/// What to do after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has arrived.
    Delivered,
    /// Send the same again later, as often as it takes: the server is away, or wants patience, or
    /// something else answers in its place. That says nothing about what was sent.
    Wait {
        /// A stable name for programs.
        reason: &'static str,
    },
    /// Send the same again later, but not for ever: it may be what was sent that makes the server fail.
    TryAgain,
    /// Something in it is wrong, and nothing of it was taken: send it in parts.
    Split,
    /// It is too large: send it in smaller parts.
    Smaller,
    /// There is nobody at this address who takes such requests.
    NoSuchWay,
    /// The server takes nothing until the configuration changes.
    Stop {
        /// A stable name for programs.
        reason: &'static str,
    },
}

/// The table. It goes from the particular to the general: the first row that fits counts.
#[must_use]
pub fn judge(kind: RequestKind, answer: &Answer) -> Verdict {
    use RequestKind::{Artifact, Spans, TraceInfo};
    let wait = |reason| Verdict::Wait { reason };
    let stop = |reason| Verdict::Stop { reason };
    let code = answer.body.error_code.as_deref();
    match (answer.status, code, kind) {
        (0, _, _) => wait(UNREACHABLE),
        // A login page, an application's start page, a captive portal: no endpoint of MLflow or of
        // OTLP answers so.
        (200..=299, _, _) if answer.is_page => wait(NOT_MLFLOW),
        (200..=299, _, _) => Verdict::Delivered,
        (300..=399, _, _) => wait(REDIRECTED),
        // Sent with status 500, but it never changes by itself.
        (_, Some(names::FEATURE_DISABLED), _) => stop(FEATURE_OFF),
        (401 | 403 | 407, _, _) => stop(UNAUTHORIZED),
        (404, Some(names::DOES_NOT_EXIST), Spans | TraceInfo) => stop(EXPERIMENT_GONE),
        (404 | 405 | 410 | 501, _, _) => Verdict::NoSuchWay,
        (413, _, _) => Verdict::Smaller,
        (429 | 503, _, _) => wait(BUSY),
        (408 | 500..=599, _, _) => Verdict::TryAgain,
        // A file is taken or not: nothing in it is looked at.
        (_, _, Artifact) => Verdict::NoSuchWay,
        _ => Verdict::Split,
    }
}
