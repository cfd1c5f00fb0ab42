//! What MLflow keeps of a trace as a whole, for its call `StartTraceV3`.
//!
//! After spans that went by OTLP it carries what those cannot: a client's request id, metadata, previews
//! and a state of the program's own. The server writes what is there over what it took from the spans
//! and keeps the rest, but for time, duration and state, which must be there or count as 0
//! (mlflow/server/handlers.py, `_start_trace_v3`; mlflow/store/tracking/sqlalchemy_store.py,
//! `_start_trace_once`). Before a file of spans it carries all there is to know.

use std::rc::Rc;

use crate::mlflow::attributes::add_source;
use crate::mlflow::json::{Object, to_json};
use crate::mlflow::names;
use crate::mlflow::previews::previews;
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
    /// Whether the program gave nothing of it.
    pub is_derived: bool,
}

impl TraceInfo {
    /// What is to be sent behind the spans of a trace; `None` if those carry all of it. Of a part of a
    /// trace nothing is sent: its times are not the trace's. Of one that another program continues only what the
    /// program itself gave, since the server adds no tokens to a trace whose info it has.
    #[must_use]
    pub fn beyond_spans(trace: &Trace) -> Option<Self> {
        let (root, properties) = (trace.root(), &trace.properties);
        let is_given = properties.client_request_id.is_some()
            || properties.request_preview.is_some()
            || properties.response_preview.is_some()
            || properties.failed.is_some()
            || !properties.metadata.is_empty()
            || trace.corrected_session().is_some();
        let is_derived = properties.source.is_some() && !properties.is_propagated;
        if !(is_given || is_derived) || trace.has_remote_root() {
            return None;
        }
        let [request, response] = previews(root);
        let failed = matches!(root.status, Status::Error(_));
        let mut info = Self {
            start: root.start,
            duration_ns: root.end.unwrap_or(root.start).nanos_since(root.start),
            state: match properties.failed.unwrap_or(failed) {
                true => TraceState::Error,
                false => TraceState::Ok,
            },
            client_request_id: properties.client_request_id.clone(),
            request_preview: properties.request_preview.clone().or(request),
            response_preview: properties.response_preview.clone().or(response),
            metadata: properties.metadata.clone(),
            tags: Vec::new(),
            is_derived: !is_given,
        };
        add_source(trace, &mut info.metadata);
        // The server keeps the session of the first spans that it saw, unless it is named here.
        let session = trace.corrected_session();
        info.add_metadata(names::TRACE_SESSION, session.map(|session| &**session));
        Some(info)
    }

    /// Adds metadata, unless the key is there already.
    pub(crate) fn add_metadata(&mut self, key: &str, value: Option<&str>) {
        let is_known = self.metadata.iter().any(|(known, _)| &**known == key);
        if let Some(value) = value.filter(|_| !is_known) {
            self.metadata.push((key.into(), value.into()));
        }
    }

    /// The body of the request.
    #[must_use]
    pub fn body(&self, trace: &TraceId, experiment: &str, format_f64: FormatF64) -> Vec<u8> {
        // `StartTraceV3` and `TraceInfoV3` of mlflow/protos/service.proto.
        let mut place = Object::default();
        place.text("experiment_id", experiment);
        let mut location = Object::default();
        location.text("type", "MLFLOW_EXPERIMENT");
        location.set("mlflow_experiment", place.done());
        let mut info = Object::default();
        info.text("trace_id", &trace.text());
        info.set("trace_location", location.done());
        info.text("request_time", &self.start.to_iso());
        info.text("execution_duration", &seconds(self.duration_ns));
        info.text("state", self.state.name());
        for (key, text) in [
            ("client_request_id", &self.client_request_id),
            ("request_preview", &self.request_preview),
            ("response_preview", &self.response_preview),
        ] {
            if let Some(text) = text {
                info.text(key, text);
            }
        }
        for (key, pairs) in [("trace_metadata", &self.metadata), ("tags", &self.tags)] {
            if !pairs.is_empty() {
                let mut object = Object::default();
                for (key, text) in pairs {
                    object.text(key, text);
                }
                info.set(key, object.done());
            }
        }
        let mut trace = Object::default();
        trace.set("trace_info", info.done());
        let mut body = Object::default();
        body.set("trace", trace.done());
        to_json(&body.done(), format_f64)
    }
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
