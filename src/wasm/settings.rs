//! What the program sets: where traces go, and limits; and what it asks about them.

use std::cell::{Cell, RefCell};

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::exporter;
use super::instance::lock;
use super::timer::{Deferred, settle};
use super::views::{self, View};
use crate::error::ConfigError;
use crate::export::Limits;
use crate::mlflow::{ExperimentRef, ExperimentState};
use crate::trace::{MonotonicNanos, SpanKey, TraceId};

/// Those who wait for an experiment to be found.
#[derive(Default)]
struct Waiting {
    experiment: Option<ExperimentRef>,
    results: Vec<Deferred>,
}

thread_local! {
    static WAITING: Cell<Option<&'static RefCell<Waiting>>> = const { Cell::new(None) };
}

fn waiting() -> &'static RefCell<Waiting> {
    WAITING.get().unwrap_or_else(|| {
        let waiting = &*Box::leak(Box::default());
        WAITING.set(Some(waiting));
        waiting
    })
}

/// Sets the tracking URI; gives what is wrong with it.
#[wasm_bindgen(js_name = setTrackingUri)]
pub fn set_tracking_uri(uri: &str) -> JsValue {
    wrong(lock().tracer.set_tracking_uri(uri))
}

/// Sets an OTLP endpoint in place of a tracking URI; gives what is wrong with it.
#[wasm_bindgen(js_name = setOtlpEndpoint)]
pub fn set_otlp_endpoint(uri: &str) -> JsValue {
    wrong(lock().tracer.set_otlp_endpoint(uri))
}

fn wrong(set: Result<(), ConfigError>) -> JsValue {
    views::text_if_any(set.err().map(|error| error.text()))
}

/// Sets the workspace; empty: none.
#[wasm_bindgen(js_name = setWorkspace)]
pub fn set_workspace(name: &str) {
    lock().tracer.set_workspace(name);
}

/// The workspace that requests have to name; `undefined` unless the server has workspaces.
#[wasm_bindgen]
pub fn workspace() -> JsValue {
    views::text_if_any(lock().tracer.workspace().map(Into::into))
}

/// Where traces go.
#[wasm_bindgen(js_name = trackingUri)]
pub fn tracking_uri() -> JsValue {
    lock().tracer.tracking_uri().into()
}

/// Changes the limits of delivery (`LimitOptions` of src/js/config/options/limits.ts): spans, bytes and
/// milliseconds. What is NaN stays as it is.
#[wasm_bindgen(js_name = setLimits)]
#[allow(clippy::too_many_arguments, reason = "numbers cross without an object")]
pub fn set_limits(
    buffer_spans: f64,
    buffer_bytes: f64,
    open_bytes: f64,
    batch_spans: f64,
    batch_bytes: f64,
    batch_delay_ms: f64,
    live_delay_ms: f64,
    trace_timeout_ms: f64,
) {
    let mut state = lock();
    let old = *state.tracer.limits();
    // Casts stop at the ends of the range.
    let count = |number: f64, old: usize| {
        if number.is_nan() { old } else { number as usize }
    };
    let millis = |number: f64, old: u64| if number.is_nan() { old } else { number as u64 };
    state.tracer.set_limits(Limits {
        buffer_spans: count(buffer_spans, old.buffer_spans),
        buffer_bytes: count(buffer_bytes, old.buffer_bytes),
        open_bytes: count(open_bytes, old.open_bytes),
        batch_spans: count(batch_spans, old.batch_spans),
        batch_bytes: count(batch_bytes, old.batch_bytes),
        batch_delay_ms: millis(batch_delay_ms, old.batch_delay_ms),
        live_delay_ms: millis(live_delay_ms, old.live_delay_ms),
        trace_timeout_ms: millis(trace_timeout_ms, old.trace_timeout_ms),
    });
}

/// Tries again what waits after a failure: headers, credentials or the like have changed.
#[wasm_bindgen(js_name = configurationChanged)]
pub fn configuration_changed() {
    lock().tracer.configuration_changed();
}

/// Ends every trace in progress as it is, because its end will not be reported any more.
#[wasm_bindgen(js_name = closeOpen)]
pub fn close_open(now_ms: f64) {
    close(None, now_ms);
}

/// Ends the trace with this id as it is, and marks the spans that are still running; gives their keys.
#[wasm_bindgen(js_name = closeTrace)]
pub fn close_trace(id: &str, now_ms: f64) -> JsValue {
    let keys = TraceId::parse(id).map_or_else(Vec::new, |id| close(Some(id), now_ms));
    let keys = keys.into_iter().map(|key| View::Number(key.number().into()));
    View::List(keys.collect()).into_js()
}

fn close(only: Option<TraceId>, now_ms: f64) -> Vec<SpanKey> {
    let mut state = lock();
    let running = state.tracer.close(only, MonotonicNanos::from_millis(now_ms));
    exporter::schedule(state, now_ms);
    running
}

/// Counts since the program started: `CoreStats` of src/js/bridge/core-stats.ts.
#[wasm_bindgen]
pub fn stats() -> JsValue {
    let state = lock();
    let stats = state.tracer.stats();
    let error = stats.last_error.as_ref();
    let times = error.map(|error| [error.at, error.since].map(|time| state.tracer.to_unix(time)));
    views::stats(&stats, times.unwrap_or_default()).into_js()
}

/// Makes everything that waits due at once.
#[wasm_bindgen(js_name = flushNow)]
pub fn flush_now() {
    lock().tracer.flush_now();
}

/// The experiment that traces go to: `{ state, id, name, code, message }`; what does not apply is missing.
#[wasm_bindgen]
pub fn experiment() -> JsValue {
    let experiment = lock().tracer.experiment();
    views::experiment(&experiment).into_js()
}

/// Sets the experiment before this returns. The promise resolves with `{ state, id, name }` once the server has
/// named it, and rejects with `{ code, message }`. Where nothing is sent (`is_enabled` is false), it resolves at
/// once with what was given.
#[wasm_bindgen(js_name = setExperiment)]
pub fn set_experiment(text: &str, is_name: bool, is_enabled: bool) -> Promise {
    let experiment = if is_name { ExperimentRef::Name(text.into()) } else { ExperimentRef::Id(text.into()) };
    lock().tracer.set_experiment(experiment.clone());
    let is_same = waiting().borrow().experiment.as_ref() == Some(&experiment);
    if !is_same {
        resolve(ExperimentState::Failed {
            code: "experiment_replaced",
            message: "another experiment was set before this one was found".into(),
        });
    }
    let result = Deferred::new();
    let promise = result.promise.clone();
    waiting().borrow_mut().experiment = Some(experiment);
    waiting().borrow_mut().results.push(result);
    if is_enabled {
        resolve_experiment();
    } else {
        let (id, name) = if is_name { ("", text) } else { (text, "") };
        resolve(ExperimentState::Ready { id: id.into(), name: name.into() });
    }
    promise
}

/// Tells those who wait for the experiment, if it has been found or cannot be had.
pub fn resolve_experiment() {
    if waiting().borrow().results.is_empty() {
        return;
    }
    let state = lock().tracer.experiment();
    if matches!(state, ExperimentState::Ready { .. } | ExperimentState::Failed { .. }) {
        resolve(state);
    }
}

fn resolve(state: ExperimentState) {
    for result in waiting().take().results {
        let has_failed = matches!(state, ExperimentState::Failed { .. });
        let by = if has_failed { &result.reject } else { &result.resolve };
        settle(by, &views::experiment(&state).into_js());
    }
}
