//! A trace as MLflow shows it, read from memory.

use crate::mlflow::attributes::attributes;
use crate::mlflow::names;
use crate::trace::{Span, SpanId, Status, TokenUsage, Trace, TraceId, UnixNanos, Value};

/// How a whole trace went (mlflow/entities/trace_state.py).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceState {
    /// Its root has ended well.
    Ok,
    /// Its root has failed.
    Error,
    /// Its root still runs.
    InProgress,
}

impl TraceState {
    /// MLflow's name of it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Error => "ERROR",
            Self::InProgress => "IN_PROGRESS",
        }
    }
}

/// A trace that is in memory.
#[derive(Clone, Copy)]
pub struct TraceView<'a> {
    trace: &'a Trace,
}

impl<'a> TraceView<'a> {
    pub(super) const fn new(trace: &'a Trace) -> Self {
        Self { trace }
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> TraceId {
        self.trace.id()
    }

    /// Its name: that of its root.
    #[must_use]
    pub fn name(&self) -> &'a str {
        &self.trace.root().name
    }

    /// How it went.
    #[must_use]
    pub const fn state(&self) -> TraceState {
        let root = self.trace.root();
        match (root.end, &root.status) {
            (None, _) => TraceState::InProgress,
            (Some(_), Status::Error(_)) => TraceState::Error,
            (Some(_), _) => TraceState::Ok,
        }
    }

    /// When it began.
    #[must_use]
    pub const fn start(&self) -> UnixNanos {
        self.trace.root().start
    }

    /// How long it took, in nanoseconds; `None` while it runs.
    #[must_use]
    pub fn duration_ns(&self) -> Option<u64> {
        let root = self.trace.root();
        Some(root.end?.nanos_since(root.start))
    }

    /// The tokens of all its model calls; `None` if none told.
    #[must_use]
    pub fn token_usage(&self) -> Option<TokenUsage> {
        self.trace.usage()
    }

    /// Its spans, the root first, in the order in which they began.
    pub fn spans(&self) -> impl Iterator<Item = &'a Span> + use<'a> {
        self.trace.spans()
    }

    /// The id of a span's parent; `None` for the root.
    #[must_use]
    pub fn parent_id(&self, span: &Span) -> Option<SpanId> {
        self.trace.parent_id(span)
    }

    /// MLflow's type of a span, such as `LLM`.
    #[must_use]
    pub const fn span_type(&self, span: &Span) -> &'static str {
        names::span_type(span.kind)
    }

    /// The attributes of a span as MLflow spells them, inputs and outputs among them.
    #[must_use]
    pub fn attributes(&self, span: &Span) -> Vec<(&'static str, Value)> {
        attributes(span)
    }
}
