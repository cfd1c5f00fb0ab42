//! Addresses of MLflow's REST calls.

use crate::mlflow::names;
use crate::trace::TraceId;

/// Where a `GET` reads one trace back: the only REST call whose response carries the spans
/// (`trace.spans`, in OTLP's JSON form) beside `trace.trace_info` (mlflow/store/tracking/rest_store.py,
/// `get_trace`; mlflow/server/handlers.py, `_get_trace`). `allow_partial` lets the server answer before
/// the last span has arrived. `server` is an address without a slash at its end.
#[must_use]
pub fn trace_url(server: &str, trace: &TraceId) -> String {
    [server, names::TRACE_PATH, &trace.text()].concat()
}

/// Where a `GET` reads the info of a trace, without its spans (mlflow/server/handlers.py, `_get_trace_info_v3`).
#[must_use]
pub fn trace_info_url(server: &str, trace: &TraceId) -> String {
    [server, names::TRACES_PATH, "/", &trace.text()].concat()
}

/// Where the file with the spans of a trace is put, given the location that the server has assigned:
/// `mlflow-artifacts:/1/traces/…/artifacts`, or with a host between two slashes and one, which is the
/// server itself (mlflow/store/artifact/mlflow_artifacts_repo.py). `None` if the server does not hand
/// files on.
#[must_use]
pub fn traces_json_url(server: &str, location: &str) -> Option<String> {
    let path = location.strip_prefix(names::ARTIFACTS_SCHEME)?;
    let path = match path.strip_prefix("//") {
        Some(host_and_path) => {
            let slash = host_and_path.bytes().position(|byte| byte == b'/')?;
            host_and_path.get(slash + 1..)?
        }
        None => path.strip_prefix('/')?,
    };
    let mut url = [server, names::ARTIFACTS_PATH].concat();
    percent_encode(without_trailing_slashes(path), b"/", &mut url);
    url.push_str(names::SPANS_FILE);
    Some(url)
}

/// The address before the slashes at its end.
#[must_use]
pub fn without_trailing_slashes(address: &str) -> &str {
    let end = address.bytes().rposition(|byte| byte != b'/');
    end.and_then(|end| address.get(..=end)).unwrap_or_default()
}

/// Appends `text` so that it can stand in a query: all but letters, digits and `-._~` is escaped, and but for
/// the bytes that are to be `unescaped`.
pub fn percent_encode(text: &str, unescaped: &[u8], out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || unescaped.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}
