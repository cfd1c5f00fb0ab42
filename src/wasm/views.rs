//! What JavaScript gets as objects: traces, spans waiting for redaction, experiments, stats, notices, records.
//!
//! All of them are made of one type, [`View`], since each type that derives `Serialize` is code of its own. A view
//! owns what it shows (texts are shared, not copied), so that the core is not borrowed while objects are made of it.

use std::rc::Rc;

use js_sys::{JSON, Uint8Array};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_wasm_bindgen::preserve;
use wasm_bindgen::prelude::*;

use super::host::JsHost;
use crate::export::{Notice, PersistRecord, Stats, TraceView};
use crate::mlflow::{ExperimentState, names};
use crate::trace::limits::{PREVIEW_CHARACTERS, truncate};
use crate::trace::{self, Attribute, EventKind, Host, SpanId, Status, UnixNanos, Value};

const NANOS_PER_MILLI: f64 = 1e6;

/// Something that JavaScript gets.
pub enum View {
    /// Nothing: `undefined`.
    Missing,
    /// A string.
    Text(Rc<str>),
    /// A number.
    Number(f64),
    /// A value of JavaScript as it is.
    Js(JsValue),
    /// An array.
    List(Vec<View>),
    /// An object. Of a key that comes twice the later value counts.
    Object(Vec<(Rc<str>, View)>),
}

impl View {
    /// The view as a JavaScript value.
    #[inline(never)]
    pub fn into_js(self) -> JsValue {
        let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
        self.serialize(&serializer).unwrap_or(JsValue::UNDEFINED)
    }
}

impl Serialize for View {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Missing => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Js(value) => preserve::serialize(value, serializer),
            Self::List(items) => serializer.collect_seq(items),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(None)?;
                for (key, value) in members {
                    map.serialize_entry(&**key, value)?;
                }
                map.end()
            }
        }
    }
}

/// A text, or `undefined`. Not `Option<String>`, which takes a shim of its own in module and glue.
#[inline(never)]
pub fn text_if_any(text: Option<String>) -> JsValue {
    text.map_or(JsValue::UNDEFINED, Into::into)
}

/// The members of an object.
#[derive(Default)]
struct Object(Vec<(Rc<str>, View)>);

// Not inlined, because there are some 60 members.
impl Object {
    #[inline(never)]
    fn set(&mut self, key: &str, value: View) {
        self.0.push((key.into(), value));
    }

    #[inline(never)]
    fn number(&mut self, key: &str, number: f64) {
        self.set(key, View::Number(number));
    }

    #[inline(never)]
    fn text(&mut self, key: &str, text: &str) {
        self.set(key, View::Text(text.into()));
    }

    #[inline(never)]
    fn text_if_any(&mut self, key: &str, text: &Option<Rc<str>>) {
        self.set(key, text.clone().map_or(View::Missing, View::Text));
    }

    #[inline(never)]
    fn data(&mut self, key: &str, value: &Value) {
        self.set(key, data(value));
    }

    fn texts(&mut self, pairs: &[(Rc<str>, Rc<str>)]) {
        for (key, text) in pairs {
            self.text(key, text);
        }
    }

    fn done(self) -> View {
        View::Object(self.0)
    }
}

/// What became of the spans that were waiting when a flush began: those that arrived, those that still wait, those
/// that were lost.
pub fn flush_result(delivered: u64, pending: u64, dropped: u64) -> View {
    counts(&[("delivered", delivered), ("pending", pending), ("dropped", dropped)]).done()
}

#[inline(never)]
fn counts(counts: &[(&str, u64)]) -> Object {
    let mut object = Object::default();
    for (key, count) in counts {
        object.number(key, *count as f64);
    }
    object
}

/// Counts, as `CoreStats` of bridge/core-stats.ts, with the times of the newest error and of the first one in its row.
pub fn stats(stats: &Stats, [error_time, since]: [UnixNanos; 2]) -> View {
    let dropped = &stats.dropped;
    let dropped = counts(&[
        ("bufferFull", dropped.buffer_full),
        ("openFull", dropped.open_full),
        ("refused", dropped.refused),
        ("tooLarge", dropped.too_large),
        ("retriesExhausted", dropped.retries_exhausted),
        ("unreadable", dropped.unreadable),
        ("redacted", dropped.redacted),
        ("shutdown", dropped.shutdown),
    ]);
    let mut object = counts(&[
        ("started", stats.started),
        ("delivered", stats.delivered),
        ("inMemory", stats.in_memory),
        ("buffered", stats.buffered),
        ("open", stats.open),
        ("traces", stats.traces),
        ("timedOut", stats.timed_out),
        ("truncated", stats.truncated),
        ("restored", stats.restored),
        ("requests", stats.requests),
        ("retries", stats.retries),
        ("orphans", stats.orphans),
        ("eventErrors", stats.event_errors.total()),
    ]);
    object.set("dropped", dropped.done());
    let infos = &stats.dropped_infos;
    let infos = counts(&[
        ("bufferFull", infos.buffer_full),
        ("refused", infos.refused),
        ("retriesExhausted", infos.retries_exhausted),
    ]);
    object.set("droppedInfos", infos.done());
    let last_error = stats.last_error.as_ref().map_or(View::Missing, |error| {
        let mut object = notice(&error.notice);
        object.number("timestampMs", error_time.to_millis() as f64);
        object.number("sinceMs", since.to_millis() as f64);
        object.set("isOver", View::Js(error.is_over.into()));
        object.done()
    });
    object.set("lastError", last_error);
    object.done()
}

