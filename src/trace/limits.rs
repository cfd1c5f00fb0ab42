//! How long a text may be where MLflow limits it.

use std::rc::Rc;

/// Characters of a tag's value, the trace's name among them; a longer name costs the whole batch
/// (mlflow/utils/validation.py, `validate_trace_name`).
pub const TAG_CHARACTERS: usize = 4096;
/// Characters of a tag's or a piece of metadata's key.
pub const KEY_CHARACTERS: usize = 250;
/// Characters of a piece of metadata, of a session's id (a longer one costs the whole batch) and of a user's.
pub const METADATA_CHARACTERS: usize = 250;
/// Characters of a preview (mlflow/tracing/constant.py, `TRACE_REQUEST_RESPONSE_PREVIEW_MAX_LENGTH_OSS`).
pub const PREVIEW_CHARACTERS: usize = 1000;
/// Characters of a client's request id.
pub const CLIENT_REQUEST_ID_CHARACTERS: usize = 50;
/// Characters of a span's type.
pub const SPAN_TYPE_CHARACTERS: usize = 500;

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
