//! A search for texts.

/// Whether `text` has `part` in it. The standard library's search is quicker for long texts, and takes 1.6 kB of the
/// module.
#[must_use]
pub fn has_text(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len().max(1)).any(|window| window == part.as_bytes())
}
