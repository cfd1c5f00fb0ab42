//! JSON bodies, written by serde_json out of derived types.

use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;

use crate::trace::FormatF64;

/// Lets the host write floats: serde_json's own way of doing so is kilobytes of the module.
struct HostFloats {
    format_f64: FormatF64,
}

impl Formatter for HostFloats {
    fn write_f64<W>(&mut self, writer: &mut W, value: f64) -> std::io::Result<()>
    where
        W: ?Sized + std::io::Write,
    {
        writer.write_all((self.format_f64)(value).as_bytes())
    }
}

/// The JSON of a body; empty if it cannot be written, which no type of this crate brings about.
pub fn to_json(body: &impl Serialize, format_f64: FormatF64) -> Vec<u8> {
    let mut json = Vec::new();
    let formatter = HostFloats { format_f64 };
    let mut serializer = serde_json::Serializer::with_formatter(&mut json, formatter);
    match body.serialize(&mut serializer) {
        Ok(()) => json,
        Err(_) => Vec::new(),
    }
}

/// Writes pairs as an object.
pub fn pairs<K, V, S>(pairs: &[(K, V)], serializer: S) -> Result<S::Ok, S::Error>
where
    K: Serialize,
    V: Serialize,
    S: Serializer,
{
    serializer.collect_map(pairs.iter().map(|(key, value)| (key, value)))
}
