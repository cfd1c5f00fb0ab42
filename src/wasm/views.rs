//! What JavaScript gets as objects: traces, spans waiting for redaction, experiments and results of a flush.
//! Stats, notices and stored records are the core's own types, which derive `Serialize` too.
//!
//! A view owns what it shows (texts are shared, not copied), so that the core is not borrowed while objects
//! are made of it.

use std::rc::Rc;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_wasm_bindgen::preserve;
use wasm_bindgen::prelude::*;

use super::host::JsHost;
use crate::export::TraceView;
use crate::mlflow::{ExperimentState, names};
use crate::trace::limits::{PREVIEW_CHARACTERS, cut};
use crate::trace::{self, Attribute, Host, SpanId, Status, UnixNanos, Value};

const NANOS_PER_MILLI: f64 = 1e6;

/// `view` as a JavaScript object. Missing options are `undefined`, 128-bit numbers are BigInts.
pub fn object(view: &(impl Serialize + ?Sized)) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    view.serialize(&serializer).unwrap_or(JsValue::UNDEFINED)
}

/// What became of the spans that were waiting when a flush began.
#[derive(serde::Serialize)]
pub struct FlushResult {
    /// Spans that arrived during the flush.
    pub delivered: u64,
    /// Finished spans that still wait.
    pub pending: u64,
    /// Spans that were lost during the flush.
    pub dropped: u64,
}

/// A trace, as the constructors of `Trace`, `TraceInfo` and `Span` take it (src/js/reading/trace.ts).
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// Whether another program has the root, so that there may be more of the trace on the server.
    has_remote_root: bool,
    info: TraceInfo,
    spans: Vec<Span>,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct TraceInfo {
    trace_id: String,
    experiment_id: String,
    state: &'static str,
    request_time_ms: f64,
    execution_duration_ms: Option<f64>,
    client_request_id: Option<Rc<str>>,
    request_preview: Option<Rc<str>>,
    response_preview: Option<Rc<str>>,
    tags: Texts,
    trace_metadata: Texts,
}

impl Trace {
    /// A view of a trace that memory holds.
    pub fn new(trace: &TraceView<'_>, experiment: &ExperimentState) -> Self {
        let experiment_id = match experiment {
            ExperimentState::Unset => names::DEFAULT_EXPERIMENT_ID,
            ExperimentState::Ready { id, .. } => id,
            ExperimentState::Waiting | ExperimentState::Failed { .. } => "",
        };
        let trace_id: Rc<str> = trace.id().text().into();
        let spans: Vec<Span> = trace
            .spans()
            .map(|span| Span::of_trace(trace, span, &trace_id))
            .collect();
        let extras = trace.extras();
        let preview = |key: &str, given: &Option<Rc<str>>| {
            given.clone().or_else(|| spans.first()?.preview(key))
        };
        let mut tags = vec![(names::TRACE_NAME.into(), trace.name().into())];
        tags.extend(extras.tags.iter().cloned());
        Self {
            has_remote_root: trace.is_part(),
            info: TraceInfo {
                trace_id: (*trace_id).into(),
                experiment_id: experiment_id.into(),
                state: trace.state().name(),
                request_time_ms: trace.start().0 as f64 / NANOS_PER_MILLI,
                execution_duration_ms: trace.duration_ns().map(|ns| ns as f64 / NANOS_PER_MILLI),
                client_request_id: extras.client_request_id.clone(),
                request_preview: preview(names::SPAN_INPUTS, &extras.request_preview),
                response_preview: preview(names::SPAN_OUTPUTS, &extras.response_preview),
                tags: Texts(tags),
                trace_metadata: Texts(trace.metadata()),
            },
            spans,
        }
    }
}

/// One span of a trace.
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Span {
    name: Rc<str>,
    span_id: String,
    parent_id: Option<String>,
    trace_id: Rc<str>,
    status: SpanStatus,
    start_time_ns: Nanos,
    end_time_ns: Option<Nanos>,
    attributes: Attributes,
    events: Vec<Event>,
}

#[derive(serde::Serialize)]
struct SpanStatus {
    code: &'static str,
    description: Rc<str>,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    name: String,
    time_ns: Nanos,
    attributes: Attributes,
}

