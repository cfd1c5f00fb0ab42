//! Records for persistent storage: a version, then fields one after the other. Numbers are little endian,
//! texts and bodies stand behind their length.

use std::rc::Rc;

use super::chunk::{EncodedSpans, Payload, QueuedChunk};
use super::persistence::RecordedFor;
use super::trace_infos::PendingTraceInfo;
use crate::mlflow::api::trace_info::{TraceInfo, TraceState};
use crate::mlflow::otlp::decode::{DecodedSpan, each_span};
use crate::mlflow::otlp::encode;
use crate::trace::{TraceChunk, TraceId, UnixNanos};

/// The first byte; what begins otherwise was written by a version that is not this one.
const VERSION: u8 = 2;
const SPAN_ID_BYTES: usize = 8;
const HAS_ROOT: u8 = 1;
const HAS_ERROR: u8 = 2;
const HAS_INFO: u8 = 4;
const IS_NAME: u8 = 8;
const HAS_CLIENT_REQUEST_ID: u8 = 1;
const HAS_REQUEST_PREVIEW: u8 = 2;
const HAS_RESPONSE_PREVIEW: u8 = 4;
const IS_DERIVED: u8 = 8;

/// Encodes a chunk that was recorded for this place.
pub(super) fn encode_chunk(chunk: &QueuedChunk, place: &RecordedFor<'_>) -> Vec<u8> {
    match &chunk.payload {
        Payload::Encoded(encoded) => encode_record(encoded, place),
        Payload::Spans(recorded) => {
            let info = recorded.finished_trace().and_then(|trace| TraceInfo::beyond_spans(trace));
            let encoded = EncodedSpans {
                trace_id: recorded.trace_id(),
                span_count: recorded.span_count(),
                has_root: chunk.has_root(),
                has_error: chunk.has_error(),
                body: encode::encode(std::iter::once::<&TraceChunk>(recorded)),
                info,
            };
            encode_record(&encoded, place)
        }
    }
}

/// Encodes what is still to be sent of a trace whose spans have been delivered.
pub(super) fn encode_trace_info(pending: &PendingTraceInfo, place: &RecordedFor<'_>) -> Vec<u8> {
    let encoded = EncodedSpans {
        trace_id: pending.trace_id,
        span_count: pending.spans as usize,
        has_root: true,
        has_error: false,
        body: Vec::new(),
        info: Some(pending.info.clone()),
    };
    encode_record(&encoded, place)
}

fn encode_record(encoded: &EncodedSpans, place: &RecordedFor<'_>) -> Vec<u8> {
    let flags = flag(encoded.has_root, HAS_ROOT)
        | flag(encoded.has_error, HAS_ERROR)
        | flag(encoded.info.is_some(), HAS_INFO)
        | flag(place.is_name, IS_NAME);
    let mut writer = Writer(vec![VERSION, flags]);
    writer.0.extend_from_slice(encoded.trace_id.as_bytes());
    writer.count(encoded.span_count);
    writer.field(place.server.as_bytes());
    writer.field(place.workspace.as_bytes());
    writer.field(place.experiment.as_bytes());
    writer.field(&encoded.body);
    if let Some(info) = &encoded.info {
        encode_info(&mut writer, info);
    }
    writer.0
}

const fn flag(is_set: bool, flag: u8) -> u8 {
    if is_set { flag } else { 0 }
}

fn encode_info(writer: &mut Writer, info: &TraceInfo) {
    let texts = [
        (&info.client_request_id, HAS_CLIENT_REQUEST_ID),
        (&info.request_preview, HAS_REQUEST_PREVIEW),
        (&info.response_preview, HAS_RESPONSE_PREVIEW),
    ];
    let mut flags = flag(info.is_derived, IS_DERIVED);
    for (text, number) in texts {
        flags |= flag(text.is_some(), number);
    }
    writer.0.push(flags);
    writer.0.push(match info.state {
        TraceState::Ok => 0,
        TraceState::Error => 1,
        TraceState::InProgress => 2,
    });
    writer.0.extend_from_slice(&info.start.0.to_le_bytes());
    writer.0.extend_from_slice(&info.duration_ns.to_le_bytes());
    for text in texts.into_iter().filter_map(|(text, _)| text.as_ref()) {
        writer.field(text.as_bytes());
    }
    for pairs in [&info.metadata, &info.tags] {
        writer.count(pairs.len());
        for (key, value) in pairs {
            writer.field(key.as_bytes());
            writer.field(value.as_bytes());
        }
    }
}

