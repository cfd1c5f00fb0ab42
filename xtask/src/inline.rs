//! The WebAssembly module as text inside JavaScript: deflated, then base64. Servers compress what they
//! send, but base64 of the module itself hides from them what repeats in it; base64 of what is deflated
//! already costs one hundredth.

use crate::failure::{At, Failure, Outcome};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fs;
use std::path::Path;

const TYPES: &str = "/** The WebAssembly module, deflated, base64. */\nexport const wasmDeflated: string;\n/** Its length once inflated. */\nexport const wasmBytes: number;\n";

/// Writes `inline.js` and its types into `folder`.
pub fn write(module: &Path, folder: &Path) -> Outcome {
    let bytes = fs::read(module).at("read", module)?;
    let mut deflated = Vec::new();
    let options = zopfli::Options::default();
    zopfli::compress(options, zopfli::Format::Deflate, &*bytes, &mut deflated)
        .map_err(|cause| Failure::new(format!("cannot deflate the module: {cause}")))?;
    let inline = format!(
        "export const wasmDeflated = \"{}\";\nexport const wasmBytes = {};\n",
        STANDARD.encode(deflated),
        bytes.len()
    );
    fs::write(folder.join("inline.js"), inline).at("write", folder)?;
    fs::write(folder.join("inline.d.ts"), TYPES).at("write", folder)
}
