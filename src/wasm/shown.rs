//! JSON on its way out to the shell, which reads it with the engine's own parser.

use crate::trace::value::{write_count, write_json_string};

/// JSON text that is being written. Commas come by themselves.
#[derive(Default)]
pub struct Shown(String);

impl Shown {
    /// Begins an object `{` or an array `[`.
    pub fn open(&mut self, brace: char) {
        self.comma();
        self.0.push(brace);
    }

    /// Ends it.
    pub fn close(&mut self, brace: char) {
        self.0.push(brace);
    }

    /// The name of a member; its value must be next.
    pub fn name(&mut self, name: &str) {
        self.item(name);
        self.0.push(':');
    }

    /// A member that is text.
    pub fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        self.item(text);
    }

    /// As [`Self::text`], unless there is none: JavaScript finds it undefined.
    pub fn text_if_any(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// A member that is a count.
    pub fn count(&mut self, name: &str, number: u64) {
        self.name(name);
        self.number(number);
    }

    /// A member that is a time, as text: nanoseconds since 1970 do not fit a number.
    pub fn nanos(&mut self, name: &str, number: u64) {
        self.name(name);
        self.0.push('"');
        write_count(number, &mut self.0);
        self.0.push('"');
    }

    /// An item that is text.
    pub fn item(&mut self, text: &str) {
        self.comma();
        write_json_string(text, &mut self.0);
    }

    /// An item that is a count.
    pub fn number(&mut self, number: u64) {
        self.comma();
        write_count(number, &mut self.0);
    }

    /// An item that is JSON already.
    pub fn json(&mut self, json: &str) {
        self.comma();
        self.0.push_str(json);
    }

    fn comma(&mut self) {
        if !matches!(self.0.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.0.push(',');
        }
    }
}

impl From<Shown> for Vec<u8> {
    fn from(shown: Shown) -> Self {
        shown.0.into_bytes()
    }
}
