//! How long a text may be where MLflow limits it.

use std::rc::Rc;

/// Characters of a trace's name; a longer one costs the whole batch
/// (mlflow/utils/validation.py, `validate_trace_name`).
pub const TRACE_NAME_CHARACTERS: usize = 4096;

/// The mark of a text that was cut.
const CUT_MARK: char = '…';

/// `text` itself if it has at most `characters` characters, else its beginning and a `…`.
#[must_use]
pub fn clamp(text: &Rc<str>, characters: usize) -> Rc<str> {
    // The last character that may stay gives way to the mark.
    let Some((cut, _)) = text.char_indices().nth(characters.saturating_sub(1)) else {
        return text.clone();
    };
    if text[cut..].chars().nth(1).is_none() {
        return text.clone();
    }
    let mut clamped = String::from(&text[..cut]);
    clamped.push(CUT_MARK);
    clamped.into()
}
