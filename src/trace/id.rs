//! The ids of traces and spans, made from random bytes of the host.

use std::fmt;
use std::num::NonZeroU32;

use super::Host;

/// The number of random bytes that the host is asked for at once. A call of `crypto.getRandomValues` of any size costs
/// up to 2 microseconds, so ids are taken from a pool.
const POOL_BYTES: usize = 4096;

/// The handle of a span in the bindings. It is never 0, which means "not recorded" there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanKey(NonZeroU32);

impl SpanKey {
    /// The key with this number; `None` for 0.
    #[must_use]
    pub const fn new(number: u32) -> Option<Self> {
        match NonZeroU32::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number that the bindings use.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0.get()
    }
}

/// The id of a trace: 16 bytes, not all zero (OpenTelemetry's rule, which MLflow follows).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceId([u8; 16]);

impl TraceId {
    /// The id with these bytes; `None` if all are zero.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Option<Self> {
        bytes.iter().any(|byte| *byte != 0).then_some(Self(bytes))
    }

    /// Parses MLflow's format, `tr-` and 32 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_bytes(read_hex(text.as_bytes().strip_prefix(b"tr-")?)?)
    }

    /// The bytes as OTLP carries them.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl TraceId {
    /// The id in MLflow's format, `tr-` and 32 hexadecimal digits (mlflow/tracing/utils, TRACE_REQUEST_ID_PREFIX).
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::from("tr-");
        write_hex(&self.0, &mut text);
        text
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text())
    }
}

/// The id of a span: 8 bytes, not all zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanId([u8; 8]);

impl SpanId {
    /// The id with these bytes; `None` if all are zero.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 8]) -> Option<Self> {
        bytes.iter().any(|byte| *byte != 0).then_some(Self(bytes))
    }

    /// The bytes as OTLP carries them.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl SpanId {
    /// The id as 16 hexadecimal digits, as MLflow shows it.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        write_hex(&self.0, &mut text);
        text
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text())
    }
}

/// Parses the ids of a span context in the format of W3C's `traceparent`: the 32 hexadecimal digits of the trace, a
/// hyphen, the 16 of the span. `None` if the format is another one, or an id is all zeros.
#[must_use]
pub fn parse_context(text: &str) -> Option<(TraceId, SpanId)> {
    let (trace, rest) = text.as_bytes().split_at_checked(32)?;
    let span = rest.strip_prefix(b"-")?;
    Some((TraceId::from_bytes(read_hex(trace)?)?, SpanId::from_bytes(read_hex(span)?)?))
}

/// Formats the ids of a span context as [`parse_context`] reads them.
#[must_use]
pub fn write_context(trace: &TraceId, span: &SpanId) -> String {
    let mut text = String::with_capacity(49);
    write_hex(&trace.0, &mut text);
    text.push('-');
    write_hex(&span.0, &mut text);
    text
}

fn read_hex<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit_value(pair[0])? << 4 | digit_value(pair[1])?;
    }
    Some(bytes)
}

fn digit_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

fn write_hex(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            let digit = if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
            out.push(char::from(digit));
        }
    }
}

/// A source of ids with a pool of random bytes. The pool is filled for the first time with the first id, because some
/// hosts refuse randomness while a module is being loaded.
#[derive(Debug)]
pub struct IdSource<H> {
    host: H,
    pool: Vec<u8>,
    used: usize,
    made: u64,
    reserved: Option<TraceId>,
    reserved_span: Option<SpanId>,
}

impl<H: Host> IdSource<H> {
    /// A source that has not asked for randomness yet.
    pub const fn new(host: H) -> Self {
        Self { host, pool: Vec::new(), used: 0, made: 0, reserved: None, reserved_span: None }
    }

    /// A new trace id, or the reserved one.
    pub fn trace_id(&mut self) -> TraceId {
        let reserved = self.reserved.take();
        reserved.unwrap_or_else(|| TraceId(self.take()))
    }

    /// Reserves an id for the trace that begins next.
    pub const fn reserve_trace_id(&mut self, id: TraceId) {
        self.reserved = Some(id);
    }

    /// A new span id, or the reserved one.
    pub fn span_id(&mut self) -> SpanId {
        let reserved = self.reserved_span.take();
        reserved.unwrap_or_else(|| SpanId(self.take()))
    }

    /// Reserves an id for the span that begins next.
    pub const fn reserve_span_id(&mut self, id: SpanId) {
        self.reserved_span = Some(id);
    }

    /// A random number, for jitter.
    pub fn random(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// Fills `bytes` from the pool. Not generic over the length, so that the module holds this code once.
    fn fill(&mut self, bytes: &mut [u8]) {
        if self.used + bytes.len() > self.pool.len() {
            self.pool.resize(POOL_BYTES, 0);
            self.host.fill_random(&mut self.pool);
            self.used = 0;
        }
        let pool = self.pool.iter().skip(self.used);
        for (byte, random) in bytes.iter_mut().zip(pool) {
            *byte = *random;
        }
        self.used += bytes.len();
        self.made += 1;
        if bytes.iter().all(|byte| *byte == 0) {
            // A broken source must not cost a span: a counter is at least unique within this process.
            let counter = self.made.to_be_bytes();
            for (byte, count) in bytes.iter_mut().rev().zip(counter.iter().rev()) {
                *byte = *count;
            }
        }
    }
}
