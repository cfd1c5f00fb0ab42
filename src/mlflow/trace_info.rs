//! What OTLP cannot carry of a trace: a client's request id, metadata, previews of the program's own.
//!
//! One `POST` after the spans have arrived (mlflow/server/handlers.py, `_start_trace_v3`). The server
//! writes what is there over what it took from the spans and keeps the rest, but for time, duration
//! and state, which must be there or count as 0 (mlflow/store/tracking/sqlalchemy_store.py,
//! `_start_trace_once`).

use std::rc::Rc;

use crate::trace::value::write_json_string;
use crate::trace::{Status, Trace};

/// Whether anything was said about the trace that its spans do not carry. Of a part of a trace nothing
/// is told: its times are not the trace's.
#[must_use]
pub fn is_needed(trace: &Trace) -> bool {
    let extras = &trace.extras;
    let said = extras.client_request_id.is_some()
        || extras.request_preview.is_some()
        || extras.response_preview.is_some()
        || !extras.metadata.is_empty();
    said && !trace.is_part()
}

/// The body of the request.
#[must_use]
pub fn body(trace: &Trace, experiment: &str) -> Vec<u8> {
    let (root, extras) = (trace.root(), &trace.extras);
    let mut json = String::from("{\"trace\":{\"trace_info\":{\"trace_id\":");
    let mut text = |before: &str, text: &str| {
        json.push_str(before);
        write_json_string(text, &mut json);
    };
    text("", &trace.id().to_string());
    let location = ",\"trace_location\":{\"type\":\"MLFLOW_EXPERIMENT\",\"mlflow_experiment\":{\"experiment_id\":";
    text(location, experiment);
    text("}},\"request_time\":", &root.start.to_iso());
    let failed = matches!(root.status, Status::Error(_));
    text(",\"state\":", if failed { "ERROR" } else { "OK" });
    let duration = root.end.unwrap_or(root.start).nanos_since(root.start);
    let milliseconds = (duration / 1_000_000).to_string();
    // Protobuf's JSON wants seconds with a fraction; the server keeps milliseconds.
    let (seconds, fraction) = match milliseconds.len().checked_sub(3) {
        Some(point) if point > 0 => milliseconds.split_at(point),
        _ => ("0", milliseconds.as_str()),
    };
    let zeros = &"000"[fraction.len().min(3)..];
    text(
        ",\"execution_duration\":",
        &[seconds, ".", zeros, fraction, "s"].concat(),
    );
    let mut given = |before: &str, given: &Option<Rc<str>>| {
        if let Some(given) = given {
            text(before, given);
        }
    };
    given(",\"client_request_id\":", &extras.client_request_id);
    given(",\"request_preview\":", &extras.request_preview);
    given(",\"response_preview\":", &extras.response_preview);
    let mut before = ",\"trace_metadata\":{";
    for (key, value) in &extras.metadata {
        text(before, key);
        text(":", value);
        before = ",";
    }
    if before == "," {
        json.push('}');
    }
    json.push_str("}}}");
    json.into_bytes()
}
