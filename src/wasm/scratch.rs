//! The scratch area that the host writes text into, and the table of names it has handed over.

use std::rc::Rc;

use crate::trace::{Json, Value};

// The numbers of src/js/capture.ts.
const BOOL: u32 = 1;
const INT: u32 = 2;
const DOUBLE: u32 = 3;
const TEXT: u32 = 4;
const JSON_TEXT: u32 = 5;
const NAME: u32 = 6;

/// Bytes on their way in.
#[derive(Default)]
pub struct Scratch {
    bytes: Vec<u8>,
    names: Vec<Rc<str>>,
}

impl Scratch {
    /// Makes room for exactly `bytes` bytes and says where. What was there before is lost.
    pub fn reserve(&mut self, bytes: usize) -> *mut u8 {
        self.bytes = vec![0; bytes];
        self.bytes.as_mut_ptr()
    }

    /// The text of `length` bytes that begins at `start`; broken UTF-8 is mended, and what lies
    /// outside the area is empty.
    pub fn text(&self, start: usize, length: usize) -> Rc<str> {
        let end = start.saturating_add(length);
        let bytes = self.bytes.get(start..end).unwrap_or_default();
        match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => String::from_utf8_lossy(bytes).into(),
        }
    }

    /// As [`text`](Self::text); nothing if it is empty.
    pub fn text_if_any(&self, start: usize, length: usize) -> Option<Rc<str>> {
        (length > 0).then(|| self.text(start, length))
    }

    /// JSON text of an object or array.
    pub fn json(&self, start: usize, length: usize) -> Value {
        Value::Json(Json::from_text(self.text(start, length)))
    }

    /// A captured value: a scalar or the number of a name in `number`, or text at the beginning of the area.
    pub fn value(&self, tag: u32, number: f64, length: usize) -> Value {
        match tag {
            BOOL => Value::Bool(number != 0.0),
            INT => Value::Int(number as i64),
            DOUBLE => Value::Double(number),
            TEXT => Value::Text(self.text(0, length)),
            JSON_TEXT => self.json(0, length),
            NAME => Value::Text(self.name_or_empty(number as u32)),
            _ => Value::Null,
        }
    }

    /// Takes the name at the beginning of the area and gives it a number, never 0.
    pub fn intern(&mut self, length: usize) -> u32 {
        let name = self.text(0, length);
        self.names.push(name);
        self.names.len() as u32
    }

    /// Forgets all names; their numbers are given anew.
    pub fn forget_names(&mut self) {
        self.names.clear();
    }

    /// The name of that number.
    pub fn name(&self, number: u32) -> Option<Rc<str>> {
        let index = (number as usize).checked_sub(1)?;
        self.names.get(index).cloned()
    }

    /// The name of that number; the empty one if there is none.
    pub fn name_or_empty(&self, number: u32) -> Rc<str> {
        self.name(number).unwrap_or_else(|| "".into())
    }
}
