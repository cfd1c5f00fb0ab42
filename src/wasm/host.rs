//! What only the host can give: random bytes, and the time at which an answer arrived.

use wasm_bindgen::prelude::*;

use crate::trace::{Entropy, UnixNanos};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues, catch)]
    fn get_random_values(bytes: &mut [u8]) -> Result<JsValue, JsValue>;
}

/// Random bytes from `crypto.getRandomValues`.
pub struct HostEntropy;

impl Entropy for HostEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        // Ids must differ, not be secret: where a page has removed `crypto`, `Math.random` will do.
        if get_random_values(bytes).is_err() {
            for byte in bytes {
                *byte = (js_sys::Math::random() * 256.0) as u8;
            }
        }
    }

    fn decimal(number: f64) -> String {
        js_sys::Number::from(number)
            .to_string_with_radix(10)
            .map_or_else(|_| "null".to_owned(), String::from)
    }
}

/// The wall clock, for answers that arrive while no caller is there to tell the time.
pub fn now() -> UnixNanos {
    UnixNanos::from_millis(js_sys::Date::now())
}
