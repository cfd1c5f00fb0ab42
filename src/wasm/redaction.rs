//! Redaction: spans go out to be looked at, and come back with other values. Off the hot path, since only
//! programs with a `redact` of their own need it.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::exporter;
use super::instance::lock;
use super::numbers::redactable_texts::{FIRST_EVENT, NAME, REQUEST_PREVIEW, RESPONSE_PREVIEW, STATUS_DESCRIPTION};
use super::tracer::State;
use super::views::{self, View};
use crate::trace::{
    AttributeKey, CapturePolicy, EventKind, MonotonicNanos, Span, SpanKey, Status, ValuePath, span::set_attribute,
};

/// Sets whether inputs and outputs are recorded, and whether spans are held back until `redacted` is called for
/// them.
#[wasm_bindgen(js_name = setCapturePolicy)]
pub fn set_capture_policy(inputs: bool, outputs: bool, only_redacted: bool, now_ms: f64) {
    let mut state = lock();
    let capture_policy = CapturePolicy { inputs, outputs, only_redacted };
    let tracer = &mut state.tracer;
    tracer.set_capture_policy(capture_policy, MonotonicNanos::from_millis(now_ms));
}

/// The keys of the spans that have ended and wait for redaction.
#[wasm_bindgen]
pub fn unredacted() -> JsValue {
    let keys = lock().tracer.unredacted();
    let keys = keys.into_iter().map(|key| View::Number(key.number().into()));
    View::List(keys.collect()).into_js()
}

/// One of them, as `PendingSpan` of src/js/redaction/redactable-span.ts; `undefined` if it does not wait any more.
#[wasm_bindgen(js_name = toBeRedacted)]
pub fn to_be_redacted(span: u32) -> JsValue {
    let state = lock();
    let found = SpanKey::new(span).and_then(|key| state.tracer.to_be_redacted(key));
    let Some((trace, span)) = found else {
        return JsValue::UNDEFINED;
    };
    let view = views::redactable_span(trace, span);
    drop(state);
    view.into_js()
}

/// Puts another value in a place of a span that is held back: with `event` 0 its inputs (`index`
/// 0), outputs (1) and attributes (from 2 on), else attributes of that event, events counted from 1.
#[wasm_bindgen(js_name = redactValue)]
#[allow(clippy::too_many_arguments, reason = "one crossing with six numbers is cheaper than an object")]
pub fn redact_value(span: u32, event: usize, index: usize, tag: u32, number: f64, length: usize) {
    let mut state = lock();
    let value = state.scratch.value(tag, number, length);
    let path = match (event.checked_sub(1), index) {
        (Some(event), index) => ValuePath::EventAttribute(event, index),
        (None, 0) => ValuePath::Inputs,
        (None, 1) => ValuePath::Outputs,
        (None, index) => ValuePath::Attribute(index - 2),
    };
    state.redact(span, |span| span.replace(path, value));
}

/// Gives a span that is held back an attribute that it did not have.
#[wasm_bindgen(js_name = redactAttribute)]
pub fn redact_attribute(span: u32, key: u32, tag: u32, number: f64, length: usize) {
    let mut state = lock();
    let key = AttributeKey::Named(state.scratch.name_or_empty(key));
    let value = state.scratch.value(tag, number, length);
    state.redact(span, |span| set_attribute(&mut span.attributes, key, value));
}

/// Gives a span that is held back another name (0), status message (1), preview of the trace's request
/// (2) or response (3), or name of an event (from 4 on).
#[wasm_bindgen(js_name = redactText)]
pub fn redact_text(span: u32, which: u32, length: usize) {
    let mut state = lock();
    let text = state.scratch.text(0, length);
    if matches!(which, REQUEST_PREVIEW | RESPONSE_PREVIEW) {
        return state.preview(span, which, Some(text));
    }
    state.redact(span, |span| match which {
        NAME => span.name = text,
        STATUS_DESCRIPTION => {
            if let Status::Error(message) = &mut span.status {
                *message = text;
            }
        }
        event => {
            if let Some(event) = span.events.get_mut((event - FIRST_EVENT) as usize)
                && let EventKind::Named(name) = &mut event.kind
            {
                *name = text;
            }
        }
    });
}

/// Marks a span as redacted. If the redaction failed, the user's data are removed from it.
#[wasm_bindgen]
pub fn redacted(span: u32, failed: bool) {
    let mut state = lock();
    if failed {
        state.preview(span, REQUEST_PREVIEW, None);
        state.preview(span, RESPONSE_PREVIEW, None);
    }
    state.redact(span, |span| {
        if failed {
            span.strip_user_data();
        }
        span.is_redacted = true;
    });
}

/// Drops a span that is held back: it is never exported or shown.
#[wasm_bindgen(js_name = dropRedacted)]
pub fn drop_redacted(span: u32) {
    if let Some(key) = SpanKey::new(span) {
        lock().tracer.drop_redacted(key);
    }
}

/// Lets go what may leave by now.
#[wasm_bindgen(js_name = releaseRedacted)]
pub fn release_redacted(now_ms: f64) {
    let mut state = lock();
    state.tracer.release(MonotonicNanos::from_millis(now_ms));
    exporter::schedule(state, now_ms);
}

impl State {
    fn preview(&mut self, span: u32, which: u32, text: Option<Rc<str>>) {
        let tracer = &mut self.tracer;
        let properties = SpanKey::new(span).and_then(|key| tracer.redact_properties(key));
        if let Some(properties) = properties {
            match which {
                REQUEST_PREVIEW => properties.request_preview = text,
                _ => properties.response_preview = text,
            }
        }
    }

    fn redact(&mut self, span: u32, change: impl FnOnce(&mut Span)) {
        let tracer = &mut self.tracer;
        if let Some(span) = SpanKey::new(span).and_then(|key| tracer.redact(key)) {
            change(span);
        }
    }
}
