//! What only the host can give: random bytes, and the digits of fractions.

use wasm_bindgen::prelude::*;

use crate::trace::Entropy;

#[wasm_bindgen(raw_module = "../js/entry/imports.js")]
extern "C" {
    #[wasm_bindgen(js_name = fillRandom)]
    fn fill_random(bytes: &mut [u8]);

    /// Returns how many digits there are.
    #[wasm_bindgen(js_name = writeDecimal)]
    fn write_decimal(number: f64, digits: &mut [u8]) -> usize;
}

/// The longest that JavaScript writes has 24 characters, `-1.7976931348623157e+308`.
const DECIMAL_BYTES: usize = 32;

/// Random bytes and digits from the shell.
pub struct HostEntropy;

impl Entropy for HostEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        fill_random(bytes);
    }

    fn decimal(number: f64) -> String {
        let mut digits = vec![0; DECIMAL_BYTES];
        let length = write_decimal(number, &mut digits);
        digits.truncate(length);
        String::from_utf8(digits).unwrap_or_default()
    }
}
