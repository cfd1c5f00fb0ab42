//! The lengths that MLflow allows for texts.

use std::rc::Rc;

/// The characters of a tag's value. The name of a trace is a tag, and the server refuses a batch with a longer one
/// (mlflow/utils/validation.py, `validate_trace_name`).
pub const TAG_CHARACTERS: usize = 4096;
/// The characters of the key of a tag or of an entry of the metadata.
pub const KEY_CHARACTERS: usize = 250;
/// The characters of an entry of the metadata, of a user's id and of a session's id; the server refuses a batch with a
/// longer one.
pub const METADATA_CHARACTERS: usize = 250;
/// The characters of a preview (mlflow/tracing/constant.py, `TRACE_REQUEST_RESPONSE_PREVIEW_MAX_LENGTH_OSS`).
pub const PREVIEW_CHARACTERS: usize = 1000;
/// The characters of a client's request id.
pub const CLIENT_REQUEST_ID_CHARACTERS: usize = 50;
/// The characters of a span's type.
pub const SPAN_TYPE_CHARACTERS: usize = 500;

/// The mark at the end of a truncated text.
const ELLIPSIS: &str = "…";

/// The text itself if it has at most `characters` characters, or else its beginning and a `…`.
#[must_use]
pub fn clamp(text: &Rc<str>, characters: usize) -> Rc<str> {
    truncate(text, characters, ELLIPSIS).map_or_else(|| text.clone(), Into::into)
}

/// The beginning of a text and a mark, together `characters` characters; `None` if the whole text fits.
#[must_use]
pub fn truncate(text: &str, characters: usize, mark: &str) -> Option<String> {
    // The mark takes the place of the last characters that fit.
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
