//! What the core shows: counts, notices, experiments and traces as plain JavaScript objects. Off the
//! hot path, so convenience is worth its price here.

use std::borrow::Cow;
use std::rc::Rc;

use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use crate::mlflow::{ExperimentState, names};
use crate::recorder::{Notice, Stats, TraceView, Unsaved};
use crate::trace::{Attribute, Event, Span, SpanId, Status, Trace, Value};

/// What is missing is `undefined`; times are BigInt, since nanoseconds since 1970 do not fit a number.
fn plain(value: &impl Serialize) -> JsValue {
    let serializer = Serializer::new().serialize_large_number_types_as_bigints(true);
    value.serialize(&serializer).unwrap_or(JsValue::UNDEFINED)
}

#[derive(Serialize)]
struct ExperimentShown<'a> {
    state: &'static str,
    id: &'a str,
    name: &'a str,
    code: &'a str,
    message: &'a str,
}

/// `{ state, id, name, code, message }`; what does not apply is empty.
pub fn experiment(state: &ExperimentState) -> JsValue {
    let nothing = ExperimentShown {
        state: "unset",
        id: "",
        name: "",
        code: "",
        message: "",
    };
    plain(&match state {
        ExperimentState::Unset => nothing,
        ExperimentState::Waiting => ExperimentShown {
            state: "waiting",
            ..nothing
        },
        ExperimentState::Ready { id, name } => ExperimentShown {
            state: "ready",
            id,
            name,
            ..nothing
        },
        ExperimentState::Failed { code, message } => ExperimentShown {
            state: "failed",
            code,
            message,
            ..nothing
        },
    })
}

#[derive(Serialize)]
struct NoticeShown<'a> {
    code: &'static str,
    message: &'a str,
}

impl<'a> From<&'a Notice> for NoticeShown<'a> {
    fn from(notice: &'a Notice) -> Self {
        Self {
            code: notice.code,
            message: &notice.message,
        }
    }
}

/// `{ code, message }[]`.
pub fn notices(notices: &[Notice]) -> JsValue {
    plain(&notices.iter().map(NoticeShown::from).collect::<Vec<_>>())
}

/// Counts are shown as numbers: none will ever reach 2^53.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatsShown<'a> {
    started: f64,
    delivered: f64,
    buffered: f64,
    open: f64,
    dropped: DroppedShown,
    timed_out: f64,
    restored: f64,
    traces: f64,
    requests: f64,
    retries: f64,
    orphans: f64,
    fact_errors: f64,
    last_error: Option<NoticeShown<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DroppedShown {
    buffer_full: f64,
    open_full: f64,
    refused: f64,
    too_large: f64,
    retries_exhausted: f64,
    unreadable: f64,
    shutdown: f64,
}

/// `Stats` of src/js/border.ts.
pub fn stats(stats: &Stats) -> JsValue {
    let errors = &stats.fact_errors;
    plain(&StatsShown {
        started: stats.started as f64,
        delivered: stats.delivered as f64,
        buffered: stats.buffered as f64,
        open: stats.open as f64,
        dropped: DroppedShown {
            buffer_full: stats.dropped.buffer_full as f64,
            open_full: stats.dropped.open_full as f64,
            refused: stats.dropped.refused as f64,
            too_large: stats.dropped.too_large as f64,
            retries_exhausted: stats.dropped.retries_exhausted as f64,
            unreadable: stats.dropped.unreadable as f64,
            shutdown: stats.dropped.shutdown as f64,
        },
        timed_out: stats.timed_out as f64,
        restored: stats.restored as f64,
        traces: stats.traces as f64,
        requests: stats.requests as f64,
        retries: stats.retries as f64,
        orphans: stats.orphans as f64,
        fact_errors: (errors.unknown_span
            + errors.span_ended
            + errors.wrong_kind
            + errors.keys_exhausted) as f64,
        last_error: stats.last_error.as_ref().map(NoticeShown::from),
    })
}

/// `{ number, spans, bytes }`.
pub fn unsaved(unsaved: &Unsaved) -> JsValue {
    let shown = js_sys::Object::new();
    for (key, value) in [
        ("number", unsaved.number.into()),
        ("spans", (unsaved.spans as f64).into()),
        (
            "bytes",
            js_sys::Uint8Array::from(unsaved.bytes.as_slice()).into(),
        ),
    ] {
        // Only a frozen object would refuse.
        let _ = js_sys::Reflect::set(&shown, &JsValue::from_str(key), &value);
    }
    shown.into()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TraceShown<'a> {
    trace_id: String,
    experiment_id: String,
    state: &'static str,
    is_part: bool,
    client_request_id: Option<&'a str>,
    request_preview: Option<&'a str>,
    response_preview: Option<&'a str>,
    tags: Vec<(&'a str, &'a str)>,
    metadata: Vec<(&'a str, &'a str)>,
    spans: Vec<SpanShown<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SpanShown<'a> {
    name: String,
    span_id: String,
    parent_id: Option<String>,
    status_code: &'static str,
    status_description: String,
    start_time_ns: u64,
    end_time_ns: Option<u64>,
    attributes: Vec<(Cow<'a, str>, ValueShown)>,
    events: Vec<EventShown<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventShown<'a> {
    name: &'a str,
    time_ns: u64,
    attributes: Vec<(&'a str, ValueShown)>,
}

/// A value, and whether it is JSON text.
#[derive(Serialize)]
struct ValueShown(ScalarShown, bool);

#[derive(Serialize)]
#[serde(untagged)]
enum ScalarShown {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
}

impl From<Value> for ValueShown {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self(ScalarShown::Null, false),
            Value::Bool(value) => Self(ScalarShown::Bool(value), false),
            // Captured from JavaScript numbers, so nothing is lost on the way back.
            Value::Int(number) => Self(ScalarShown::Number(number as f64), false),
            Value::Double(number) => Self(ScalarShown::Number(number), false),
            Value::Text(text) => Self(ScalarShown::Text(text.as_ref().to_owned()), false),
            Value::Json(json) => Self(ScalarShown::Text(json.to_string()), true),
        }
    }
}

