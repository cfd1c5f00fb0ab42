//! A trace as MLflow shows it, read from memory.

use std::borrow::Cow;
use std::rc::Rc;

use crate::mlflow::api::trace_info::TraceState;
use crate::mlflow::attributes::{attributes, trace_attributes, trace_metadata};
use crate::mlflow::names;
use crate::trace::{
    Exposure, Extras, Span, SpanId, Status, TokenUsage, Trace, TraceId, UnixNanos, Value,
};

/// A trace that is in memory: the whole of it or, where another program began it, the parts that were
/// made here.
#[derive(Clone)]
pub struct TraceView<'a> {
    first: &'a Trace,
    /// `first` among them.
    parts: Vec<&'a Trace>,
    exposure: Exposure,
}

impl<'a> TraceView<'a> {
    /// The view of these parts, each of which may be named more than once; `None` of none.
    pub(crate) fn new(named: &[&'a Trace], exposure: Exposure) -> Option<Self> {
        let mut parts: Vec<&Trace> = Vec::new();
        for part in named {
            let key = part.root().key;
            if !parts.iter().any(|known| known.root().key == key) {
                parts.push(part);
            }
        }
        Some(Self {
            first: parts.first()?,
            parts,
            exposure,
        })
    }

    fn parts(&self) -> impl Iterator<Item = &'a Trace> + use<'a, '_> {
        self.parts.iter().copied()
    }

    /// The id of the trace.
    #[must_use]
    pub const fn id(&self) -> TraceId {
        self.first.id()
    }

    /// Whether its root is in another program, so that there may be more to it.
    #[must_use]
    pub const fn is_part(&self) -> bool {
        self.first.is_part()
    }

    /// What was said about it as a whole.
    #[must_use]
    pub const fn extras(&self) -> &'a Extras {
        &self.first.extras
    }

    /// What MLflow keeps as its metadata.
    #[must_use]
    pub fn metadata(&self) -> Vec<(Rc<str>, Rc<str>)> {
        trace_metadata(self.first)
    }

    /// Its name: that of its root.
    #[must_use]
    pub fn name(&self) -> &'a str {
        &self.first.root().name
    }

    /// How it went.
    #[must_use]
    pub fn state(&self) -> TraceState {
        let root = self.first.root();
        if root.end.is_none() {
            return TraceState::InProgress;
        }
        let failed = matches!(root.status, Status::Error(_));
        if self.extras().failed.unwrap_or(failed) {
            TraceState::Error
        } else {
            TraceState::Ok
        }
    }

    /// When it began.
    #[must_use]
    pub fn start(&self) -> UnixNanos {
        self.first.root().start
    }

    /// How long it took, in nanoseconds; `None` while it runs.
    #[must_use]
    pub fn duration_ns(&self) -> Option<u64> {
        let root = self.first.root();
        Some(root.end?.nanos_since(root.start))
    }

    /// The tokens of all its model calls; `None` if none told.
    #[must_use]
    pub fn token_usage(&self) -> Option<TokenUsage> {
        self.parts()
            .filter_map(Trace::usage)
            .reduce(TokenUsage::plus)
    }

    /// Its spans, the root first, in the order in which they began.
    pub fn spans(&self) -> impl Iterator<Item = &'a Span> + use<'a, '_> {
        self.parts().flat_map(Trace::spans)
    }

    /// The id of a span's parent; `None` for the root.
    #[must_use]
    pub fn parent_id(&self, span: &Span) -> Option<SpanId> {
        let part = self.parts().find(|part| part.span(span.key).is_some())?;
        part.parent_id(span)
    }

    /// Whether nothing of a span may be shown but that it is there, because no redaction has seen it.
    #[must_use]
    pub const fn hides(&self, span: &Span) -> bool {
        !self.exposure.admits(span)
    }

    /// MLflow's type of a span, such as `LLM`.
    #[must_use]
    pub fn span_type<'s>(&self, span: &'s Span) -> &'s str {
        names::span_type(span)
    }

    /// The attributes of a span as MLflow spells them, inputs and outputs among them.
    #[must_use]
    pub fn attributes<'s>(&self, span: &'s Span) -> Vec<(&'s str, Value)> {
        if self.hides(span) {
            return Vec::new();
        }
        attributes(span)
    }

    /// What the root says about the whole trace, as MLflow spells it; nothing for any other span.
    #[must_use]
    pub fn trace_attributes(&self, span: &Span) -> Vec<(Cow<'static, str>, Value)> {
        let part = self.parts().find(|part| part.root().key == span.key);
        part.map(trace_attributes).unwrap_or_default()
    }
}
