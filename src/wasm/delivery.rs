//! The part of the door for delivery: limits, requests, and what is kept elsewhere meanwhile.

use std::mem::take;

use wasm_bindgen::prelude::*;

use super::shown::Shown;
use super::sole::enter;
use super::tracer::Tracer;
use super::view;
use crate::mlflow::otlp_answer::partial_success;
use crate::mlflow::{Answer, Request, RequestId};
use crate::recorder::Limits;
use crate::trace::UnixNanos;

// What `settle` is told (src/js/export/exchange.ts).
const PAGE: u32 = 1;
const BLOCKED: u32 = 2;
const WORKSPACES_TOLD: u32 = 4;
const WORKSPACES: u32 = 8;

/// Changes the limits of delivery (`Limits` of src/js/config/options/limits.ts): spans, bytes and
/// milliseconds. What is not a number stays as it is.
#[wasm_bindgen(js_name = setLimits)]
#[allow(
    clippy::too_many_arguments,
    reason = "one crossing with seven numbers is cheaper than an object"
)]
pub fn set_limits(
    buffer_spans: f64,
    buffer_bytes: f64,
    batch_spans: f64,
    batch_bytes: f64,
    batch_delay_ms: f64,
    live_delay_ms: f64,
    trace_timeout_ms: f64,
) {
    let tracer = &mut *enter();
    let recorder = &mut tracer.recorder;
    let old = *recorder.limits();
    // Casts stop at the ends of the range.
    let count = |number: f64, old: usize| {
        if number.is_nan() {
            old
        } else {
            number as usize
        }
    };
    let millis = |number: f64, old: u64| if number.is_nan() { old } else { number as u64 };
    recorder.set_limits(Limits {
        buffer_spans: count(buffer_spans, old.buffer_spans),
        buffer_bytes: count(buffer_bytes, old.buffer_bytes),
        batch_spans: count(batch_spans, old.batch_spans),
        batch_bytes: count(batch_bytes, old.batch_bytes),
        batch_delay_ms: millis(batch_delay_ms, old.batch_delay_ms),
        live_delay_ms: millis(live_delay_ms, old.live_delay_ms),
        trace_timeout_ms: millis(trace_timeout_ms, old.trace_timeout_ms),
    });
}

/// Tries again what had stopped: headers, credentials or the like have changed.
#[wasm_bindgen(js_name = configurationChanged)]
pub fn configuration_changed() {
    enter().recorder.configuration_changed();
}

/// The next request, if one is due, as `closingRequests` gives them.
#[wasm_bindgen(js_name = nextRequest)]
pub fn next_request(now_ms: f64) -> usize {
    let tracer = &mut *enter();
    let now = UnixNanos::from_millis(now_ms);
    let request = tracer.recorder.next_request(now);
    tracer.hand_out(request.into_iter().collect())
}

/// The requests of a page that is about to go, with at most `quota_bytes` of bodies together: what
/// matters most comes first, the rest goes on waiting. Answers with the length of
/// `{ id, method, url, headers, bytes }[]`, behind which lie the bodies, each of so many bytes; 0: none.
#[wasm_bindgen(js_name = closingRequests)]
pub fn closing_requests(quota_bytes: f64, now_ms: f64) -> usize {
    let tracer = &mut *enter();
    let now = UnixNanos::from_millis(now_ms);
    let requests = tracer.recorder.closing_requests(quota_bytes as usize, now);
    tracer.hand_out(requests)
}

/// The text in the scratch area is what the answer to be settled says under that number (`FIELDS` of
/// src/js/export/exchange.ts).
#[wasm_bindgen(js_name = answerField)]
pub fn answer_field(which: usize, length: usize) {
    let tracer = &mut *enter();
    let text = tracer.scratch.text(0, length).as_ref().to_owned();
    let body = &mut tracer.answer;
    let mut places = [
        &mut body.experiment_id,
        &mut body.experiment_name,
        &mut body.lifecycle_stage,
        &mut body.error_code,
        &mut body.message,
        &mut body.artifact_location,
        &mut body.store_type,
        &mut body.version,
    ];
    if let Some(place) = places.get_mut(which) {
        **place = Some(text);
    }
}

/// The bytes in the scratch area are the answer to be settled, in protobuf.
#[wasm_bindgen(js_name = answerProtobuf)]
pub fn answer_protobuf(length: usize) {
    let tracer = &mut *enter();
    tracer.answer = partial_success(tracer.scratch.bytes(length));
}

