//! JSON bodies, written by serde_json out of one type: each type that derives `Serialize` is code of its own.

use std::rc::Rc;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::ser::Formatter;

use crate::trace::FormatF64;
use crate::trace::value::{write_count, write_int};

/// A piece of a body.
#[derive(Debug)]
pub(super) enum Json {
    /// `null`.
    Null,
    /// A string.
    Text(Rc<str>),
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number that is not negative.
    Count(u64),
    /// Any other number.
    Double(f64),
    /// An array.
    List(Vec<Json>),
    /// An object.
    Object(Object),
}

/// The members of an object, each key once.
#[derive(Debug, Default)]
pub(super) struct Object(Vec<(Rc<str>, Json)>);

// Not inlined, because there are many members.
impl Object {
    /// Adds a member.
    #[inline(never)]
    pub(super) fn set(&mut self, key: &str, value: Json) {
        self.0.push((key.into(), value));
    }

    /// Adds a text.
    #[inline(never)]
    pub(super) fn text(&mut self, key: &str, text: &str) {
        self.set(key, Json::Text(text.into()));
    }

    /// The object.
    #[must_use]
    pub(super) const fn done(self) -> Json {
        Json::Object(self)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Bool(truth) => serializer.serialize_bool(*truth),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::Count(number) => serializer.serialize_u64(*number),
            Self::Double(number) => serializer.serialize_f64(*number),
            Self::List(items) => serializer.collect_seq(items),
            Self::Object(Object(members)) => {
                let mut map = serializer.serialize_map(None)?;
                for (key, value) in members {
                    map.serialize_entry(&**key, value)?;
                }
                map.end()
            }
        }
    }
}

/// Writes numbers by the host's and our own means: serde_json's are kilobytes of the module.
#[derive(Debug)]
struct OwnNumbers {
    format_f64: FormatF64,
}

impl Formatter for OwnNumbers {
    fn write_f64<W>(&mut self, writer: &mut W, value: f64) -> std::io::Result<()>
    where
        W: ?Sized + std::io::Write,
    {
        writer.write_all((self.format_f64)(value).as_bytes())
    }

    fn write_i64<W>(&mut self, writer: &mut W, value: i64) -> std::io::Result<()>
    where
        W: ?Sized + std::io::Write,
    {
        let mut digits = String::new();
        write_int(value, &mut digits);
        writer.write_all(digits.as_bytes())
    }

    fn write_u64<W>(&mut self, writer: &mut W, value: u64) -> std::io::Result<()>
    where
        W: ?Sized + std::io::Write,
    {
        let mut digits = String::new();
        write_count(value, &mut digits);
        writer.write_all(digits.as_bytes())
    }
}

/// The JSON of a body; empty if it cannot be written, which no type of this crate brings about.
#[must_use]
pub(super) fn to_json(body: &Json, format_f64: FormatF64) -> Vec<u8> {
    let mut json = Vec::new();
    let formatter = OwnNumbers { format_f64 };
    let mut serializer = serde_json::Serializer::with_formatter(&mut json, formatter);
    match body.serialize(&mut serializer) {
        Ok(()) => json,
        Err(_) => Vec::new(),
    }
}
