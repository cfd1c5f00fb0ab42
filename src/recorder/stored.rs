//! Parcels as bytes that outlive the program: a version, then fields one after the other. Numbers are
//! little endian, texts and bodies stand behind their length.

use super::finals::Final;
use crate::buffer::{Encoded, Load, Parcel};
use crate::mlflow::otlp;
use crate::mlflow::trace_info::trace_info;
use crate::trace::{Part, TraceId};

/// The first byte; what begins otherwise was written by a version that is not this one.
const VERSION: u8 = 1;
const HAS_ROOT: u8 = 1;
const HAS_ERROR: u8 = 2;
const HAS_INFO: u8 = 4;

/// Writes down a parcel that was recorded for this server and experiment.
pub fn write(parcel: &Parcel, server: &str, experiment: &str) -> Vec<u8> {
    let part = match &parcel.load {
        Load::Encoded(encoded) => return write_encoded(encoded),
        Load::Live(part) => part,
    };
    let info = part.whole().and_then(|trace| trace_info(trace));
    write_encoded(&Encoded {
        trace_id: part.trace_id(),
        span_count: part.span_count(),
        has_root: parcel.has_root(),
        has_error: parcel.has_error(),
        server: server.to_owned(),
        experiment: experiment.to_owned(),
        body: otlp::encode(std::iter::once::<&Part>(part)),
        info: info.map(Into::into),
    })
}

/// Writes down what is still to be told of a trace whose spans have arrived.
pub fn write_final(told: &Final, server: &str) -> Vec<u8> {
    write_encoded(&Encoded {
        trace_id: told.trace_id,
        span_count: told.spans as usize,
        has_root: true,
        has_error: false,
        server: server.to_owned(),
        experiment: told.experiment.clone(),
        body: Vec::new(),
        info: Some(told.info.clone().into()),
    })
}

fn write_encoded(encoded: &Encoded) -> Vec<u8> {
    let mut flags = 0;
    for (is, flag) in [
        (encoded.has_root, HAS_ROOT),
        (encoded.has_error, HAS_ERROR),
        (encoded.info.is_some(), HAS_INFO),
    ] {
        flags |= if is { flag } else { 0 };
    }
    let mut bytes = vec![VERSION, flags];
    bytes.extend_from_slice(encoded.trace_id.as_bytes());
    bytes.extend_from_slice(&(encoded.span_count as u32).to_le_bytes());
    let mut field = |field: &[u8]| {
        bytes.extend_from_slice(&(field.len() as u32).to_le_bytes());
        bytes.extend_from_slice(field);
    };
    field(encoded.server.as_bytes());
    field(encoded.experiment.as_bytes());
    field(&encoded.body);
    if let Some((before, after)) = &encoded.info {
        field(before.as_bytes());
        field(after.as_bytes());
    }
    bytes
}

/// Reads a parcel; `None` if it is not one, or not all of it.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Encoded> {
    let mut rest = Reader(bytes);
    let [version, flags] = rest.take()?;
    if version != VERSION {
        return None;
    }
    let encoded = Encoded {
        has_root: flags & HAS_ROOT != 0,
        has_error: flags & HAS_ERROR != 0,
        trace_id: TraceId::from_bytes(rest.take()?)?,
        span_count: rest.number()?,
        server: rest.text()?,
        experiment: rest.text()?,
        body: rest.field()?.to_vec(),
        info: if flags & HAS_INFO == 0 {
            None
        } else {
            Some((rest.text()?, rest.text()?))
        },
    };
    // Without anything to send it would never be settled.
    let says_something = !encoded.body.is_empty() || encoded.info.is_some();
    (rest.0.is_empty() && encoded.span_count > 0 && says_something).then_some(encoded)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn number(&mut self) -> Option<usize> {
        usize::try_from(u32::from_le_bytes(self.take()?)).ok()
    }

    fn field(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        let (field, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(field)
    }

    fn text(&mut self) -> Option<String> {
        String::from_utf8(self.field()?.to_vec()).ok()
    }
}
