//! Spans whose values are cut to save memory: the beginning of each long value is kept, and a mark says how long it
//! was.

use super::value::write_count;
use super::{Span, Value};

/// The longest value that is never cut, in bytes.
const LONGEST_KEPT_BYTES: usize = 1024;
/// How much of a value is kept, in bytes.
const BEGINNING_BYTES: usize = 256;

impl Span {
    /// Cuts each long value; returns how many.
    pub fn cut_values(&mut self) -> usize {
        let mut cut = usize::from(cut_value(&mut self.inputs)) + usize::from(cut_value(&mut self.outputs));
        let events = self.events.iter_mut().flat_map(|event| &mut event.attributes);
        for attribute in self.attributes.iter_mut().chain(events) {
            cut += usize::from(cut_value(&mut attribute.value));
        }
        cut
    }
}

fn cut_value(value: &mut Value) -> bool {
    let bytes = value.memory_bytes();
    if bytes <= LONGEST_KEPT_BYTES {
        return false;
    }
    let mut beginning = String::new();
    match value {
        Value::Text(text) => keep(text, &mut beginning),
        Value::Json(json) => json.each_piece(|piece| keep(piece, &mut beginning)),
        _ => return false,
    }
    beginning.push_str("… (truncated, ");
    write_count(value.len_bytes() as u64, &mut beginning);
    beginning.push_str(" bytes)");
    *value = Value::Text(beginning.into());
    true
}

/// Appends as much of `text` as there is room for.
fn keep(text: &str, beginning: &mut String) {
    let mut end = BEGINNING_BYTES.saturating_sub(beginning.len()).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    beginning.push_str(text.get(..end).unwrap_or_default());
}
