//! The values of spans, captured once and shared: scalars, text, and JSON text as a rope.
//!
//! The rope is code of our own: a message is part of the outputs of one span, of the inputs of the next and of every
//! history after it, and serde_json would serialize it again for each of them.

use std::fmt;
use std::rc::Rc;

use super::History;

/// A captured value. Numbers that JSON cannot represent (NaN, infinities, integers beyond 64 bits) are
/// [`Value::Text`].
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other finite number.
    Double(f64),
    /// A text.
    Text(Rc<str>),
    /// An object or an array, or `null` as a value of the program.
    Json(Json),
}

impl Value {
    /// An estimate of its bytes in memory; other values can share them.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        match self {
            Self::Json(json) => json.memory_bytes(),
            value => value.len_bytes(),
        }
    }

    /// An estimate of its bytes on the wire, without those of JSON escapes.
    #[must_use]
    pub fn len_bytes(&self) -> usize {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Int(_) | Self::Double(_) => 9,
            Self::Text(text) => text.len(),
            Self::Json(json) => json.len_bytes(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

/// The JSON text of one object or array, or `null`, as a rope of shared pieces.
#[derive(Clone, Debug)]
pub struct Json {
    pieces: Rc<[Piece]>,
    length: usize,
    memory_bytes: usize,
}

#[derive(Clone, Debug)]
enum Piece {
    Shared(Rc<str>),
    /// A text without its first and last byte: the members of an object without its braces.
    Inside(Rc<str>),
    Static(&'static str),
    /// The JSON array of the messages of a conversation.
    Messages(History),
}

impl Piece {
    fn each_text(&self, take: &mut impl FnMut(&str)) {
        match self {
            Self::Shared(text) => take(text),
            Self::Inside(text) => take(text.get(1..text.len() - 1).unwrap_or_default()),
            Self::Static(text) => take(text),
            Self::Messages(history) => history.each_piece(take),
        }
    }
}

impl Json {
    /// A rope with one piece. `text` must be the JSON text of an object or array; it is not checked.
    #[must_use]
    pub fn from_text(text: Rc<str>) -> Self {
        let length = text.len();
        Self { pieces: Rc::new([Piece::Shared(text)]), length, memory_bytes: length }
    }

    /// An estimate of its bytes in memory. A conversation counts as its newest message, since the messages before it
    /// are counted with the shorter conversations.
    #[must_use]
    pub const fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// The length of the whole text in bytes.
    #[must_use]
    pub const fn len_bytes(&self) -> usize {
        self.length
    }

    /// Whether it is the value `null`, given by the program.
    #[must_use]
    pub fn is_null(&self) -> bool {
        const NULL: &str = "null";
        self.length == NULL.len() && self.text() == NULL
    }

    /// Passes the pieces of the text to `take`, in order.
    pub fn each_piece(&self, mut take: impl FnMut(&str)) {
        for piece in &*self.pieces {
            piece.each_text(&mut take);
        }
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.length);
        self.each_piece(|piece| text.push_str(piece));
        text
    }

    /// Appends the text to `bytes`.
    pub fn write_to(&self, bytes: &mut Vec<u8>) {
        self.each_piece(|piece| bytes.extend_from_slice(piece.as_bytes()));
    }
}

impl fmt::Display for Json {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut written = Ok(());
        self.each_piece(|piece| written = written.and_then(|()| formatter.write_str(piece)));
        written
    }
}

impl PartialEq for Json {
    /// Whether the texts are equal, however they are cut into pieces.
    fn eq(&self, other: &Self) -> bool {
        let bytes = |json: &Self| {
            let mut bytes = Vec::with_capacity(json.length);
            json.write_to(&mut bytes);
            bytes
        };
        self.length == other.length && bytes(self) == bytes(other)
    }
}

/// A builder of a [`Json`] from pieces. The caller writes commas, colons and braces.
#[derive(Debug, Default)]
pub struct JsonWriter {
    pieces: Vec<Piece>,
    length: usize,
    memory_bytes: usize,
}

impl JsonWriter {
    /// An empty writer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends static JSON text.
    pub fn literal(&mut self, text: &'static str) -> &mut Self {
        self.length += text.len();
        self.pieces.push(Piece::Static(text));
        self
    }

    /// Appends shared JSON text.
    pub fn shared(&mut self, text: Rc<str>) -> &mut Self {
        self.length += text.len();
        self.memory_bytes += text.len();
        self.pieces.push(Piece::Shared(text));
        self
    }

    /// Appends the JSON array of the messages of a conversation, sharing them.
    pub fn messages(&mut self, history: History) -> &mut Self {
        self.length += history.len_bytes();
        self.memory_bytes += history.last_bytes();
        self.pieces.push(Piece::Messages(history));
        self
    }

    /// Appends another rope, sharing its pieces.
    pub fn json(&mut self, json: &Json) -> &mut Self {
        self.length += json.length;
        self.memory_bytes += json.memory_bytes;
        self.pieces.extend(json.pieces.iter().cloned());
        self
    }

    /// Appends the members of an object without its braces, and returns whether it did. Nothing is appended of an empty
    /// object, of an array, or of a rope with several pieces.
    pub fn members(&mut self, json: &Json) -> bool {
        let [Piece::Shared(text)] = &*json.pieces else {
            return false;
        };
        let object = text.len() > 2 && text.starts_with('{');
        if object {
            self.length += text.len() - 2;
            self.memory_bytes += text.len();
            self.pieces.push(Piece::Inside(text.clone()));
        }
        object
    }

    /// Appends `text` as a JSON string, quotes included.
    pub fn string(&mut self, text: &str) -> &mut Self {
        self.shared(json_string(text))
    }

    /// Appends a whole number.
    pub fn int(&mut self, number: i64) -> &mut Self {
        let mut text = String::new();
        write_int(number, &mut text);
        self.shared(text.into())
    }

    /// Appends any value as JSON. A [`Value::Double`] that is not a whole number below 2^53 becomes `null`, because
    /// float formatting would cost the module 8 kB; hosts pass such numbers as text or as JSON.
    pub fn value(&mut self, value: &Value) -> &mut Self {
        const LARGEST_WHOLE: f64 = 9_007_199_254_740_992.0;
        match value {
            Value::Null => self.literal("null"),
            Value::Bool(true) => self.literal("true"),
            Value::Bool(false) => self.literal("false"),
            Value::Int(number) => self.int(*number),
            Value::Double(number) => {
                let finished_trace = *number as i64;
                if finished_trace as f64 == *number && number.abs() < LARGEST_WHOLE {
                    self.int(finished_trace)
                } else {
                    self.literal("null")
                }
            }
            Value::Text(text) => self.string(text),
            Value::Json(json) => self.json(json),
        }
    }

    /// The finished rope.
    #[must_use]
    pub fn finish(&mut self) -> Json {
        Json {
            pieces: std::mem::take(&mut self.pieces).into(),
            length: std::mem::take(&mut self.length),
            memory_bytes: std::mem::take(&mut self.memory_bytes),
        }
    }
}

/// `text` as a JSON string, quotes included.
#[must_use]
pub fn json_string(text: &str) -> Rc<str> {
    let mut escaped = String::with_capacity(text.len() + 2);
    write_json_string(text, &mut escaped);
    escaped.into()
}

/// Appends `text` as a JSON string, quotes included.
pub fn write_json_string(text: &str, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let short = match byte {
            b'"' | b'\\' => byte,
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            8 => b'b',
            12 => b'f',
            0..32 => b'u',
            _ => continue,
        };
        // Only ASCII is escaped, so the slice ends at a character boundary.
        out.push_str(text.get(from..at).unwrap_or_default());
        from = at + 1;
        out.push('\\');
        out.push(char::from(short));
        if short == b'u' {
            out.push_str(if byte < 16 { "000" } else { "001" });
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out.push('"');
}

/// The whole number at the beginning of a text; `None` if it does not begin with a digit.
#[must_use]
pub fn read_digits(text: &[u8]) -> Option<u64> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(None, |number: Option<u64>, digit| {
        let number = number.unwrap_or(0).saturating_mul(10);
        Some(number.saturating_add(u64::from(digit - b'0')))
    })
}

/// Appends a whole number in digits.
pub fn write_int(number: i64, out: &mut String) {
    if number < 0 {
        out.push('-');
    }
    write_count(number.unsigned_abs(), out);
}

/// Appends a whole number in digits. The formatting of the core library costs the module 1 kB more.
pub fn write_count(mut number: u64, out: &mut String) {
    // The largest number has 20 digits.
    let mut digits = [b'0'; 20];
    let mut length = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        length += 1;
        if number == 0 {
            break;
        }
    }
    let digits = digits.iter().skip(20 - length);
    out.extend(digits.map(|digit| char::from(*digit)));
}
