//! A trace as MLflow shows it, read from memory.

use std::borrow::Cow;
use std::rc::Rc;

use crate::mlflow::api::trace_info::TraceState;
use crate::mlflow::attributes::{attributes, trace_attributes, trace_metadata};
use crate::mlflow::names;
use crate::mlflow::previews::previews;
use crate::trace::{
    CapturePolicy, Span, SpanId, Status, TokenUsage, Trace, TraceId, TraceProperties, UnixNanos, Value,
};

/// A trace that is in memory. A trace with a remote root can consist of several [`Trace`]s, each below a span of
/// another program.
#[derive(Debug, Clone)]
pub struct TraceView<'a> {
    first: &'a Trace,
    /// All traces of this id, `first` among them.
    traces: Vec<&'a Trace>,
    capture_policy: CapturePolicy,
}

impl<'a> TraceView<'a> {
    /// The view of these traces, each of which may be named more than once; `None` if there are none.
    pub(crate) fn new(named: &[&'a Trace], capture_policy: CapturePolicy) -> Option<Self> {
        let mut traces: Vec<&Trace> = Vec::new();
        for trace in named {
            let key = trace.root().key;
            if !traces.iter().any(|known| known.root().key == key) {
                traces.push(trace);
            }
        }
        Some(Self { first: traces.first()?, traces, capture_policy })
    }

    /// The same trace, nothing of which waits for a redaction.
    #[must_use]
    pub fn unhidden(self) -> Self {
        Self { capture_policy: CapturePolicy::default(), ..self }
    }

    fn traces(&self) -> impl Iterator<Item = &'a Trace> + use<'a, '_> {
        self.traces.iter().copied()
    }

    /// The id of the trace.
    #[must_use]
    pub const fn id(&self) -> TraceId {
        self.first.id()
    }

    /// Whether its root is in another program, so that there may be more to it.
    #[must_use]
    pub const fn has_remote_root(&self) -> bool {
        self.first.has_remote_root()
    }

    /// The properties of the trace as a whole.
    #[must_use]
    pub const fn properties(&self) -> &'a TraceProperties {
        &self.first.properties
    }

    /// What is read off the values of its root as the previews of request and response.
    #[must_use]
    pub fn previews(&self) -> [Option<Rc<str>>; 2] {
        let root = self.first.root();
        if self.hides(root) { [None, None] } else { previews(root) }
    }

    /// The metadata of the trace in MLflow.
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
        if self.properties().failed.unwrap_or(failed) { TraceState::Error } else { TraceState::Ok }
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

    /// The sum of the tokens of all model calls; `None` if no call has counts.
    #[must_use]
    pub fn token_usage(&self) -> Option<TokenUsage> {
        self.traces().filter_map(Trace::usage).reduce(TokenUsage::plus)
    }

    /// Its spans, the root first, in the order in which they began.
    pub fn spans(&self) -> impl Iterator<Item = &'a Span> + use<'a, '_> {
        self.traces().flat_map(Trace::spans)
    }

    /// The id of a span's parent; `None` for the root.
    #[must_use]
    pub fn parent_id(&self, span: &Span) -> Option<SpanId> {
        let trace = self.traces().find(|trace| trace.span(span.key).is_some())?;
        trace.parent_id(span)
    }

    /// Whether nothing of a span may be shown but that it is there, because no redaction has seen it.
    #[must_use]
    pub const fn hides(&self, span: &Span) -> bool {
        !self.capture_policy.allows_export(span)
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

    /// The attributes of the root that describe the whole trace, as MLflow spells them; empty for any other span.
    #[must_use]
    pub fn trace_attributes(&self, span: &Span) -> Vec<(Cow<'static, str>, Value)> {
        let trace = self.traces().find(|trace| trace.root().key == span.key);
        trace.map(trace_attributes).unwrap_or_default()
    }
}
