//! The part of the door for traces that are not recorded.

use wasm_bindgen::prelude::*;

use super::tracer::Tracer;
use crate::trace::id::write_context;

#[wasm_bindgen]
impl Tracer {
    /// Whether the trace that begins next is recorded, if this part of all traces (0 to 1) is.
    #[wasm_bindgen(js_name = admitsTrace)]
    pub fn admits_trace(&mut self, ratio: f64) -> bool {
        self.recorder.admits_trace(ratio)
    }

    /// Ids for a trace that is not recorded, spelled as by `spanContext`.
    #[wasm_bindgen(js_name = unrecordedContext)]
    pub fn unrecorded_context(&mut self) -> usize {
        let (trace, span) = self.recorder.unrecorded_context();
        self.say(write_context(&trace, &span))
    }
}
