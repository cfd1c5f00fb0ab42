//! The part of the door for what may leave the program: spans go out to be looked at, and come back
//! with other values. Off the hot path: only with a `redact` of the program's own.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::sole::enter;
use super::tracer::Tracer;
use super::view;
use crate::trace::{
    AttributeKey, EventKind, Exposure, Place, Span, SpanKey, Status, UnixNanos, span::set_attribute,
};

// Which text `redactText` is about; the numbers behind them are events.
const NAME: usize = 0;
const STATUS: usize = 1;
const REQUEST_PREVIEW: usize = 2;
const RESPONSE_PREVIEW: usize = 3;
const EVENTS: usize = 4;

/// Whether inputs and outputs are recorded, and whether spans are held back until `redacted` has
/// been said of them.
#[wasm_bindgen(js_name = setExposure)]
pub fn set_exposure(inputs: bool, outputs: bool, only_redacted: bool, now_ms: f64) {
    let tracer = &mut *enter();
    let exposure = Exposure {
        inputs,
        outputs,
        only_redacted,
    };
    let recorder = &mut tracer.recorder;
    recorder.set_exposure(exposure, UnixNanos::from_millis(now_ms));
}

/// The keys of the spans that are held back and done.
#[wasm_bindgen]
pub fn unredacted() -> usize {
    let tracer = &mut *enter();
    let keys = tracer.recorder.unredacted();
    if keys.is_empty() {
        return 0;
    }
    tracer.say(view::numbers(keys.into_iter().map(SpanKey::number)))
}

/// One of them, in the shape of the spans of `trace`. Its attributes are the trace's id, the span's
/// type, the trace's previews if it is the root, inputs, outputs, and then those that can be changed.
#[wasm_bindgen(js_name = toBeRedacted)]
pub fn show_unredacted(span: u32) -> usize {
    let tracer = &mut *enter();
    let found = SpanKey::new(span).and_then(|key| tracer.recorder.to_be_redacted(key));
    let Some((trace, span)) = found else {
        return 0;
    };
    let shown = view::redactable(trace, span);
    tracer.say(shown)
}

/// Puts another value in a place of a span that is held back: with `event` 0 its inputs (`index`
/// 0), outputs (1) and attributes (from 2 on), else attributes of that event, events counted from 1.
#[wasm_bindgen(js_name = redactValue)]
#[allow(
    clippy::too_many_arguments,
    reason = "one crossing with six numbers is cheaper than an object"
)]
pub fn redact_value(span: u32, event: usize, index: usize, tag: u32, number: f64, length: usize) {
    let tracer = &mut *enter();
    let value = tracer.scratch.value(tag, number, length);
    let place = match (event.checked_sub(1), index) {
        (Some(event), index) => Place::EventAttribute(event, index),
        (None, 0) => Place::Inputs,
        (None, 1) => Place::Outputs,
        (None, index) => Place::Attribute(index - 2),
    };
    tracer.redact(span, |span| span.replace(place, value));
}

/// Gives a span that is held back an attribute that it did not have.
#[wasm_bindgen(js_name = redactAttribute)]
pub fn redact_attribute(span: u32, key: u32, tag: u32, number: f64, length: usize) {
    let tracer = &mut *enter();
    let key = AttributeKey::Named(tracer.scratch.name_or_empty(key));
    let value = tracer.scratch.value(tag, number, length);
    tracer.redact(span, |span| set_attribute(&mut span.attributes, key, value));
}

/// Gives a span that is held back another name (0), status message (1), preview of the trace's request
/// (2) or response (3), or name of an event (from 4 on).
#[wasm_bindgen(js_name = redactText)]
pub fn redact_text(span: u32, which: usize, length: usize) {
    let tracer = &mut *enter();
    let text = tracer.scratch.text(0, length);
    if matches!(which, REQUEST_PREVIEW | RESPONSE_PREVIEW) {
        return tracer.preview(span, which, Some(text));
    }
    tracer.redact(span, |span| match which {
        NAME => span.name = text,
        STATUS => {
            if let Status::Error(message) = &mut span.status {
                *message = text;
            }
        }
        event => {
            if let Some(event) = span.events.get_mut(event - EVENTS)
                && let EventKind::Named(name) = &mut event.kind
            {
                *name = text;
            }
        }
    });
}

/// A span that was held back may leave: as it is now, or, if the redaction failed, without what it says.
#[wasm_bindgen]
pub fn redacted(span: u32, failed: bool) {
    let tracer = &mut *enter();
    if failed {
        tracer.preview(span, REQUEST_PREVIEW, None);
        tracer.preview(span, RESPONSE_PREVIEW, None);
    }
    tracer.redact(span, |span| {
        if failed {
            span.withhold();
        }
        span.is_redacted = true;
    });
}

/// Lets go what may leave by now.
#[wasm_bindgen(js_name = releaseRedacted)]
pub fn release_redacted(now_ms: f64) {
    let tracer = &mut *enter();
    let recorder = &mut tracer.recorder;
    recorder.release(UnixNanos::from_millis(now_ms));
}

impl Tracer {
    fn preview(&mut self, span: u32, which: usize, text: Option<Rc<str>>) {
        let recorder = &mut self.recorder;
        let extras = SpanKey::new(span).and_then(|key| recorder.redact_extras(key));
        if let Some(extras) = extras {
            match which {
                REQUEST_PREVIEW => extras.request_preview = text,
                _ => extras.response_preview = text,
            }
        }
    }

    fn redact(&mut self, span: u32, change: impl FnOnce(&mut Span)) {
        let recorder = &mut self.recorder;
        if let Some(span) = SpanKey::new(span).and_then(|key| recorder.redact(key)) {
            change(span);
        }
    }
}