/// `HeldTrace` of src/js/trace/from-memory.ts.
pub fn trace(view: &TraceView<'_>, experiment: &ExperimentState) -> JsValue {
    let experiment_id = match experiment {
        ExperimentState::Unset => names::DEFAULT_EXPERIMENT_ID,
        ExperimentState::Ready { id, .. } => id,
        ExperimentState::Waiting | ExperimentState::Failed { .. } => "",
    };
    let extras = view.extras();
    let metadata = view.metadata();
    plain(&TraceShown {
        trace_id: view.id().to_string(),
        experiment_id: experiment_id.to_owned(),
        state: view.state().name(),
        is_part: view.is_part(),
        client_request_id: extras.client_request_id.as_deref(),
        request_preview: extras.request_preview.as_deref(),
        response_preview: extras.response_preview.as_deref(),
        tags: texts(&extras.tags),
        metadata: texts(&metadata),
        spans: view.spans().map(|span| span_shown(view, span)).collect(),
    })
}

fn texts(pairs: &[(Rc<str>, Rc<str>)]) -> Vec<(&str, &str)> {
    let pairs = pairs.iter();
    pairs.map(|(key, value)| (&**key, &**value)).collect()
}

/// A span by itself, as `src/js/redaction.ts` reads it: its attributes are the trace's id, its type,
/// the trace's previews, inputs and outputs, and those that the trace view adds nothing to.
pub fn redactable(trace: &Trace, span: &Span) -> JsValue {
    let is_root = trace.root().key == span.key;
    let preview = |text: &Option<Rc<str>>| match text {
        Some(text) if is_root => Value::Text(text.clone()),
        _ => Value::Null,
    };
    let first = [
        Value::Text(trace.id().to_string().into()),
        names::span_type(span).into(),
        preview(&trace.extras.request_preview),
        preview(&trace.extras.response_preview),
        span.inputs.clone(),
        span.outputs.clone(),
    ];
    let rest = span.attributes.iter();
    let rest = rest.map(|said| (names::attribute_key(&said.key), said.value.clone()));
    let all = first.into_iter().map(|value| ("", value)).chain(rest);
    let attributes = all.map(|(key, value)| (Cow::Borrowed(key), value.into()));
    plain(&span_with(
        span,
        trace.parent_id(span),
        attributes.collect(),
    ))
}

fn span_shown<'a>(view: &TraceView<'a>, span: &'a Span) -> SpanShown<'a> {
    let attributes = view
        .attributes(span)
        .into_iter()
        .map(|(key, value)| (Cow::Borrowed(key), value))
        .chain(view.trace_attributes(span))
        .map(|(key, value)| (key, value.into()))
        .collect();
    let mut shown = span_with(span, view.parent_id(span), attributes);
    if view.hides(span) {
        shown.status_description.clear();
        shown.events.clear();
    }
    shown
}

fn span_with<'a>(
    span: &'a Span,
    parent: Option<SpanId>,
    attributes: Vec<(Cow<'a, str>, ValueShown)>,
) -> SpanShown<'a> {
    let (status_code, status_description) = match &span.status {
        Status::Unset => ("UNSET", ""),
        Status::Ok => ("OK", ""),
        Status::Error(description) => ("ERROR", description.as_ref()),
    };
    SpanShown {
        name: span.name.as_ref().to_owned(),
        span_id: span.id.to_string(),
        parent_id: parent.map(|id| id.to_string()),
        status_code,
        status_description: status_description.to_owned(),
        start_time_ns: span.start.0,
        end_time_ns: span.end.map(|end| end.0),
        attributes,
        events: span.events.iter().map(event_shown).collect(),
    }
}

fn event_shown(event: &Event) -> EventShown<'_> {
    let shown = |attribute: &'_ Attribute| attribute.value.clone().into();
    EventShown {
        name: names::event_name(&event.kind),
        time_ns: event.time.0,
        attributes: event
            .attributes
            .iter()
            .map(|attribute| (names::attribute_key(&attribute.key), shown(attribute)))
            .collect(),
    }
}
