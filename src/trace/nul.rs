//! NUL (U+0000) in recorded text. PostgreSQL stores it in no text, so that MLflow on it refuses every span with one:
//! it becomes U+FFFD, as lone surrogates do.

/// What takes the place of NUL.
const REPLACEMENT: &str = "\u{fffd}";

/// The text with each NUL replaced; `None` if it has none.
#[must_use]
pub fn without_nuls(text: &str) -> Option<String> {
    let has_any = text.as_bytes().contains(&0);
    has_any.then(|| {
        let mut replaced = String::with_capacity(text.len() + 16);
        for (index, part) in text.split('\0').enumerate() {
            if index > 0 {
                replaced.push_str(REPLACEMENT);
            }
            replaced.push_str(part);
        }
        replaced
    })
}

/// Replaces each escape of NUL in JSON text by that of U+FFFD, which is as long. An escaped backslash before `u0000`
/// makes it six characters that are none of our business.
pub fn replace_escaped_nuls(json: &mut [u8]) {
    let mut from = 0;
    while let Some(rest) = json.get_mut(from..) {
        let Some(at) = rest.iter().position(|byte| *byte == b'\\') else {
            return;
        };
        if let Some(escape) = rest.get_mut(at + 1..at + 6)
            && escape == b"u0000"
        {
            escape.copy_from_slice(b"ufffd");
        }
        from += at + 2;
    }
}
