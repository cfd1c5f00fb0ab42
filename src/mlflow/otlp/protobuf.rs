//! Protobuf's wire format: writing fields one after the other, and walking over those that came
//! (protobuf.dev, "Encoding"). Own code, because prost's derive needs a second copy of every span.

use crate::trace::Json;

const VARINT: u64 = 0;
const FIXED_64: u64 = 1;
const LENGTH_DELIMITED: u64 = 2;
const FIXED_32: u64 = 5;

/// Writes protobuf fields one after the other. Zero and empty values are written too: inside a
/// `oneof` they are not the same as nothing.
#[derive(Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// What was written.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.0
    }

    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn tag(&mut self, field: u64, wire_type: u64) {
        self.varint(field << 3 | wire_type);
    }

    /// A varint.
    pub fn number(&mut self, field: u64, number: u64) {
        self.tag(field, VARINT);
        self.varint(number);
    }

    /// Eight bytes.
    pub fn fixed64(&mut self, field: u64, number: u64) {
        self.tag(field, FIXED_64);
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    /// A floating-point number.
    pub fn double(&mut self, field: u64, number: f64) {
        self.fixed64(field, number.to_bits());
    }

    /// Bytes.
    pub fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.tag(field, LENGTH_DELIMITED);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    /// Text.
    pub fn text(&mut self, field: u64, text: &str) {
        self.bytes(field, text.as_bytes());
    }

    /// Text that is a rope.
    pub fn json(&mut self, field: u64, json: &Json) {
        self.tag(field, LENGTH_DELIMITED);
        self.varint(json.len_bytes() as u64);
        json.write_to(&mut self.0);
    }

    /// A short message within the message.
    pub fn message(&mut self, field: u64, write: impl FnOnce(&mut Self)) {
        self.message_with_capacity(field, 0, write);
    }

    /// A message within the message, of about `expected` bytes. Its length is a varint before it and is known only
    /// afterwards: the bytes of the expected length are reserved, and the content moves if the length needs others.
    pub fn message_with_capacity(&mut self, field: u64, expected: usize, write: impl FnOnce(&mut Self)) {
        let length_at = self.open(field, expected);
        write(self);
        self.close(length_at);
    }

    // Not part of `message_with_capacity`, of which there is one for every message.

    #[inline(never)]
    fn open(&mut self, field: u64, expected: usize) -> usize {
        self.tag(field, LENGTH_DELIMITED);
        let length_at = self.0.len();
        self.varint(expected as u64);
        length_at
    }

    /// Writes the length of a message over the bytes that `open` reserved. If it takes more or fewer bytes than that,
    /// the content moves: a buffer for each message would copy all of them.
    #[inline(never)]
    fn close(&mut self, length_at: usize) {
        let reserved = self.0[length_at..].iter().take_while(|byte| **byte >= 0x80).count() + 1;
        let content = length_at + reserved..self.0.len();
        let mut length = content.len();
        let start = length_at + varint_bytes(length);
        if start != content.start {
            let end = start + length;
            self.0.resize(end.max(content.end), 0);
            self.0.copy_within(content, start);
            self.0.truncate(end);
        }
        for byte in &mut self.0[length_at..start] {
            *byte = length as u8 | 0x80;
            length >>= 7;
        }
        // The last byte of a varint is the one without the high bit.
        self.0[start - 1] &= 0x7f;
    }
}

/// How many bytes a varint takes: one for every seven bits of the number, and one for 0.
const fn varint_bytes(number: usize) -> usize {
    let bits = usize::BITS - (number | 1).leading_zeros();
    bits.div_ceil(7) as usize
}

/// The content of one field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Content<'a> {
    /// A varint, or eight or four bytes.
    Number(u64),
    /// Bytes, text or a message.
    Bytes(&'a [u8]),
}

impl<'a> Content<'a> {
    /// The number, 0 if it is none.
    #[must_use]
    pub const fn number(self) -> u64 {
        match self {
            Self::Number(number) => number,
            Self::Bytes(_) => 0,
        }
    }

    /// The bytes, none if it is a number.
    #[must_use]
    pub const fn bytes(self) -> &'a [u8] {
        match self {
            Self::Number(_) => &[],
            Self::Bytes(bytes) => bytes,
        }
    }

    /// The text; empty if it is none.
    #[must_use]
    pub fn text(self) -> &'a str {
        std::str::from_utf8(self.bytes()).unwrap_or_default()
    }
}

/// Walks over the fields of a message. What is cut off or not protobuf ends the walk.
#[derive(Debug)]
pub struct Fields<'a>(&'a [u8]);

/// The fields of a message, by number, in the order in which they were written.
#[must_use]
pub const fn fields(message: &[u8]) -> Fields<'_> {
    Fields(message)
}

/// The fields of a message; `None` if any part of it is cut off or not protobuf.
#[must_use]
pub fn all_fields(message: &[u8]) -> Option<Vec<(u64, Content<'_>)>> {
    let mut rest = Fields(message);
    let mut fields = Vec::new();
    while !rest.0.is_empty() {
        fields.push(rest.field()?);
    }
    Some(fields)
}

impl<'a> Fields<'a> {
    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if *byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    fn field(&mut self) -> Option<(u64, Content<'a>)> {
        let tag = self.varint()?;
        let fixed = |bytes: &[u8]| {
            let low_first = bytes.iter().rev();
            Content::Number(low_first.fold(0, |number, byte| number << 8 | u64::from(*byte)))
        };
        let content = match tag & 7 {
            VARINT => Content::Number(self.varint()?),
            FIXED_64 => fixed(self.take(8)?),
            LENGTH_DELIMITED => {
                let length = self.varint()?;
                Content::Bytes(self.take(length)?)
            }
            FIXED_32 => fixed(self.take(4)?),
            _ => return None,
        };
        Some((tag >> 3, content))
    }

    /// The messages or texts in the fields of this number.
    pub fn each(self, wanted: u64) -> impl Iterator<Item = &'a [u8]> {
        self.filter(move |(number, _)| *number == wanted).map(|(_, content)| content.bytes())
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, Content<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        field
    }
}
