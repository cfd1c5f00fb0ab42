//! What comes back, and what it means for what was sent, as one table.

use super::api::request::RequestKind;
use super::names;
use super::otlp::decode::{ExportResponse, export_response};

/// The [`Response::time_used`] of a request that took all of its time.
pub const TIMED_OUT: u8 = 16;

/// The response to a request, as the host read it.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// The HTTP status; 0 if there was no response (network down, refused by CORS, timeout).
    pub status: u16,
    /// The `Retry-After` header in milliseconds from now, if there was one; of a date that has passed, 0.
    pub retry_after_ms: Option<u64>,
    /// How much of its time limit the request took, in sixteenths; [`TIMED_OUT`] and no status if it was broken off
    /// because the time was over.
    pub time_used: u8,
    /// Why there was no response, in the host's words.
    pub error: Option<String>,
    /// Whether there is no response and a browser may have refused to ask: pages may send to other
    /// origins only what those allow beforehand.
    pub may_be_blocked: bool,
    /// The origin that a redirect leads to, where the host could read it.
    pub redirect_origin: Option<String>,
    /// What the host read of the body.
    pub body: ResponseBody,
}

/// The body of a response, as far as the core has to know it. The host parses JSON: a parser in the core
/// would cost 8 kB.
#[derive(Clone, Debug, Default)]
pub enum ResponseBody {
    /// No body at all, and no type of text.
    #[default]
    Empty,
    /// The members of a JSON object that matter. Any other JSON is [`Self::Text`].
    Json(JsonFields),
    /// The bytes of a body that calls itself protobuf.
    Protobuf(Vec<u8>),
    /// Anything else.
    Text {
        /// Its first 300 characters or so.
        text: String,
        /// Whether it is a web page (`text/html`). MLflow sends the number of its version as such.
        is_html: bool,
    },
}

/// The few members of a JSON response that matter.
#[derive(Clone, Debug, Default)]
pub struct JsonFields {
    /// `experiment.experiment_id`, `experiment_id` of a creation, the one of the first of `experiments`, or the one in
    /// the `trace.trace_info` of a trace.
    pub experiment_id: Option<String>,
    /// `experiment.name`, or that of the first of `experiments`.
    pub experiment_name: Option<String>,
    /// `experiment.lifecycle_stage`, or that of the first of `experiments`: `active` or `deleted`.
    pub lifecycle_stage: Option<String>,
    /// `error_code` of an error.
    pub error_code: Option<String>,
    /// `message` of an error, or `detail`, or `partialSuccess.errorMessage`.
    pub message: Option<String>,
    /// The tag `mlflow.artifactLocation` of `trace.trace_info`: where the spans of the trace belong.
    pub artifact_location: Option<String>,
    /// `store_type` of the server: `SqlStore` or `FileStore`.
    pub store_type: Option<String>,
    /// `workspaces_enabled` of the server.
    pub workspaces_enabled: Option<bool>,
    /// `partialSuccess.rejectedSpans` of OTLP: how many of the spans the server has dropped.
    pub rejected_spans: Option<u64>,
    /// Whether it is an OTLP response: it calls itself JSON, and has no member but a valid `partialSuccess`.
    pub is_otlp: bool,
    /// Whether it calls itself JSON, and has no members.
    pub is_empty: bool,
    /// Whether it has `trace.trace_info` with an id.
    pub has_trace_info: bool,
}

impl Response {
    /// The fields of a JSON object.
    #[must_use]
    pub const fn json(&self) -> Option<&JsonFields> {
        match &self.body {
            ResponseBody::Json(fields) => Some(fields),
            _ => None,
        }
    }

    /// The `error_code` of an error of MLflow's.
    #[must_use]
    pub fn error_code(&self) -> Option<&str> {
        self.json()?.error_code.as_deref()
    }

    /// What the server says in words, or the host about why there is no response.
    #[must_use]
    pub fn message(&self) -> Option<String> {
        let message = match &self.body {
            ResponseBody::Json(fields) => fields.message.clone(),
            ResponseBody::Protobuf(_) => self.export_response()?.message,
            ResponseBody::Text { text, is_html } if !is_html => Some(text.clone()),
            ResponseBody::Text { .. } | ResponseBody::Empty => None,
        };
        message.or_else(|| self.error.clone()).filter(|message| !message.is_empty())
    }

    /// What an OTLP endpoint says of the spans that it took; `None` if the body says no such thing.
    #[must_use]
    pub fn export_response(&self) -> Option<ExportResponse> {
        match &self.body {
            ResponseBody::Empty => Some(ExportResponse::default()),
            ResponseBody::Json(fields) if fields.is_otlp => Some(ExportResponse {
                rejected_spans: fields.rejected_spans.unwrap_or(0),
                message: fields.message.clone(),
            }),
            ResponseBody::Protobuf(body) => export_response(body),
            ResponseBody::Json(_) | ResponseBody::Text { .. } => None,
        }
    }

