//! The part of the door for traces that are not recorded.

use wasm_bindgen::prelude::*;

use super::sole::enter;
use crate::trace::id::write_context;

/// Whether the trace that begins next is recorded, if this part of all traces (0 to 1) is.
#[wasm_bindgen(js_name = admitsTrace)]
pub fn admits_trace(ratio: f64) -> bool {
    enter().recorder.admits_trace(ratio)
}

/// Ids for a trace that is not recorded, spelled as by `spanContext`.
#[wasm_bindgen(js_name = unrecordedContext)]
pub fn unrecorded_context() -> usize {
    let tracer = &mut *enter();
    let (trace, span) = tracer.recorder.unrecorded_context();
    tracer.say(write_context(&trace, &span))
}
