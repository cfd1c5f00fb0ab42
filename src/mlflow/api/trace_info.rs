//! What MLflow keeps of a trace as a whole, for its call `StartTraceV3`.
//!
//! After spans that went by OTLP it carries what those cannot: a client's request id, metadata, previews
//! and a state of the program's own. The server writes what is there over what it took from the spans
//! and keeps the rest, but for time, duration and state, which must be there or count as 0
//! (mlflow/server/handlers.py, `_start_trace_v3`; mlflow/store/tracking/sqlalchemy_store.py,
//! `_start_trace_once`). Before a file of spans it carries all there is to know.

use std::rc::Rc;

use serde::Serialize;

use crate::mlflow::json::{pairs, to_json};
use crate::mlflow::names;
use crate::trace::value::write_count;
use crate::trace::{FormatF64, Status, Trace, TraceId, UnixNanos};

/// How a whole trace went (mlflow/entities/trace_state.py).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TraceState {
    /// Its root has ended well.
    #[default]
    Ok,
    /// Its root has failed.
    Error,
    /// Its root still runs.
    InProgress,
}

impl TraceState {
    /// MLflow's name of the state.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Error => "ERROR",
            Self::InProgress => "IN_PROGRESS",
        }
    }
}

/// What is known of a trace as a whole, but for its id and the experiment: that may be known only when
/// the request is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceInfo {
    /// When it began.
    pub start: UnixNanos,
    /// How long it took, in nanoseconds.
    pub duration_ns: u64,
    /// How it went.
    pub state: TraceState,
    /// The id that the program's own client gave the request.
    pub client_request_id: Option<Rc<str>>,
    /// What lists of traces show of the request.
    pub request_preview: Option<Rc<str>>,
    /// What lists of traces show of the response.
    pub response_preview: Option<Rc<str>>,
    /// Metadata, each key once.
    pub metadata: Vec<(Rc<str>, Rc<str>)>,
    /// Tags, each key once.
    pub tags: Vec<(Rc<str>, Rc<str>)>,
}

impl TraceInfo {
    /// What is to be sent behind the spans of a trace; `None` if those carry all of it. Of a part of a
    /// trace nothing is sent: its times are not the trace's.
    #[must_use]
    pub fn beyond_spans(trace: &Trace) -> Option<Self> {
        let (root, extras) = (trace.root(), &trace.extras);
        let is_needed = extras.client_request_id.is_some()
            || extras.request_preview.is_some()
            || extras.response_preview.is_some()
            || extras.failed.is_some()
            || !extras.metadata.is_empty()
            || trace.corrected_session().is_some();
        if !is_needed || trace.is_part() {
            return None;
        }
        let failed = matches!(root.status, Status::Error(_));
        let mut info = Self {
            start: root.start,
            duration_ns: root.end.unwrap_or(root.start).nanos_since(root.start),
            state: match extras.failed.unwrap_or(failed) {
                true => TraceState::Error,
                false => TraceState::Ok,
            },
            client_request_id: extras.client_request_id.clone(),
            request_preview: extras.request_preview.clone(),
            response_preview: extras.response_preview.clone(),
            metadata: extras.metadata.clone(),
            tags: Vec::new(),
        };
        // The server keeps the session of the first spans that it saw, unless it is told here.
        let session = trace.corrected_session();
        info.add_metadata(names::TRACE_SESSION, session.map(|session| &**session));
        Some(info)
    }

    /// Adds metadata, unless the key is there already.
    pub(super) fn add_metadata(&mut self, key: &str, value: Option<&str>) {
        let is_known = self.metadata.iter().any(|(known, _)| &**known == key);
        if let Some(value) = value.filter(|_| !is_known) {
            self.metadata.push((key.into(), value.into()));
        }
    }

    /// The body of the request.
    #[must_use]
    pub fn body(&self, trace: &TraceId, experiment: &str, format_f64: FormatF64) -> Vec<u8> {
        let trace_info = TraceInfoJson {
            trace_id: trace.text(),
            trace_location: TraceLocation {
                location_type: "MLFLOW_EXPERIMENT",
                mlflow_experiment: MlflowExperiment {
                    experiment_id: experiment,
                },
            },
            request_time: self.start.to_iso(),
            execution_duration: seconds(self.duration_ns),
            state: self.state.name(),
            client_request_id: self.client_request_id.as_deref(),
            request_preview: self.request_preview.as_deref(),
            response_preview: self.response_preview.as_deref(),
            trace_metadata: &self.metadata,
            tags: &self.tags,
        };
        let trace = TraceJson { trace_info };
        to_json(&StartTrace { trace }, format_f64)
    }
}

/// `StartTraceV3` of mlflow/protos/service.proto.
#[derive(Serialize)]
struct StartTrace<'a> {
    trace: TraceJson<'a>,
}

#[derive(Serialize)]
struct TraceJson<'a> {
    trace_info: TraceInfoJson<'a>,
}

/// `TraceInfoV3` of mlflow/protos/service.proto.
#[derive(Serialize)]
struct TraceInfoJson<'a> {
    trace_id: String,
    trace_location: TraceLocation<'a>,
    request_time: String,
    execution_duration: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_preview: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_preview: Option<&'a str>,
    #[serde(serialize_with = "pairs", skip_serializing_if = "<[_]>::is_empty")]
    trace_metadata: &'a [(Rc<str>, Rc<str>)],
    #[serde(serialize_with = "pairs", skip_serializing_if = "<[_]>::is_empty")]
    tags: &'a [(Rc<str>, Rc<str>)],
}

#[derive(Serialize)]
struct TraceLocation<'a> {
    #[serde(rename = "type")]
    location_type: &'static str,
    mlflow_experiment: MlflowExperiment<'a>,
}

#[derive(Serialize)]
struct MlflowExperiment<'a> {
    experiment_id: &'a str,
}

/// A duration as protobuf's JSON wants it, in seconds with a fraction. The server keeps milliseconds.
fn seconds(duration_ns: u64) -> String {
    let milliseconds = duration_ns / 1_000_000;
    let mut seconds = String::new();
    write_count(milliseconds / 1000, &mut seconds);
    let mut fraction = String::new();
    // The 1 in front keeps the zeros behind it.
    write_count(1000 + milliseconds % 1000, &mut fraction);
    seconds.push('.');
    seconds.extend(fraction.chars().skip(1));
    seconds.push('s');
    seconds
}
