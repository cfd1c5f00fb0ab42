//! What the core shows: counts, notices, experiments and traces, as JSON.

use std::rc::Rc;

use super::host::HostEntropy;
use super::shown::Shown;
use crate::mlflow::{ExperimentState, names};
use crate::recorder::{Notice, Stats, TraceView};
use crate::trace::value::write_int;
use crate::trace::{Attribute, Entropy, Span, SpanId, Status, Trace, Value};

/// `{ state, id, name, code, message }`; what does not apply is missing.
pub fn experiment(state: &ExperimentState) -> Shown {
    let mut shown = Shown::default();
    shown.open('{');
    shown.text(
        "state",
        match state {
            ExperimentState::Unset => "unset",
            ExperimentState::Waiting => "waiting",
            ExperimentState::Ready { .. } => "ready",
            ExperimentState::Failed { .. } => "failed",
        },
    );
    match state {
        ExperimentState::Ready { id, name } => {
            shown.text("id", id);
            shown.text("name", name);
        }
        ExperimentState::Failed { code, message } => said(&mut shown, code, message),
        ExperimentState::Unset | ExperimentState::Waiting => {}
    }
    shown.close('}');
    shown
}

fn said(shown: &mut Shown, code: &str, message: &str) {
    shown.text("code", code);
    shown.text("message", message);
}

fn notice(shown: &mut Shown, notice: &Notice) {
    shown.open('{');
    said(shown, notice.code, &notice.message);
    shown.close('}');
}

/// `{ code, message }[]`.
pub fn notices(notices: &[Notice]) -> Shown {
    let mut shown = Shown::default();
    shown.open('[');
    for one in notices {
        notice(&mut shown, one);
    }
    shown.close(']');
    shown
}

/// `number[]`.
pub fn numbers(numbers: impl Iterator<Item = u32>) -> Shown {
    let mut shown = Shown::default();
    shown.open('[');
    for number in numbers {
        shown.number(u64::from(number));
    }
    shown.close(']');
    shown
}

/// `CoreStats` of src/js/bridge/border.ts.
pub fn stats(stats: &Stats) -> Shown {
    let errors = &stats.fact_errors;
    let dropped = &stats.dropped;
    let fact_errors =
        errors.unknown_span + errors.span_ended + errors.wrong_kind + errors.keys_exhausted;
    let mut shown = Shown::default();
    shown.open('{');
    for (name, count) in [
        ("started", stats.started),
        ("delivered", stats.delivered),
        ("buffered", stats.buffered),
        ("open", stats.open),
        ("timedOut", stats.timed_out),
        ("restored", stats.restored),
        ("traces", stats.traces),
        ("requests", stats.requests),
        ("retries", stats.retries),
        ("orphans", stats.orphans),
        ("factErrors", fact_errors),
    ] {
        shown.count(name, count);
    }
    shown.name("dropped");
    shown.open('{');
    for (name, count) in [
        ("bufferFull", dropped.buffer_full),
        ("openFull", dropped.open_full),
        ("refused", dropped.refused),
        ("tooLarge", dropped.too_large),
        ("retriesExhausted", dropped.retries_exhausted),
        ("unreadable", dropped.unreadable),
        ("shutdown", dropped.shutdown),
    ] {
        shown.count(name, count);
    }
    shown.close('}');
    if let Some(error) = &stats.last_error {
        shown.name("lastError");
        notice(&mut shown, error);
    }
    shown.close('}');
    shown
}

/// `HeldTrace` of src/js/reading/from-memory.ts.
pub fn trace(view: &TraceView<'_>, experiment: &ExperimentState) -> Shown {
    let experiment_id = match experiment {
        ExperimentState::Unset => names::DEFAULT_EXPERIMENT_ID,
        ExperimentState::Ready { id, .. } => id,
        ExperimentState::Waiting | ExperimentState::Failed { .. } => "",
    };
    let extras = view.extras();
    let mut shown = Shown::default();
    shown.open('{');
    shown.text("traceId", &view.id().text());
    shown.text("experimentId", experiment_id);
    shown.text("state", view.state().name());
    shown.name("isPart");
    shown.json(truth(view.is_part()));
    shown.text_if_any("clientRequestId", extras.client_request_id.as_deref());
    shown.text_if_any("requestPreview", extras.request_preview.as_deref());
    shown.text_if_any("responsePreview", extras.response_preview.as_deref());
    texts(&mut shown, "tags", &extras.tags);
    texts(&mut shown, "metadata", &view.metadata());
    shown.name("spans");
    shown.open('[');
    for span in view.spans() {
        begin_span(&mut shown, span, view.parent_id(span), view.hides(span));
        for (key, said) in view.attributes(span) {
            attribute(&mut shown, key, &said);
        }
        for (key, said) in view.trace_attributes(span) {
            attribute(&mut shown, &key, &said);
        }
        end_span(&mut shown, span, view.hides(span));
    }
    shown.close(']');
    shown.close('}');
    shown
}

