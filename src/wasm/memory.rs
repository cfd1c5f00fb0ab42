//! The scratch area that the host writes text into, and the table of names it has handed over.

use std::rc::Rc;

use super::numbers::value_tags;
use crate::trace::nul::{replace_escaped_nuls, without_nuls};
use crate::trace::{History, Json, JsonWriter, Value};

/// The bytes, names, messages and histories that the host has passed in.
#[derive(Default)]
pub struct Scratch {
    bytes: Vec<u8>,
    names: Vec<Rc<str>>,
    messages: Vec<Rc<str>>,
    histories: Vec<History>,
    history_slots: Vec<HistorySlot>,
}

/// A place in the text of the next value where the array of a conversation's messages belongs.
struct HistorySlot {
    at: usize,
    history: History,
}

impl Scratch {
    /// Makes room for exactly `bytes` bytes and says where. What was there before is lost.
    pub fn reserve(&mut self, bytes: usize) -> *mut u8 {
        self.bytes = vec![0; bytes];
        self.bytes.as_mut_ptr()
    }

    /// Writes an answer of two parts to the beginning of the area, as far as there is room.
    pub fn answer(&mut self, first: &[u8], second: &[u8]) {
        let bytes = first.iter().chain(second);
        for (place, byte) in self.bytes.iter_mut().zip(bytes) {
            *place = *byte;
        }
    }

    /// The text of `length` bytes that begins at `start`, without NUL; empty if it lies outside the area or is
    /// no UTF-8, which what the engine encodes always is. All text that is recorded comes through here.
    pub fn text(&self, start: usize, length: usize) -> Rc<str> {
        let end = start.saturating_add(length);
        let bytes = self.bytes.get(start..end).unwrap_or_default();
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        without_nuls(text).map_or_else(|| text.into(), Into::into)
    }

    /// As [`text`](Self::text), of JSON text, in which NUL may stand as an escape.
    fn json_text(&mut self, start: usize, length: usize) -> Rc<str> {
        let end = start.saturating_add(length);
        replace_escaped_nuls(self.bytes.get_mut(start..end).unwrap_or_default());
        self.text(start, length)
    }

    /// As [`text`](Self::text); nothing if it is empty.
    pub fn text_if_any(&self, start: usize, length: usize) -> Option<Rc<str>> {
        (length > 0).then(|| self.text(start, length))
    }

    /// JSON text of an object or array. What lies at the beginning of the area has its holes filled,
    /// if [`Self::insert_history`] made some.
    pub fn json(&mut self, start: usize, length: usize) -> Value {
        let history_slots = if start == 0 { std::mem::take(&mut self.history_slots) } else { Vec::new() };
        if history_slots.is_empty() {
            return Value::Json(Json::from_text(self.json_text(start, length)));
        }
        let mut json = JsonWriter::new();
        let mut from = 0;
        for HistorySlot { at, history } in history_slots {
            if at > from {
                json.shared(self.json_text(from, at - from));
            }
            json.messages(history);
            from = at;
        }
        if length > from {
            json.shared(self.json_text(from, length - from));
        }
        Value::Json(json.finish())
    }

    /// Takes JSON text that is to be met again and gives it a number, never 0.
    pub fn message(&mut self, length: usize) -> u32 {
        let text = self.json_text(0, length);
        self.messages.push(text);
        self.messages.len() as u32
    }

    /// Goes on with the conversation of that number, 0: begins one, and gives the longer one a number, never 0.
    pub fn append_message(&mut self, before: u32, message: u32) -> u32 {
        let before = nth(&self.histories, before).cloned();
        let message = nth(&self.messages, message).cloned().unwrap_or_default();
        self.histories.push(History::append(before, message));
        self.histories.len() as u32
    }

    /// The array of the messages of that conversation belongs at byte `at` of the value that the next call brings.
    pub fn insert_history(&mut self, history: u32, at: usize) {
        let history = nth(&self.histories, history).cloned();
        self.history_slots.extend(history.map(|history| HistorySlot { at, history }));
    }

    /// Forgets all messages and conversations; their numbers are given anew.
    pub fn forget_messages(&mut self) {
        self.messages = Vec::new();
        self.histories = Vec::new();
        self.history_slots = Vec::new();
    }

    /// A captured value: a scalar or the number of a name or message in `number`, or text at the beginning of the area.
    pub fn value(&mut self, tag: u32, number: f64, length: usize) -> Value {
        match tag {
            value_tags::BOOL => Value::Bool(number != 0.0),
            value_tags::INT => Value::Int(number as i64),
            value_tags::DOUBLE => Value::Double(number),
            value_tags::TEXT => Value::Text(self.text(0, length)),
            value_tags::JSON_TEXT => self.json(0, length),
            value_tags::NAME => Value::Text(self.name_or_empty(number as u32)),
            value_tags::HISTORY => nth(&self.histories, number as u32)
                .map_or(Value::Null, |history| Value::Json(JsonWriter::new().messages(history.clone()).finish())),
            value_tags::MESSAGE => nth(&self.messages, number as u32)
                .map_or(Value::Null, |text| Value::Json(Json::from_text(text.clone()))),
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
        nth(&self.names, number).cloned()
    }

    /// The name of that number; the empty one if there is none.
    pub fn name_or_empty(&self, number: u32) -> Rc<str> {
        self.name(number).unwrap_or_else(|| "".into())
    }
}

/// What has that number, counted from 1.
fn nth<T>(list: &[T], number: u32) -> Option<&T> {
    list.get((number as usize).checked_sub(1)?)
}