impl Span {
    fn of_trace(trace: &TraceView<'_>, span: &trace::Span, trace_id: &Rc<str>) -> Self {
        let mut attributes = Vec::new();
        for (key, value) in trace.attributes(span) {
            attributes.push((key.into(), Data(value)));
        }
        for (key, value) in trace.trace_attributes(span) {
            attributes.push((key.into(), Data(value)));
        }
        let hides = trace.hides(span);
        let (code, description) = status(&span.status);
        let mut events = Vec::new();
        for event in if hides { &[][..] } else { &span.events[..] } {
            events.push(Event {
                name: names::event_name(&event.kind).into(),
                time_ns: Nanos(event.time),
                attributes: Attributes(named(&event.attributes)),
            });
        }
        Self {
            name: span.name.clone(),
            span_id: span.id.text(),
            parent_id: trace.parent_id(span).map(|id| id.text()),
            trace_id: trace_id.clone(),
            status: SpanStatus {
                code,
                description: if hides { "".into() } else { description },
            },
            start_time_ns: Nanos(span.start),
            end_time_ns: span.end.map(Nanos),
            attributes: Attributes(attributes),
            events,
        }
    }

    /// The beginning of an attribute's text, as the server shows it before the whole is asked for.
    fn preview(&self, key: &str) -> Option<Rc<str>> {
        let mut attributes = self.attributes.0.iter();
        let (_, value) = attributes.find(|(name, _)| name == key)?;
        let text: Rc<str> = match &value.0 {
            Value::Null => return None,
            Value::Bool(value) => (if *value { "true" } else { "false" }).into(),
            Value::Int(number) => JsHost::format_f64(*number as f64).into(),
            Value::Double(number) => JsHost::format_f64(*number).into(),
            Value::Text(text) => text.clone(),
            Value::Json(json) => json.text().into(),
        };
        let short = cut(&text, PREVIEW_CHARACTERS, "...").map(Into::into);
        Some(short.unwrap_or(text))
    }
}

fn status(status: &Status) -> (&'static str, Rc<str>) {
    match status {
        Status::Unset => ("UNSET", "".into()),
        Status::Ok => ("OK", "".into()),
        Status::Error(description) => ("ERROR", description.clone()),
    }
}

fn named(attributes: &[Attribute]) -> Vec<(String, Data)> {
    let mut named = Vec::with_capacity(attributes.len());
    for one in attributes {
        named.push((
            names::attribute_key(&one.key).into(),
            Data(one.value.clone()),
        ));
    }
    named
}

/// A span that waits for redaction, as `HeldSpan` of src/js/redaction/redactable-span.ts: only what can be changed is
/// among the attributes, in the order in which the core numbers them.
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RedactableSpan {
    name: Rc<str>,
    span_id: String,
    parent_id: Option<String>,
    trace_id: String,
    span_type: String,
    status_code: &'static str,
    status_description: Rc<str>,
    request_preview: Option<Rc<str>>,
    response_preview: Option<Rc<str>>,
    inputs: Data,
    outputs: Data,
    attributes: Vec<(String, Data)>,
    events: Vec<(String, Vec<(String, Data)>)>,
}

impl RedactableSpan {
    /// A view of one span of a trace.
    pub fn new(trace: &trace::Trace, span: &trace::Span) -> Self {
        let is_root = trace.root().key == span.key;
        let preview = |text: &Option<Rc<str>>| text.clone().filter(|_| is_root);
        let (status_code, status_description) = status(&span.status);
        let mut events = Vec::new();
        for event in &span.events {
            events.push((
                names::event_name(&event.kind).into(),
                named(&event.attributes),
            ));
        }
        Self {
            name: span.name.clone(),
            span_id: span.id.text(),
            parent_id: trace.parent_id(span).as_ref().map(SpanId::text),
            trace_id: trace.id().text(),
            span_type: names::span_type(span).into(),
            status_code,
            status_description,
            request_preview: preview(&trace.extras.request_preview),
            response_preview: preview(&trace.extras.response_preview),
            inputs: Data(span.inputs.clone()),
            outputs: Data(span.outputs.clone()),
            attributes: named(&span.attributes),
            events,
        }
    }
}

/// A time as a BigInt of nanoseconds since 1970, which do not fit a number.
struct Nanos(UnixNanos);

impl Serialize for Nanos {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u128(u128::from(self.0.0))
    }
}

/// Texts by key. Of a key that comes twice the later text counts.
struct Texts(Vec<(Rc<str>, Rc<str>)>);

impl Serialize for Texts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, text) in &self.0 {
            map.serialize_entry(key, text)?;
        }
        map.end()
    }
}

/// Values by key. Of a key that comes twice the later value counts.
struct Attributes(Vec<(String, Data)>);

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// A value as data: JSON text is parsed by the engine.
struct Data(Value);

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = match &self.0 {
            Value::Null => JsValue::NULL,
            Value::Bool(value) => (*value).into(),
            // Captured from JavaScript numbers, so nothing is lost on the way back.
            Value::Int(number) => (*number as f64).into(),
            Value::Double(number) => (*number).into(),
            Value::Text(text) => (**text).into(),
            Value::Json(json) => {
                let text = json.text();
                js_sys::JSON::parse(&text).unwrap_or_else(|_| text.into())
            }
        };
        preserve::serialize(&value, serializer)
    }
}
