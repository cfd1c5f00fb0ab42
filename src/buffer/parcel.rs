//! What waits, travels and comes back as one: finished spans of one trace.

use std::rc::Rc;

use crate::trace::{Part, TraceId, UnixNanos};

/// Finished spans of one trace on their way.
pub struct Parcel {
    /// The spans.
    pub load: Load,
    /// How often it was sent in vain.
    pub attempts: u32,
    /// Parcels that travel with no others than those of the same number, because a batch they were in
    /// was refused; 0: with any.
    pub group: u32,
    /// The number under which it was given out to be kept elsewhere. Parcels that were one then share it.
    pub saved: Option<Rc<u32>>,
    /// When it may be sent.
    pub(super) due: UnixNanos,
    bytes: usize,
    kept: usize,
}

/// The spans of a parcel.
pub enum Load {
    /// As recorded.
    Live(Part),
    /// As bytes, from an earlier life of the program.
    Encoded(Box<Encoded>),
}

/// Spans as an earlier life of the program wrote them down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The id of the trace.
    pub trace_id: TraceId,
    /// How many spans.
    pub span_count: usize,
    /// Whether the root is among them.
    pub has_root: bool,
    /// Whether any of them failed.
    pub has_error: bool,
    /// The server that `experiment` is of; empty if that is not known.
    pub server: String,
    /// The id of the experiment they were meant for; empty if that was not known.
    pub experiment: String,
    /// An OTLP `ExportTraceServiceRequest`; empty if the spans have arrived and only `info` has not.
    pub body: Vec<u8>,
    /// What is to be told of the trace behind its spans, around the id of the experiment.
    pub info: Option<(String, String)>,
}

impl Parcel {
    /// A parcel that may be sent from `due` on.
    #[must_use]
    pub fn new(load: Load, due: UnixNanos) -> Self {
        let (bytes, kept) = sizes(&load);
        Self {
            load,
            attempts: 0,
            group: 0,
            saved: None,
            due,
            bytes,
            kept,
        }
    }

    /// The id of its trace.
    #[must_use]
    pub const fn trace_id(&self) -> TraceId {
        match &self.load {
            Load::Live(part) => part.trace_id(),
            Load::Encoded(encoded) => encoded.trace_id,
        }
    }

    /// How many spans it has.
    #[must_use]
    pub fn span_count(&self) -> usize {
        match &self.load {
            Load::Live(part) => part.span_count(),
            Load::Encoded(encoded) => encoded.span_count,
        }
    }

    /// About how many bytes it needs on the wire.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// About how many bytes of memory it keeps.
    #[must_use]
    pub const fn kept_bytes(&self) -> usize {
        self.kept
    }

    /// Whether the first span of the trace is among its spans: with it a trace is done.
    #[must_use]
    pub const fn has_root(&self) -> bool {
        match &self.load {
            Load::Live(part) => part.whole().is_some(),
            Load::Encoded(encoded) => encoded.has_root,
        }
    }

    /// Whether any of its spans failed.
    #[must_use]
    pub fn has_error(&self) -> bool {
        match &self.load {
            Load::Live(part) => part.has_error(),
            Load::Encoded(encoded) => encoded.has_error,
        }
    }

    /// The spans as recorded; `None` if they are bytes.
    #[must_use]
    pub const fn part(&self) -> Option<&Part> {
        match &self.load {
            Load::Live(part) => Some(part),
            Load::Encoded(_) => None,
        }
    }

    /// The OTLP body of spans that are bytes; empty if they are as recorded.
    #[must_use]
    pub fn encoded_body(&self) -> &[u8] {
        match &self.load {
            Load::Live(_) => &[],
            Load::Encoded(encoded) => &encoded.body,
        }
    }

    /// The server and the experiment that it was meant for, if it is not for the present ones.
    #[must_use]
    pub fn destination(&self) -> Option<(&str, &str)> {
        match &self.load {
            Load::Encoded(encoded) if !encoded.experiment.is_empty() => {
                Some((&encoded.server, &encoded.experiment))
            }
            _ => None,
        }
    }

    /// Lets it go where all others go. Tells whether it was to go elsewhere.
    pub fn forget_destination(&mut self) -> bool {
        match &mut self.load {
            Load::Encoded(encoded) if !encoded.experiment.is_empty() => {
                encoded.experiment.clear();
                true
            }
            _ => false,
        }
    }

    /// Another parcel to which has happened what has happened to this one.
    #[must_use]
    pub fn with_load(&self, load: Load) -> Self {
        Self {
            attempts: self.attempts,
            group: self.group,
            saved: self.saved.clone(),
            ..Self::new(load, self.due)
        }
    }

    /// Whether nothing else of its trace can be waiting.
    pub(super) fn is_whole_trace(&self) -> bool {
        let whole = self.part().and_then(Part::whole);
        whole.is_some_and(|trace| trace.span_count() == self.span_count())
    }

    /// Two parcels of one: with the spans that `takes` names, by their order, and with the others. Both
    /// take over what has happened to it. Bytes cannot be split and count as not named.
    #[must_use]
    pub fn split(mut self, takes: &[bool]) -> (Option<Self>, Option<Self>) {
        let Load::Live(part) = &mut self.load else {
            return (None, Some(self));
        };
        if !takes.contains(&true) {
            return (None, Some(self));
        }
        if !takes.contains(&false) {
            return (Some(self), None);
        }
        let taken = part.split(takes);
        (self.bytes, self.kept) = (part.approximate_bytes(), part.kept_bytes());
        let taken = self.with_load(Load::Live(taken));
        (Some(taken), Some(self))
    }
}

/// About how many bytes a load needs on the wire, and keeps in memory.
fn sizes(load: &Load) -> (usize, usize) {
    match load {
        Load::Live(part) => (part.approximate_bytes(), part.kept_bytes()),
        Load::Encoded(encoded) => (encoded.body.len(), encoded.body.len()),
    }
}
