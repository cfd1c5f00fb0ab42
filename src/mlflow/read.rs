//! Reading a trace back: `GET /api/3.0/mlflow/traces/get`, the only REST call whose answer carries
//! the spans (`trace.spans`, in OTLP's JSON form) beside `trace.trace_info`
//! (mlflow/store/tracking/rest_store.py, `get_trace`; mlflow/server/handlers.py, `_get_trace`).
//! `allow_partial` lets the server answer before the last span has arrived.

use super::names;
use crate::trace::TraceId;

/// Where to read one trace. `server` is an address without a slash at its end.
#[must_use]
pub fn trace_url(server: &str, trace: &TraceId) -> String {
    [server, names::TRACE_PATH, &trace.text()].concat()
}
