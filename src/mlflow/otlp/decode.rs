//! Reading an OTLP request again: one that this program has just encoded, or one that a previous
//! session of it has left. What is not as our encoder writes it is passed over. And reading responses
//! (opentelemetry/proto/collector/trace/v1/trace_service.proto).
//!
//! Field numbers as in [`super::encode`].

use super::protobuf::{Content, all_fields, fields};

/// What an `ExportTraceServiceResponse` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportResponse {
    /// How many spans the endpoint has dropped.
    pub rejected_spans: u64,
    /// Why, or a warning.
    pub message: Option<String>,
}

/// Reads an `ExportTraceServiceResponse`; `None` if the body is anything else. Strict about unknown
/// fields, because many bytes that are no response would pass as such.
#[must_use]
pub fn export_response(body: &[u8]) -> Option<ExportResponse> {
    let mut response = ExportResponse::default();
    for (number, partial) in all_fields(body)? {
        let (1, Content::Bytes(partial)) = (number, partial) else {
            return None;
        };
        for (number, content) in all_fields(partial)? {
            match (number, content) {
                // An int64: below 0 it says nothing.
                (1, Content::Number(rejected)) => {
                    response.rejected_spans = u64::try_from(rejected as i64).unwrap_or(0);
                }
                (2, Content::Bytes(message)) => {
                    let message = std::str::from_utf8(message).ok()?.to_owned();
                    response.message = Some(message).filter(|message| !message.is_empty());
                }
                _ => return None,
            }
        }
    }
    Some(response)
}

/// Hands over the spans of an `ExportTraceServiceRequest` one by one, still encoded.
pub fn each_span<'a>(body: &'a [u8], take: &mut dyn FnMut(&'a [u8])) {
    // Loops instead of adapters, which would be compiled anew for every caller.
    for resource_spans in fields(body).each(1) {
        for scope_spans in fields(resource_spans).each(2) {
            for span in fields(scope_spans).each(2) {
                take(span);
            }
        }
    }
}

/// A scalar, or JSON text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Any<'a> {
    /// Nothing, or what our encoder does not write.
    Nothing,
    /// Text.
    Text(&'a str),
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Double(f64),
}

/// One span of a body; what it lacks is empty or 0.
#[derive(Clone, Copy, Debug, Default)]
pub struct DecodedSpan<'a> {
    /// Id of its trace: 16 bytes.
    pub trace_id: &'a [u8],
    /// Its id: 8 bytes.
    pub id: &'a [u8],
    /// Id of its parent; empty if it is the root.
    pub parent: &'a [u8],
    /// Its name.
    pub name: &'a str,
    /// When it began, in nanoseconds since 1970.
    pub start_ns: u64,
    /// When it ended.
    pub end_ns: u64,
    /// 0: unset; 1: it ended well; 2: it failed.
    pub status: u64,
    /// Why it failed.
    pub status_message: &'a str,
    encoded: &'a [u8],
}

impl<'a> DecodedSpan<'a> {
    /// Reads one of [`each_span`].
    #[must_use]
    pub fn read(encoded: &'a [u8]) -> Self {
        let mut span = Self { encoded, ..Self::default() };
        for (number, content) in fields(encoded) {
            match number {
                1 => span.trace_id = content.bytes(),
                2 => span.id = content.bytes(),
                4 => span.parent = content.bytes(),
                5 => span.name = content.text(),
                7 => span.start_ns = content.number(),
                8 => span.end_ns = content.number(),
                15 => {
                    for (number, content) in fields(content.bytes()) {
                        match number {
                            2 => span.status_message = content.text(),
                            3 => span.status = content.number(),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        span
    }

    /// Keys and values of its attributes.
    pub fn attributes(&self) -> impl Iterator<Item = (&'a str, Any<'a>)> + use<'a> {
        fields(self.encoded).each(9).map(pair)
    }

    /// Its events.
    pub fn events(&self) -> impl Iterator<Item = DecodedEvent<'a>> + use<'a> {
        fields(self.encoded).each(11).map(|encoded| {
            let mut event = DecodedEvent { time_ns: 0, name: "", encoded };
            for (number, content) in fields(encoded) {
                match number {
                    1 => event.time_ns = content.number(),
                    2 => event.name = content.text(),
                    _ => {}
                }
            }
            event
        })
    }
}

/// One event of a span.
#[derive(Clone, Copy, Debug)]
pub struct DecodedEvent<'a> {
    /// When it happened, in nanoseconds since 1970.
    pub time_ns: u64,
    /// Its name.
    pub name: &'a str,
    encoded: &'a [u8],
}

impl<'a> DecodedEvent<'a> {
    /// Keys and values of its attributes.
    pub fn attributes(&self) -> impl Iterator<Item = (&'a str, Any<'a>)> + use<'a> {
        fields(self.encoded).each(3).map(pair)
    }
}

fn pair(encoded: &[u8]) -> (&str, Any<'_>) {
    let (mut key, mut value) = ("", Any::Nothing);
    for (number, content) in fields(encoded) {
        match number {
            1 => key = content.text(),
            2 => value = fields(content.bytes()).next().map_or(Any::Nothing, any),
            _ => {}
        }
    }
    (key, value)
}

fn any((number, content): (u64, Content<'_>)) -> Any<'_> {
    match number {
        1 => Any::Text(content.text()),
        2 => Any::Bool(content.number() != 0),
        3 => Any::Int(content.number() as i64),
        4 => Any::Double(f64::from_bits(content.number())),
        _ => Any::Nothing,
    }
}