    /// Whether the body is a web page.
    #[must_use]
    pub const fn is_page(&self) -> bool {
        matches!(self.body, ResponseBody::Text { is_html: true, .. })
    }

    /// Whether the body is empty but calls itself text, though no web page.
    fn is_empty_text(&self) -> bool {
        matches!(&self.body, ResponseBody::Text { text, is_html: false } if text.is_empty())
    }

    /// The number of a version, if that is the whole body.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        match &self.body {
            ResponseBody::Text { text, .. } => {
                Some(text.trim_ascii()).filter(|text| text.starts_with(|first: char| first.is_ascii_digit()))
            }
            _ => None,
        }
    }
}

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

/// Reason: no server answers.
pub const UNREACHABLE: &str = "unreachable";
/// Reason: the server asks for patience.
pub const BUSY: &str = "server_busy";
/// Reason: the server fails.
pub const FAILING: &str = "server_error";
/// Reason: the response sends us elsewhere.
pub const REDIRECTED: &str = "redirected";
/// Reason: what answers is neither MLflow nor an OTLP endpoint.
pub const NOT_MLFLOW: &str = "not_mlflow";

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// An MLflow server.
    Mlflow,
    /// Any endpoint that takes OTLP.
    Otlp,
}

/// What to do after a response. None of it is for good: whatever was refused is tried again with
/// backoff while the buffer has room, unless the server says that the data themselves are wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseAction {
    /// It has been stored.
    Accept,
    /// Send the same again with backoff, as often as it takes: the server is away, refuses every client or
    /// asks for patience, or something else answers in its place. That says nothing about what was sent.
    RetryUnbounded {
        /// A stable name for programs.
        reason: &'static str,
    },
    /// Send the same again with backoff, a limited number of times: it may be what was sent that makes
    /// the server fail.
    Retry,
    /// Something in it is wrong, and nothing of it was stored: send it in parts.
    Bisect,
    /// It is too large: send it in smaller parts.
    PayloadTooLarge,
    /// The server does not accept such requests at this address, now at least.
    EndpointUnsupported,
    /// The server does not know the experiment.
    ExperimentGone,
}

/// Says what a response means. The table goes from the particular to the general: the first row that
/// fits counts.
#[must_use]
pub fn classify_response(kind: RequestKind, peer: Peer, response: &Response) -> ResponseAction {
    use RequestKind::{Artifact, Spans, TraceInfo};
    use ResponseAction::{Accept, Bisect, EndpointUnsupported, ExperimentGone, PayloadTooLarge, Retry, RetryUnbounded};
    let wait = |reason| RetryUnbounded { reason };
    match (response.status, response.error_code(), kind) {
        (0, _, _) => wait(UNREACHABLE),
        (200..=299, _, _) if is_success(kind, peer, response) => Accept,
        // A login page, an application's start page, a captive portal, a function's error.
        (200..=299, _, _) => wait(NOT_MLFLOW),
        (300..=399, _, _) => wait(REDIRECTED),
        // MLflow sends it with status 500 (mlflow/server/handlers.py).
        (_, Some(names::FEATURE_DISABLED), _) => wait(FEATURE_OFF),
        (401 | 403 | 407, _, _) => wait(UNAUTHORIZED),
        (404, Some(names::DOES_NOT_EXIST), Spans | TraceInfo) => ExperimentGone,
        (404 | 405 | 410 | 501, _, _) => EndpointUnsupported,
        (413, _, _) => PayloadTooLarge,
        (429 | 503, _, _) => wait(BUSY),
        (408 | 500..=599, _, _) => Retry,
        // Nothing in a file is looked at, so there is nothing to find by sending it in parts.
        (_, _, Artifact) => Retry,
        _ => Bisect,
    }
}

/// Whether a response with a status of 2xx says what MLflow or an OTLP endpoint says when it has stored
/// what was sent.
fn is_success(kind: RequestKind, peer: Peer, response: &Response) -> bool {
    let is_ok = response.status == 200;
    let json = response.json();
    match kind {
        // Collectors that queue what they take say 202.
        RequestKind::Spans => {
            let is_taken = is_ok || response.status == 202 && peer == Peer::Otlp;
            // Some of them say of nothing that it is text. MLflow does not.
            let is_nothing = peer == Peer::Otlp && response.is_empty_text();
            is_taken && (response.export_response().is_some() || is_nothing)
        }
        RequestKind::TraceInfo => is_ok && json.is_some_and(|fields| fields.has_trace_info),
        // MLflow 3.18 says nothing, older ones `{}` (mlflow/server/handlers.py, `_upload_artifact`).
        RequestKind::Artifact => {
            is_ok && (matches!(response.body, ResponseBody::Empty) || json.is_some_and(|fields| fields.is_empty))
        }
        RequestKind::Experiment => {
            let id = json.and_then(|fields| fields.experiment_id.as_deref());
            is_ok && id.is_some_and(|id| !id.is_empty())
        }
        // Whatever is no web page may come from a server that is too old for the question.
        RequestKind::Probe => !response.is_page() || response.version().is_some(),
    }
}
