//! What OTLP cannot carry of a trace: a client's request id, metadata, previews and a state of the
//! program's own.
//!
//! One `POST` after the spans have arrived (mlflow/server/handlers.py, `_start_trace_v3`). The server
//! writes what is there over what it took from the spans and keeps the rest, but for time, duration
//! and state, which must be there or count as 0 (mlflow/store/tracking/sqlalchemy_store.py,
//! `_start_trace_once`).

use std::rc::Rc;

use super::names;
use crate::trace::value::write_count;
use crate::trace::value::write_json_string;
use crate::trace::{Status, Trace, TraceId, UnixNanos};

/// Whether anything was said about the trace that its spans do not carry. Of a part of a trace nothing
/// is told: its times are not the trace's.
fn is_needed(trace: &Trace) -> bool {
    let extras = &trace.extras;
    let said = extras.client_request_id.is_some()
        || extras.request_preview.is_some()
        || extras.response_preview.is_some()
        || extras.failed.is_some()
        || !extras.metadata.is_empty()
        || trace.corrected_session().is_some();
    said && !trace.is_part()
}

/// What is told, before and after the id of the experiment: that may be known only when it is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceInfo {
    /// What stands before the id.
    pub before: String,
    /// What stands behind it.
    pub after: String,
}

impl TraceInfo {
    /// The body of the request.
    #[must_use]
    pub fn body(&self, experiment: &str) -> Vec<u8> {
        let mut body = self.before.clone();
        write_json_string(experiment, &mut body);
        body.push_str(&self.after);
        body.into_bytes()
    }
}

impl From<(String, String)> for TraceInfo {
    fn from((before, after): (String, String)) -> Self {
        Self { before, after }
    }
}

impl From<TraceInfo> for (String, String) {
    fn from(info: TraceInfo) -> Self {
        (info.before, info.after)
    }
}

/// What is to be told of a trace; `None` if its spans carry all of it.
#[must_use]
pub fn trace_info(trace: &Trace) -> Option<TraceInfo> {
    if !is_needed(trace) {
        return None;
    }
    let (root, extras) = (trace.root(), &trace.extras);
    let failed = matches!(root.status, Status::Error(_));
    let failed = extras.failed.unwrap_or(failed);
    let state = if failed { "ERROR" } else { "OK" };
    let mut info = begin(trace.id(), root.start, root.end, state);
    let mut given = |before: &str, given: &Option<Rc<str>>| {
        if let Some(given) = given {
            member(&mut info.after, before, given);
        }
    };
    given(",\"client_request_id\":", &extras.client_request_id);
    given(REQUEST_PREVIEW, &extras.request_preview);
    given(RESPONSE_PREVIEW, &extras.response_preview);
    let metadata = extras.metadata.iter();
    let metadata = metadata.map(|(key, value)| (&**key, &**value));
    // The server keeps the session of the first spans that it saw, unless it is told here.
    let session = trace.corrected_session();
    let session = session.map(|session| (names::TRACE_SESSION, &**session));
    map(&mut info.after, METADATA, &mut metadata.chain(session));
    info.after.push_str(END);
    Some(info)
}

/// What ends the whole.
pub(super) const END: &str = "}}}";
/// What stands before the preview of the request. In a text it would be escaped, so it is found nowhere else.
pub(super) const REQUEST_PREVIEW: &str = ",\"request_preview\":";
/// What stands before the preview of the response.
pub(super) const RESPONSE_PREVIEW: &str = ",\"response_preview\":";
/// What stands before the metadata, which are the last that is told.
pub(super) const METADATA: &str = ",\"trace_metadata\":{";

/// What must be told of every trace, without [`END`].
pub(super) fn begin(
    trace: TraceId,
    start: UnixNanos,
    end: Option<UnixNanos>,
    state: &str,
) -> TraceInfo {
    let mut info = TraceInfo::default();
    let id = "{\"trace\":{\"trace_info\":{\"trace_id\":";
    member(&mut info.before, id, &trace.text());
    info.before.push_str(",\"trace_location\":{\"type\":\"MLFLOW_EXPERIMENT\",\"mlflow_experiment\":{\"experiment_id\":");
    member(&mut info.after, "}},\"request_time\":", &start.to_iso());
    member(&mut info.after, ",\"state\":", state);
    let duration = end.unwrap_or(start).nanos_since(start);
    // Protobuf's JSON wants seconds with a fraction; the server keeps milliseconds.
    let milliseconds = duration / 1_000_000;
    let mut duration = String::new();
    write_count(milliseconds / 1000, &mut duration);
    let mut fraction = String::new();
    // The 1 in front keeps the zeros behind it.
    write_count(1000 + milliseconds % 1000, &mut fraction);
    duration.push('.');
    duration.extend(fraction.chars().skip(1));
    duration.push('s');
    member(&mut info.after, ",\"execution_duration\":", &duration);
    info
}

pub(super) fn member(json: &mut String, before: &str, text: &str) {
    json.push_str(before);
    write_json_string(text, json);
}

/// Members of an object that ends with them; nothing at all of none.
pub(super) fn map<'a>(
    json: &mut String,
    before: &str,
    pairs: &mut dyn Iterator<Item = (&'a str, &'a str)>,
) {
    let mut comma = before;
    for (key, value) in pairs {
        member(json, comma, key);
        member(json, ":", value);
        comma = ",";
    }
    if comma == "," {
        json.push('}');
    }
}