/// The answer to a request has come; what is in its body has been said before. `retry_after_ms` is NaN
/// if it was not told; `flags` are those of src/js/export/exchange.ts.
#[wasm_bindgen]
pub fn settle(
    id: u32,
    status: u32,
    retry_after_ms: f64,
    flags: u32,
    rejected_spans: f64,
    now_ms: f64,
) {
    let tracer = &mut *enter();
    let mut body = take(&mut tracer.answer);
    if rejected_spans > 0.0 {
        body.rejected_spans = rejected_spans as u64;
    }
    if flags & WORKSPACES_TOLD != 0 {
        body.workspaces_enabled = Some(flags & WORKSPACES != 0);
    }
    let answer = Answer {
        status: status as u16,
        retry_after_ms: (!retry_after_ms.is_nan()).then_some(retry_after_ms as u64),
        is_page: flags & PAGE != 0,
        may_be_blocked: flags & BLOCKED != 0,
        body,
    };
    let now = UnixNanos::from_millis(now_ms);
    tracer.recorder.settle(RequestId(id), answer, now);
}

/// When there will be something to do, in milliseconds since 1970; infinity: never.
#[wasm_bindgen(js_name = nextDueMs)]
pub fn next_due_ms() -> f64 {
    let tracer = &mut *enter();
    millis(tracer.recorder.next_due())
}

/// When there will be something to send of what was handed over already, in milliseconds since
/// 1970; infinity: never.
#[wasm_bindgen(js_name = requestDueMs)]
pub fn request_due_ms() -> f64 {
    let tracer = &mut *enter();
    millis(tracer.recorder.request_due())
}

/// Makes everything that waits due at once.
#[wasm_bindgen(js_name = flushNow)]
pub fn flush_now() {
    enter().recorder.flush_now();
}

/// What is under way outlives the page: `closingRequests` need not send it again.
#[wasm_bindgen(js_name = trustFlights)]
pub fn trust_flights() {
    enter().recorder.trust_flights();
}

/// Queues again what is under way: whoever would have taken in its answers is gone.
#[wasm_bindgen(js_name = abandonFlights)]
pub fn abandon_flights() {
    enter().recorder.abandon_flights();
}

/// Drops everything that has not arrived.
#[wasm_bindgen(js_name = shutDown)]
pub fn shut_down(now_ms: f64) {
    let tracer = &mut *enter();
    let now = UnixNanos::from_millis(now_ms);
    tracer.recorder.shut_down(now);
}

/// How many finished spans have not arrived.
#[wasm_bindgen]
pub fn buffered() -> f64 {
    enter().recorder.stats().buffered as f64
}

/// What waits or is under way and was not given out before, about half a megabyte of it: the length of `{ number, spans, bytes }[]`,
/// behind which lie the bytes themselves; 0: none.
#[wasm_bindgen]
pub fn unsaved() -> usize {
    let tracer = &mut *enter();
    let unsaved = tracer.recorder.unsaved();
    let mut shown = Shown::default();
    shown.open('[');
    for one in &unsaved {
        shown.open('{');
        shown.count("number", u64::from(one.number));
        shown.count("spans", one.spans as u64);
        shown.count("bytes", one.bytes.len() as u64);
        shown.close('}');
    }
    shown.close(']');
    tracer.say_with(shown, unsaved.into_iter().map(|one| one.bytes).collect())
}

/// The numbers of what was given out by `unsaved` and need not be kept any longer; each once.
#[wasm_bindgen(js_name = takeSettled)]
pub fn take_settled() -> usize {
    let tracer = &mut *enter();
    let settled = tracer.recorder.take_settled();
    tracer.say(view::numbers(settled.into_iter()))
}

/// Queues what an earlier life of the program got from `unsaved`; false if it cannot be read.
#[wasm_bindgen]
pub fn restore(length: usize) -> bool {
    let tracer = &mut *enter();
    tracer.recorder.restore(tracer.scratch.bytes(length))
}

impl Tracer {
    fn hand_out(&mut self, requests: Vec<Request>) -> usize {
        let mut shown = Shown::default();
        shown.open('[');
        for request in &requests {
            shown.open('{');
            shown.count("id", u64::from(request.id.0));
            shown.text("method", request.method);
            shown.text("url", &request.url);
            shown.count("bytes", request.body.len() as u64);
            shown.name("headers");
            shown.open('{');
            for (name, value) in &request.headers {
                shown.text(name, value);
            }
            shown.close('}');
            shown.close('}');
        }
        shown.close(']');
        let bodies = requests.into_iter().map(|request| request.body).collect();
        self.say_with(shown, bodies)
    }

    /// Answers with a list and the bytes that belong to its items; 0 if there are none.
    fn say_with(&mut self, list: Shown, bytes: Vec<Vec<u8>>) -> usize {
        if bytes.is_empty() {
            return 0;
        }
        let length = self.say(list);
        for bytes in bytes {
            self.said.extend_from_slice(&bytes);
        }
        length
    }
}

fn millis(due: Option<UnixNanos>) -> f64 {
    due.map_or(f64::INFINITY, UnixNanos::as_millis)
}
