//! Changes to the JavaScript that wasm-bindgen generates. A text that is not found fails the build: then another
//! version of wasm-bindgen generates it differently.

use std::fs;
use std::path::Path;

use crate::failure::{At, Failure, Outcome};

const CHANGES: [(&str, &str); 4] = [
    // The import of the package must not fail where the host has no text coders: the loader reports that.
    (
        "let cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });\ncachedTextDecoder.decode();",
        "let cachedTextDecoder;",
    ),
    (
        "if (numBytesDecoded >= MAX_SAFARI_DECODE_BYTES) {",
        "if (!cachedTextDecoder || numBytesDecoded >= MAX_SAFARI_DECODE_BYTES) {",
    ),
    (
        "const cachedTextEncoder = new TextEncoder();\n\nif (!('encodeInto' in cachedTextEncoder)) {",
        "const cachedTextEncoder = globalThis.TextEncoder && new TextEncoder();\n\n\
        if (cachedTextEncoder && !('encodeInto' in cachedTextEncoder)) {",
    ),
    // Timers and promises call the closures of the module: nothing else would catch a trap in them.
    (
        "return f(a, state.b, ...args);\n",
        "return f(a, state.b, ...args);\n        } catch (error) {\n            \
         if (!import1.coreFailed(error)) throw error;\n",
    ),
];

/// Changes the glue in `folder`.
pub fn change(folder: &Path, name: &str) -> Outcome {
    let file = folder.join(format!("{name}.js"));
    let mut text = fs::read_to_string(&file).at("read", &file)?;
    for (before, after) in CHANGES {
        if text.matches(before).count() != 1 {
            return Err(Failure::new(format!("the JavaScript glue does not hold once: {before}")));
        }
        text = text.replace(before, after);
    }
    fs::write(&file, text).at("write", &file)
}