fn texts(shown: &mut Shown, name: &str, pairs: &[(Rc<str>, Rc<str>)]) {
    shown.name(name);
    shown.open('{');
    for (key, value) in pairs {
        shown.text(key, value);
    }
    shown.close('}');
}

/// A span by itself, as `src/js/redaction/redaction.ts` reads it: its attributes are the trace's id, its type,
/// the trace's previews, inputs and outputs, and those that the trace view adds nothing to.
pub fn redactable(trace: &Trace, span: &Span) -> Shown {
    let is_root = trace.root().key == span.key;
    let preview = |text: &Option<Rc<str>>| match text {
        Some(text) if is_root => Value::Text(text.clone()),
        _ => Value::Null,
    };
    let mut shown = Shown::default();
    begin_span(&mut shown, span, trace.parent_id(span), false);
    for said in [
        &Value::Text(trace.id().text().into()),
        &names::span_type(span).into(),
        &preview(&trace.extras.request_preview),
        &preview(&trace.extras.response_preview),
        &span.inputs,
        &span.outputs,
    ] {
        attribute(&mut shown, "", said);
    }
    attributes(&mut shown, &span.attributes);
    end_span(&mut shown, span, false);
    shown
}

/// Up to its attributes.
fn begin_span(shown: &mut Shown, span: &Span, parent: Option<SpanId>, hides: bool) {
    let (status, description) = match &span.status {
        Status::Unset => ("UNSET", ""),
        Status::Ok => ("OK", ""),
        Status::Error(description) => ("ERROR", description.as_ref()),
    };
    shown.open('{');
    shown.text("name", &span.name);
    shown.text("spanId", &span.id.text());
    if let Some(parent) = parent {
        shown.text("parentId", &parent.text());
    }
    shown.text("statusCode", status);
    shown.text("statusDescription", if hides { "" } else { description });
    shown.nanos("startTimeNs", span.start.0);
    if let Some(end) = span.end {
        shown.nanos("endTimeNs", end.0);
    }
    shown.name("attributes");
    shown.open('[');
}

fn end_span(shown: &mut Shown, span: &Span, hides: bool) {
    shown.close(']');
    shown.name("events");
    shown.open('[');
    let events = if hides { &[][..] } else { &span.events[..] };
    for event in events {
        shown.open('{');
        shown.text("name", names::event_name(&event.kind));
        shown.nanos("timeNs", event.time.0);
        shown.name("attributes");
        shown.open('[');
        attributes(shown, &event.attributes);
        shown.close(']');
        shown.close('}');
    }
    shown.close(']');
    shown.close('}');
}

fn attributes(shown: &mut Shown, all: &[Attribute]) {
    for one in all {
        attribute(shown, names::attribute_key(&one.key), &one.value);
    }
}

/// `[name, [value, whether it is JSON text]]`.
fn attribute(shown: &mut Shown, key: &str, value: &Value) {
    shown.open('[');
    shown.item(key);
    shown.open('[');
    match value {
        Value::Null => shown.json("null"),
        Value::Bool(value) => shown.json(truth(*value)),
        // Captured from JavaScript numbers, so nothing is lost on the way back.
        Value::Int(number) => {
            let mut digits = String::new();
            write_int(*number, &mut digits);
            shown.json(&digits);
        }
        Value::Double(number) => shown.json(&HostEntropy::decimal(*number)),
        Value::Text(text) => shown.item(text),
        Value::Json(json) => shown.item(&json.text()),
    }
    shown.json(truth(matches!(value, Value::Json(_))));
    shown.close(']');
    shown.close(']');
}

const fn truth(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}
