//! Requests and answers as data. The host sends the one and hands back the other; it adds headers
//! of its own (authorization), which this side never sees.

use super::names;

/// Tells requests apart; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId(pub u32);

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// Carries finished spans to the server.
    Spans,
    /// Tells of a trace as a whole what spans cannot carry.
    TraceInfo,
    /// Carries the spans of a trace to where the server keeps files.
    Artifact,
    /// Looks up or creates the experiment.
    Experiment,
    /// Asks what the server can do.
    Probe,
}

/// One HTTP request to send.
#[derive(Clone, Debug)]
pub struct Request {
    /// To be handed back with the answer.
    pub id: RequestId,
    /// What it is for.
    pub kind: RequestKind,
    /// `GET`, `POST` or `PUT`.
    pub method: &'static str,
    /// The whole address.
    pub url: String,
    /// Name and value of each header, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty for `GET`.
    pub body: Vec<u8>,
}

impl Request {
    /// A `GET`.
    #[must_use]
    pub const fn get(id: RequestId, kind: RequestKind, url: String) -> Self {
        Self {
            id,
            kind,
            method: "GET",
            url,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A `POST` with a body of this type.
    #[must_use]
    pub fn post(
        id: RequestId,
        kind: RequestKind,
        url: String,
        content_type: &str,
        body: Vec<u8>,
    ) -> Self {
        let headers = vec![(names::CONTENT_TYPE_HEADER, content_type.to_owned())];
        Self {
            id,
            kind,
            method: "POST",
            url,
            headers,
            body,
        }
    }
}

/// What came back.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The HTTP status; 0 if there was no answer (network down, refused by CORS, timeout).
    pub status: u16,
    /// The `Retry-After` header in milliseconds from now, if there was one; of a date that has passed, 0.
    pub retry_after_ms: Option<u64>,
    /// Whether the answer is a web page (`text/html`), or anything else that neither MLflow nor an OTLP
    /// endpoint says: JSON that is cut off, bytes of some other kind.
    pub is_page: bool,
    /// Whether there is no answer and a browser may have refused to ask: pages may send to other
    /// origins only what those allow beforehand.
    pub may_be_blocked: bool,
    /// What the host read in the body.
    pub body: AnswerBody,
}

/// The few fields of a JSON answer that matter; the host reads them with the engine's own parser.
#[derive(Clone, Debug, Default)]
pub struct AnswerBody {
    /// `experiment.experiment_id`, or `experiment_id` of a creation.
    pub experiment_id: Option<String>,
    /// `experiment.name`.
    pub experiment_name: Option<String>,
    /// `experiment.lifecycle_stage`: `active` or `deleted`.
    pub lifecycle_stage: Option<String>,
    /// `error_code` of an error.
    pub error_code: Option<String>,
    /// `message` of an error, or `detail`.
    pub message: Option<String>,
    /// The tag `mlflow.artifactLocation` of `trace.trace_info`: where the spans of the trace belong.
    pub artifact_location: Option<String>,
    /// `store_type` of the server: `SqlStore` or `FileStore`.
    pub store_type: Option<String>,
    /// `workspaces_enabled` of the server.
    pub workspaces_enabled: Option<bool>,
    /// The whole body, if it is the number of a version, such as `3.17.2`.
    pub version: Option<String>,
    /// `partial_success.rejected_spans` of OTLP: how many of the spans the server has dropped.
    pub rejected_spans: u64,
}

/// Appends `text` so that it can stand in a query: all but letters, digits and `-._~` is escaped, and but for
/// the bytes that are to be `kept`.
pub fn percent_encode(text: &str, kept: &[u8], out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || kept.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}
