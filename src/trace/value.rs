//! Values of spans, captured once and shared: scalars, text, and JSON text as a rope.
//!
//! The rope is own code: a message stands in the span that put it out, in the span that took it in and in
//! every history after it, and serde_json would write it out anew for each of them.

use std::fmt;
use std::rc::Rc;

use super::History;

/// A captured value. What JSON cannot say as a number (NaN, infinities, integers beyond 64 bits)
/// arrives as [`Value::Text`].
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing: `null` and `undefined`.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other finite number.
    Double(f64),
    /// Plain text.
    Text(Rc<str>),
    /// An object or an array.
    Json(Json),
}

impl Value {
    /// About how many bytes of memory it keeps, of which others may keep the same text.
    #[must_use]
    pub fn kept_bytes(&self) -> usize {
        match self {
            Self::Json(json) => json.kept_bytes(),
            value => value.len_bytes(),
        }
    }

    /// An upper bound of the bytes this value needs, up to JSON escaping.
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

/// The JSON text of one object or array, as a rope of shared pieces: a message is captured once and
/// shared by the span that put it out, the span that took it in and every history it stands in.
#[derive(Clone, Debug)]
pub struct Json {
    pieces: Rc<[Piece]>,
    length: usize,
    kept: usize,
}

#[derive(Clone, Debug)]
enum Piece {
    Shared(Rc<str>),
    /// All but the first and the last byte: what stands between the braces of an object.
    Inside(Rc<str>),
    Static(&'static str),
    /// The array of the messages of a conversation.
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
    /// A rope of one piece. `text` must be the JSON text of an object or array; it is not checked.
    #[must_use]
    pub fn from_text(text: Rc<str>) -> Self {
        let length = text.len();
        Self {
            pieces: Rc::new([Piece::Shared(text)]),
            length,
            kept: length,
        }
    }

    /// About how many bytes of memory it keeps: of a conversation only the newest message, since those
    /// before it are kept by whoever saw the shorter one.
    #[must_use]
    pub const fn kept_bytes(&self) -> usize {
        self.kept
    }

    /// Length of the whole text in bytes.
    #[must_use]
    pub const fn len_bytes(&self) -> usize {
        self.length
    }

    /// Gives the pieces in order; together they are the text.
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
    /// Equal text, however it is cut into pieces.
    fn eq(&self, other: &Self) -> bool {
        let bytes = |json: &Self| {
            let mut bytes = Vec::with_capacity(json.length);
            json.write_to(&mut bytes);
            bytes
        };
        self.length == other.length && bytes(self) == bytes(other)
    }
}

/// Puts a [`Json`] together from pieces. Commas, colons and braces are the caller's.
#[derive(Default)]
pub struct JsonWriter {
    pieces: Vec<Piece>,
    length: usize,
    kept: usize,
}

impl JsonWriter {
    /// An empty writer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends JSON text that is part of the program.
    pub fn literal(&mut self, text: &'static str) -> &mut Self {
        self.length += text.len();
        self.pieces.push(Piece::Static(text));
        self
    }

    /// Appends JSON text that others share.
    pub fn shared(&mut self, text: Rc<str>) -> &mut Self {
        self.length += text.len();
        self.kept += text.len();
        self.pieces.push(Piece::Shared(text));
        self
    }

    /// Appends the array of the messages of a conversation, which others share.
    pub fn messages(&mut self, history: History) -> &mut Self {
        self.length += history.len_bytes();
        self.kept += history.last_bytes();
        self.pieces.push(Piece::Messages(history));
        self
    }

    /// Appends another rope, sharing its pieces.
    pub fn json(&mut self, json: &Json) -> &mut Self {
        self.length += json.length;
        self.kept += json.kept;
        self.pieces.extend(json.pieces.iter().cloned());
        self
    }

    /// Appends the members of an object without its braces; tells whether there were any. A rope of
    /// several pieces has none.
    pub fn members(&mut self, json: &Json) -> bool {
        let [Piece::Shared(text)] = &*json.pieces else {
            return false;
        };
        let object = text.len() > 2 && text.starts_with('{');
        if object {
            self.length += text.len() - 2;
            self.kept += text.len();
            self.pieces.push(Piece::Inside(text.clone()));
        }
        object
    }

    /// Appends `text` as a JSON string, quotes included.
    pub fn string(&mut self, text: &str) -> &mut Self {
        let mut escaped = String::with_capacity(text.len() + 2);
        write_json_string(text, &mut escaped);
        self.shared(escaped.into())
    }

    /// Appends a whole number.
    pub fn int(&mut self, number: i64) -> &mut Self {
        let mut text = String::new();
        write_int(number, &mut text);
        self.shared(text.into())
    }

    /// Appends any value as JSON. A [`Value::Double`] that is not a whole number below 2^53 becomes
    /// `null`, because formatting floats would cost the module 8 kB: hosts hand such numbers over as
    /// text or as JSON.
    pub fn value(&mut self, value: &Value) -> &mut Self {
        const LARGEST_WHOLE: f64 = 9_007_199_254_740_992.0;
        match value {
            Value::Null => self.literal("null"),
            Value::Bool(true) => self.literal("true"),
            Value::Bool(false) => self.literal("false"),
            Value::Int(number) => self.int(*number),
            Value::Double(number) => {
                let whole = *number as i64;
                if whole as f64 == *number && number.abs() < LARGEST_WHOLE {
                    self.int(whole)
                } else {
                    self.literal("null")
                }
            }
            Value::Text(text) => self.string(text),
            Value::Json(json) => self.json(json),
        }
    }

    /// The rope.
    #[must_use]
    pub fn finish(&mut self) -> Json {
        Json {
            pieces: std::mem::take(&mut self.pieces).into(),
            length: std::mem::take(&mut self.length),
            kept: std::mem::take(&mut self.kept),
        }
    }
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
        // Only ASCII is escaped, so these are whole characters.
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

/// Reads the whole number that a text begins with; `None` if it begins with no digit.
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

/// Appends a whole number in digits; the core library's own way of doing so costs the module 1 kB.
pub fn write_count(mut number: u64, out: &mut String) {
    // The largest has 20 digits.
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
