//! The wall clock: how far it is from the monotonic clock, by which all else goes.

use wasm_bindgen::prelude::*;

use super::instance::lock;

const NANOS_PER_MILLI: f64 = 1e6;

/// Sets how many milliseconds Unix time is ahead of the monotonic clock. Traces that begin from now on carry
/// timestamps by that; the timestamps of a trace in progress stay consistent.
#[wasm_bindgen(js_name = setUnixOffset)]
pub fn set_unix_offset(offset_ms: f64) {
    lock().tracer.set_unix_offset((offset_ms * NANOS_PER_MILLI) as i64);
}