#[derive(Debug)]
struct Writer(Vec<u8>);

impl Writer {
    fn count(&mut self, count: usize) {
        self.0.extend_from_slice(&(count as u32).to_le_bytes());
    }

    fn field(&mut self, field: &[u8]) {
        self.count(field.len());
        self.0.extend_from_slice(field);
    }
}

/// A record that was read.
#[derive(Debug)]
pub(super) struct Restored {
    /// The address of the server that it was recorded for.
    pub server: String,
    /// The workspace there; empty: none.
    pub workspace: String,
    /// The id of the experiment there, or its name.
    pub experiment: String,
    /// Whether it is the name.
    pub is_name: bool,
    /// The spans; without a body if they have been delivered and only the trace's info has not.
    pub encoded: EncodedSpans,
}

/// Decodes a record; `None` if it is not one, or not all of it.
#[must_use]
pub(super) fn decode(bytes: &[u8]) -> Option<Restored> {
    let mut rest = Reader(bytes);
    let [version, flags] = rest.take()?;
    if version != VERSION {
        return None;
    }
    let trace_id = TraceId::from_bytes(rest.take()?)?;
    let span_count = rest.count()?;
    let (server, workspace, experiment) = (rest.text()?, rest.text()?, rest.text()?);
    let encoded = EncodedSpans {
        has_root: flags & HAS_ROOT != 0,
        has_error: flags & HAS_ERROR != 0,
        trace_id,
        span_count,
        body: rest.field()?.to_vec(),
        info: if flags & HAS_INFO == 0 { None } else { Some(decode_info(&mut rest)?) },
    };
    // Without anything to send it would never be finished.
    let has_content = !encoded.body.is_empty() || encoded.info.is_some();
    let restored = Restored { server, workspace, experiment, is_name: flags & IS_NAME != 0, encoded };
    let is_whole = rest.0.is_empty() && span_count > 0 && has_content;
    (is_whole && flags & !(HAS_ROOT | HAS_ERROR | HAS_INFO | IS_NAME) == 0 && has_its_spans(&restored.encoded))
        .then_some(restored)
}

/// Whether the body, if there is one, holds spans of the record's trace, not more than it says, and no others.
fn has_its_spans(encoded: &EncodedSpans) -> bool {
    let (mut own, mut all) = (0, 0);
    each_span(&encoded.body, &mut |span| {
        let span = DecodedSpan::read(span);
        own += usize::from(span.trace_id == encoded.trace_id.as_bytes() && span.id.len() == SPAN_ID_BYTES);
        all += 1;
    });
    encoded.body.is_empty() || own == all && own > 0 && own <= encoded.span_count
}

fn decode_info(rest: &mut Reader<'_>) -> Option<TraceInfo> {
    let [flags, state] = rest.take()?;
    let start = UnixNanos(u64::from_le_bytes(rest.take()?));
    let duration_ns = u64::from_le_bytes(rest.take()?);
    let mut text = |number: u8| -> Option<Option<Rc<str>>> {
        Some(if flags & number == 0 { None } else { Some(rest.text()?.into()) })
    };
    Some(TraceInfo {
        start,
        duration_ns,
        state: match state {
            0 => TraceState::Ok,
            1 => TraceState::Error,
            2 => TraceState::InProgress,
            _ => return None,
        },
        client_request_id: text(HAS_CLIENT_REQUEST_ID)?,
        request_preview: text(HAS_REQUEST_PREVIEW)?,
        response_preview: text(HAS_RESPONSE_PREVIEW)?,
        metadata: rest.pairs()?,
        tags: rest.pairs()?,
        is_derived: flags & IS_DERIVED != 0,
    })
}

#[derive(Debug)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn count(&mut self) -> Option<usize> {
        usize::try_from(u32::from_le_bytes(self.take()?)).ok()
    }

    fn field(&mut self) -> Option<&'a [u8]> {
        let length = self.count()?;
        let (field, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(field)
    }

    fn text(&mut self) -> Option<String> {
        String::from_utf8(self.field()?.to_vec()).ok()
    }

    fn pairs(&mut self) -> Option<Vec<(Rc<str>, Rc<str>)>> {
        // What is not there ends the loop long before a wrong count does.
        let count = self.count()?;
        let mut pairs = Vec::new();
        for _ in 0..count {
            pairs.push((self.text()?.into(), self.text()?.into()));
        }
        Some(pairs)
    }
}