/// The notices for people.
pub fn notices(notices: &[Notice]) -> View {
    View::List(notices.iter().map(|item| notice(item).done()).collect())
}

fn notice(notice: &Notice) -> Object {
    let mut object = Object::default();
    object.text("code", notice.code);
    object.text("message", &notice.message);
    object
}

/// Records for persistent storage.
pub fn records(records: &[PersistRecord]) -> View {
    let one = |record: &PersistRecord| {
        let mut object = Object::default();
        object.number("id", f64::from(record.id));
        object.number("spans", record.spans as f64);
        object.text("server", &record.server);
        let bytes = Uint8Array::from(&record.bytes[..]);
        object.set("bytes", View::Js(bytes.into()));
        object.done()
    };
    View::List(records.iter().map(one).collect())
}

/// An experiment: `{ state, id, name, code, message }`; what does not apply is missing.
pub fn experiment(experiment: &ExperimentState) -> View {
    let mut object = Object::default();
    let (state, members) = match experiment {
        ExperimentState::Unset => ("unset", None),
        ExperimentState::Waiting => ("waiting", None),
        ExperimentState::Delayed => ("delayed", None),
        ExperimentState::Ready { id, name } => ("ready", Some([("id", &**id), ("name", name)])),
        ExperimentState::Failed { code, message } => ("failed", Some([("code", *code), ("message", message)])),
    };
    object.text("state", state);
    for (key, text) in members.into_iter().flatten() {
        object.text(key, text);
    }
    object.done()
}

/// A trace that memory holds, as the constructors of `Trace`, `TraceInfo` and `Span` take it (src/js/reading/trace.ts).
/// Of a trace with only one span to be shown, nothing is hidden.
pub fn trace(trace: TraceView<'_>, experiment: &ExperimentState, only: &str) -> View {
    let trace = &if only.is_empty() { trace } else { trace.unhidden() };
    let mut info = Object::default();
    let id = trace.id().text();
    info.text("traceId", &id);
    let experiment_id = match experiment {
        ExperimentState::Unset => names::DEFAULT_EXPERIMENT_ID,
        ExperimentState::Ready { id, .. } => id,
        ExperimentState::Waiting | ExperimentState::Delayed | ExperimentState::Failed { .. } => "",
    };
    info.text("experimentId", experiment_id);
    info.text("state", trace.state().name());
    info.number("requestTimeMs", trace.start().as_millis());
    let duration = trace.duration_ns();
    let duration_ms = duration.map(|nanos| View::Number(nanos as f64 / NANOS_PER_MILLI));
    info.set("executionDurationMs", duration_ms.unwrap_or(View::Missing));
    let properties = trace.properties();
    let first = trace.spans().next();
    let attributes = first.map_or_else(Vec::new, |span| trace.attributes(span));
    info.text_if_any("clientRequestId", &properties.client_request_id);
    let mut preview = |name: &str, given: &Option<Rc<str>>, read: Option<Rc<str>>, key: &str| {
        let shortened = || shortened(&attributes.iter().find(|(name, _)| *name == key)?.1);
        info.text_if_any(name, &given.clone().or(read).or_else(shortened));
    };
    let [request, response] = trace.previews();
    preview("requestPreview", &properties.request_preview, request, names::SPAN_INPUTS);
    preview("responsePreview", &properties.response_preview, response, names::SPAN_OUTPUTS);
    let mut tags = Object::default();
    tags.text(names::TRACE_NAME, trace.name());
    tags.texts(&properties.tags);
    info.set("tags", tags.done());
    let mut metadata = Object::default();
    metadata.texts(&trace.metadata());
    info.set("traceMetadata", metadata.done());

    let mut spans = Vec::new();
    for one in trace.spans() {
        if only.is_empty() || *one.id.text() == *only {
            spans.push(span(trace, one, &id));
        }
    }
    let mut object = Object::default();
    let has_remote_root = View::Js(trace.has_remote_root().into());
    object.set("hasRemoteRoot", has_remote_root);
    object.set("info", info.done());
    object.set("spans", View::List(spans));
    object.done()
}

