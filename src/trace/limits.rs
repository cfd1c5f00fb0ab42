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
const CUT_MARK: &str = "…";

/// `text` itself if it has at most `characters` characters, else its beginning and a `…`.
#[must_use]
pub fn clamp(text: &Rc<str>, characters: usize) -> Rc<str> {
    cut(text, characters, CUT_MARK).map_or_else(|| text.clone(), Into::into)
}

/// The beginning of a text with a mark, `characters` characters together; `None` if all of it fits.
#[must_use]
pub fn cut(text: &str, characters: usize, mark: &str) -> Option<String> {
    // The last characters that may stay give way to the mark.
    let keep = characters.saturating_sub(mark.chars().count());
    let mut end = 0;
    for (seen, (at, _)) in text.char_indices().enumerate() {
        if seen == keep {
            end = at;
        }
        if seen == characters {
            return Some([text.get(..end).unwrap_or_default(), mark].concat());
        }
    }
    None
}
