//! Reading traces: from memory as objects, and the addresses under which the server has them.

use wasm_bindgen::prelude::*;

use super::instance::lock;
use super::views::{self, View, text_if_any};
use crate::trace::TraceId;
use crate::trace::id::write_context;

/// The id of the trace that ended last.
#[wasm_bindgen(js_name = lastTraceId)]
pub fn last_trace_id() -> JsValue {
    let id = lock().tracer.last_trace_id();
    text_if_any(id.map(|id| id.text()))
}

/// The ids of the finished traces that memory still holds, the newest first; a trace in parts is named for each.
#[wasm_bindgen(js_name = recentTraceIds)]
pub fn recent_trace_ids() -> JsValue {
    let mut ids = Vec::new();
    for id in lock().tracer.recent_trace_ids() {
        ids.push(View::Text(id.text().into()));
    }
    View::List(ids).into_js()
}

/// The trace with this id; `undefined` unless memory still holds it. `span`: the id of the only span to be shown, as
/// the program has set it, before any redaction; "": all spans are shown.
#[wasm_bindgen]
pub fn trace(id: &str, span: &str) -> JsValue {
    let state = lock();
    let experiment = state.tracer.experiment();
    let found = TraceId::parse(id).and_then(|id| state.tracer.trace(&id));
    let Some(view) = found.map(|trace| views::trace(trace, &experiment, span)) else {
        return JsValue::UNDEFINED;
    };
    drop(state);
    view.into_js()
}

/// Where the server tells of the trace with this id; `undefined` without a server.
#[wasm_bindgen(js_name = traceUrl)]
pub fn trace_url(id: &str) -> JsValue {
    text_if_any(TraceId::parse(id).and_then(|id| lock().tracer.trace_url(&id)))
}

/// Whether the trace that begins next is recorded, if this part of all traces (0 to 1) is.
#[wasm_bindgen(js_name = shouldSample)]
pub fn should_sample(ratio: f64) -> bool {
    lock().tracer.should_sample(ratio)
}

/// Ids for a trace that is not recorded, spelled as by `spanContext`.
#[wasm_bindgen(js_name = unrecordedContext)]
pub fn unrecorded_context() -> JsValue {
    let (trace, span) = lock().tracer.unrecorded_context();
    write_context(&trace, &span).into()
}