fn span(trace: &TraceView<'_>, span: &trace::Span, trace_id: &str) -> View {
    let mut object = start(span, trace.parent_id(span));
    object.text("traceId", trace_id);
    let hides = trace.hides(span);
    let (code, description) = status(&span.status);
    let mut its_status = Object::default();
    its_status.text("code", code);
    its_status.text("description", if hides { "" } else { description });
    object.set("status", its_status.done());
    object.set("startTimeNs", nanos(span.start));
    object.set("endTimeNs", span.end.map_or(View::Missing, nanos));
    let mut attributes = Object::default();
    for (key, value) in trace.attributes(span) {
        attributes.data(key, &value);
    }
    for (key, value) in trace.trace_attributes(span) {
        attributes.data(&key, &value);
    }
    object.set("attributes", attributes.done());
    let mut events = Vec::new();
    let mut links = Vec::new();
    for event in if hides { &[][..] } else { &span.events[..] } {
        let mut one = Object::default();
        let list = if let EventKind::Link(trace, span) = &event.kind {
            one.text("traceId", &trace.text());
            one.text("spanId", &span.text());
            &mut links
        } else {
            one.text("name", names::event_name(&event.kind));
            one.set("timeNs", nanos(event.time));
            &mut events
        };
        let mut attributes = Object::default();
        for attribute in &event.attributes {
            attributes.data(names::attribute_key(&attribute.key), &attribute.value);
        }
        one.set("attributes", attributes.done());
        list.push(one.done());
    }
    object.set("events", View::List(events));
    object.set("links", View::List(links));
    object.done()
}

/// What all views of a span begin with.
fn start(span: &trace::Span, parent: Option<SpanId>) -> Object {
    let mut object = Object::default();
    object.text("name", &span.name);
    object.text("spanId", &span.id.text());
    let parent = parent.map_or(View::Js(JsValue::NULL), |id| View::Text(id.text().into()));
    object.set("parentId", parent);
    object
}

/// The beginning of a value's text, as the server shows it before the whole is asked for.
fn shortened(value: &Value) -> Option<Rc<str>> {
    let text: Rc<str> = match value {
        Value::Null => return None,
        Value::Bool(value) => (if *value { "true" } else { "false" }).into(),
        Value::Int(number) => JsHost::format_f64(*number as f64).into(),
        Value::Double(number) => JsHost::format_f64(*number).into(),
        Value::Text(text) => text.clone(),
        Value::Json(json) => json.text().into(),
    };
    let short = truncate(&text, PREVIEW_CHARACTERS, "...").map(Into::into);
    Some(short.unwrap_or(text))
}

fn status(status: &Status) -> (&'static str, &str) {
    match status {
        Status::Unset => ("UNSET", ""),
        Status::Ok => ("OK", ""),
        Status::Error(description) => ("ERROR", description),
    }
}

/// A span that waits for redaction, as `PendingSpan` of src/js/redaction/redactable-span.ts: only what can be changed
/// is among the attributes, in the order in which the core numbers them.
pub fn redactable_span(trace: &trace::Trace, span: &trace::Span) -> View {
    let mut object = start(span, trace.parent_id(span));
    object.text("traceId", &trace.id().text());
    object.text("spanType", names::span_type(span));
    let (code, description) = status(&span.status);
    object.text("statusCode", code);
    object.text("statusDescription", description);
    let is_root = trace.root().key == span.key;
    let preview = |text: &Option<Rc<str>>| text.clone().filter(|_| is_root);
    object.text_if_any("requestPreview", &preview(&trace.properties.request_preview));
    object.text_if_any("responsePreview", &preview(&trace.properties.response_preview));
    object.data("inputs", &span.inputs);
    object.data("outputs", &span.outputs);
    object.set("attributes", pairs(&span.attributes));
    let mut events = Vec::new();
    for event in &span.events {
        let name = View::Text(names::event_name(&event.kind).into());
        events.push(View::List(vec![name, pairs(&event.attributes)]));
    }
    object.set("events", View::List(events));
    object.done()
}

fn pairs(attributes: &[Attribute]) -> View {
    let mut pairs = Vec::new();
    for one in attributes {
        let key = View::Text(names::attribute_key(&one.key).into());
        pairs.push(View::List(vec![key, data(&one.value)]));
    }
    View::List(pairs)
}

/// A time as a BigInt of nanoseconds since 1970, which do not fit a number.
#[inline(never)]
fn nanos(time: UnixNanos) -> View {
    View::Js(time.0.into())
}

/// A value as data: JSON text is parsed by the engine.
#[inline(never)]
fn data(value: &Value) -> View {
    match value {
        Value::Null => View::Js(JsValue::NULL),
        Value::Bool(value) => View::Js((*value).into()),
        // Captured from JavaScript numbers, so nothing is lost on the way back.
        Value::Int(number) => View::Number(*number as f64),
        Value::Double(number) => View::Number(*number),
        Value::Text(text) => View::Text(text.clone()),
        Value::Json(json) => {
            let text = json.text();
            View::Js(JSON::parse(&text).unwrap_or_else(|_| text.into()))
        }
    }
}
