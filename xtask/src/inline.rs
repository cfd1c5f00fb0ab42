//! The WebAssembly module as text inside JavaScript, so that compression finds what
//! repeats in the module: one character for each of its most frequent bytes, two for the others. Base64
//! would hide that, and what is compressed here already a page would have to inflate by itself.
//! Read by `src/js/entry/unpack.ts`. Printable ASCII, which no minifier, bundler or character set changes.

use crate::failure::{At, Outcome};
use std::cmp::Reverse;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const TYPES: &str = "\
/** The WebAssembly module: `src/js/entry/unpack.ts` reads it. */
export const wasmText: string;
/** The bytes that have one character each, in hexadecimal. */
export const wasmFrequent: string;
/** Its length. */
export const wasmBytes: number;
";

/// Say that a second character follows; the space is never at an end of the text.
const PREFIXES: [char; 2] = [' ', '!'];

/// Writes `inline.js` and its types into `folder`.
pub fn write(module: &Path, folder: &Path) -> Outcome {
    let bytes = fs::read(module).at("read", module)?;
    let order = by_frequency(&bytes);
    let (text, frequent) = pack(&bytes, &order);
    let inline = format!(
        "export const wasmText = \"{text}\";\nexport const wasmFrequent = \"{frequent}\";\n\
         export const wasmBytes = {};\n",
        bytes.len()
    );
    fs::write(folder.join("inline.js"), inline).at("write", folder)?;
    fs::write(folder.join("inline.d.ts"), TYPES).at("write", folder)
}

/// The alphabet: without quotes, escapes, and characters that could begin a tag.
fn alphabet() -> Vec<char> {
    ('#'..='~').filter(|c| !['<', '\\'].contains(c)).collect()
}

/// All bytes: as many as the alphabet has, the most frequent first; then the rest in order.
fn by_frequency(bytes: &[u8]) -> Vec<u8> {
    let mut counts = [0_usize; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let mut order: Vec<u8> = (0..=u8::MAX).collect();
    order.sort_by_key(|byte| Reverse(counts[usize::from(*byte)]));
    let single = alphabet().len();
    order[..single].sort_unstable();
    order[single..].sort_unstable();
    order
}

/// The text, and the bytes that have one character each.
fn pack(bytes: &[u8], order: &[u8]) -> (String, String) {
    let alphabet = alphabet();
    let (singles, others) = order.split_at(alphabet.len());
    let mut texts = vec![String::new(); 256];
    for (byte, character) in singles.iter().zip(&alphabet) {
        texts[usize::from(*byte)].push(*character);
    }
    for (page, prefix) in others.chunks(alphabet.len()).zip(PREFIXES) {
        for (byte, character) in page.iter().zip(&alphabet) {
            texts[usize::from(*byte)].extend([prefix, *character]);
        }
    }
    let text = bytes.iter().map(|byte| texts[usize::from(*byte)].as_str()).collect();
    let mut frequent = String::new();
    for byte in singles {
        let _ = write!(frequent, "{byte:02x}");
    }
    (text, frequent)
}
