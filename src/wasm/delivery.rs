//! The part of the door for delivery: limits, requests, and what is kept elsewhere meanwhile.

use std::rc::Rc;

use js_sys::{Array, Function, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::fetch::{answer, begin};
use super::host;
use super::tracer::Tracer;
use super::view;
use crate::mlflow::Request;
use crate::recorder::Limits;
use crate::trace::UnixNanos;

#[wasm_bindgen]
impl Tracer {
    /// Changes the limits of delivery (`Limits` of src/js/options/limits.ts): spans, bytes and
    /// milliseconds. What is not a number stays as it is.
    #[wasm_bindgen(js_name = setLimits)]
    #[allow(
        clippy::too_many_arguments,
        reason = "one crossing with seven numbers is cheaper than an object"
    )]
    pub fn set_limits(
        &self,
        buffer_spans: f64,
        buffer_bytes: f64,
        batch_spans: f64,
        batch_bytes: f64,
        batch_delay_ms: f64,
        live_delay_ms: f64,
        trace_timeout_ms: f64,
    ) {
        let mut recorder = self.recorder.borrow_mut();
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
    pub fn configuration_changed(&self) {
        self.recorder.borrow_mut().configuration_changed();
    }

    /// Performs the next request with `send(url, init)`, if one is due. The promise resolves when its
    /// answer has been taken in; it never rejects.
    #[wasm_bindgen(js_name = sendNext, unchecked_return_type = "Promise<void> | undefined")]
    pub fn send_next(
        &self,
        #[wasm_bindgen(
            unchecked_param_type = "(url: string, init: RequestInit) => Promise<Response>"
        )]
        send: Function,
        now_ms: f64,
    ) -> Option<Promise> {
        let now = UnixNanos::from_millis(now_ms);
        let request = self.recorder.borrow_mut().next_request(now)?;
        Some(self.perform(request, &send))
    }

    /// Performs the requests of a page that is about to go, with at most `quota_bytes` of bodies
    /// together: what matters most comes first, the rest goes on waiting. Calls `send(url, init)` for
    /// all of them at once. Each promise resolves when its answer has been taken in; none rejects.
    #[wasm_bindgen(js_name = sendClosing, unchecked_return_type = "Promise<void>[]")]
    pub fn send_closing(
        &self,
        #[wasm_bindgen(
            unchecked_param_type = "(url: string, init: RequestInit) => Promise<Response>"
        )]
        send: Function,
        quota_bytes: f64,
        now_ms: f64,
    ) -> Array {
        let now = UnixNanos::from_millis(now_ms);
        let requests = self
            .recorder
            .borrow_mut()
            .closing_requests(quota_bytes as usize, now);
        let promises = Array::new();
        for request in requests {
            promises.push(&self.perform(request, &send));
        }
        promises
    }

    /// When there will be something to do, in milliseconds since 1970.
    #[wasm_bindgen(js_name = nextDueMs)]
    pub fn next_due_ms(&self) -> Option<f64> {
        self.recorder.borrow().next_due().map(UnixNanos::as_millis)
    }

    /// When there will be something to send of what was handed over already, in milliseconds since 1970.
    #[wasm_bindgen(js_name = requestDueMs)]
    pub fn request_due_ms(&self) -> Option<f64> {
        let due = self.recorder.borrow().request_due();
        due.map(UnixNanos::as_millis)
    }

    /// Makes everything that waits due at once.
    #[wasm_bindgen(js_name = flushNow)]
    pub fn flush_now(&self) {
        self.recorder.borrow_mut().flush_now();
    }

    /// What is under way outlives the page: `sendClosing` need not send it again.
    #[wasm_bindgen(js_name = trustFlights)]
    pub fn trust_flights(&self) {
        self.recorder.borrow_mut().trust_flights();
    }

    /// Queues again what is under way: whoever would have taken in its answers is gone.
    #[wasm_bindgen(js_name = abandonFlights)]
    pub fn abandon_flights(&self) {
        self.recorder.borrow_mut().abandon_flights();
    }

    /// Drops everything that has not arrived.
    #[wasm_bindgen(js_name = shutDown)]
    pub fn shut_down(&self, now_ms: f64) {
        let now = UnixNanos::from_millis(now_ms);
        self.recorder.borrow_mut().shut_down(now);
    }

    /// What waits or is under way and was not given out before: `{ number, spans, bytes }[]`.
    #[wasm_bindgen(
        unchecked_return_type = "{ number: number; spans: number; bytes: Uint8Array }[]"
    )]
    pub fn unsaved(&self) -> Array {
        let unsaved = self.recorder.borrow_mut().unsaved();
        let shown = Array::new();
        for unsaved in &unsaved {
            shown.push(&view::unsaved(unsaved));
        }
        shown
    }

    /// The numbers of what was given out by `unsaved` and need not be kept any longer; each once.
    #[wasm_bindgen(js_name = takeSettled)]
    pub fn take_settled(&self) -> Vec<u32> {
        self.recorder.borrow_mut().take_settled()
    }

    /// Queues what an earlier life of the program got from `unsaved`; false if it cannot be read.
    pub fn restore(&self, bytes: &Uint8Array) -> bool {
        self.recorder.borrow_mut().restore(&bytes.to_vec())
    }

    fn perform(&self, request: Request, send: &Function) -> Promise {
        let begun = begin(&request, send);
        let recorder = Rc::clone(&self.recorder);
        future_to_promise(async move {
            let answer = answer(&request.url, begun).await;
            recorder
                .borrow_mut()
                .settle(request.id, answer, host::now());
            Ok(JsValue::UNDEFINED)
        })
    }
}
