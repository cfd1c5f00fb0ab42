//! Finished spans of one trace, as they travel.

use std::rc::Rc;

use super::{Span, SpanId, Status, Trace, TraceId};

/// Some spans of one trace that nothing will change any more. It stands by itself: a span's parent may
/// have been sent before, or may still run.
pub struct Part {
    trace_id: TraceId,
    /// Each with the id of its parent, in the order in which they began to be recorded.
    spans: Vec<(Rc<Span>, Option<SpanId>)>,
    whole: Option<Rc<Trace>>,
    session: Option<Rc<str>>,
}

impl Part {
    /// Spans of a trace that is still in progress. `session` is the session of the trace as far as it
    /// is known by now.
    #[must_use]
    pub const fn early(
        trace_id: TraceId,
        spans: Vec<(Rc<Span>, Option<SpanId>)>,
        session: Option<Rc<str>>,
    ) -> Self {
        Self {
            trace_id,
            spans,
            whole: None,
            session,
        }
    }

    /// What was not sent ahead of a finished trace; its first span is always among it.
    #[must_use]
    pub fn last(trace: Rc<Trace>) -> Self {
        Self {
            trace_id: trace.id(),
            spans: trace.unsent(),
            whole: Some(trace),
            session: None,
        }
    }

    /// All of a finished trace, whatever was sent ahead of it.
    #[must_use]
    pub fn all(trace: Rc<Trace>) -> Self {
        Self {
            spans: trace.all(),
            ..Self::last(trace)
        }
    }

    /// The id of the trace.
    #[must_use]
    pub const fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// The spans, each with the id of its parent.
    pub fn spans(&self) -> impl Iterator<Item = (&Span, Option<SpanId>)> {
        self.spans.iter().map(|(span, parent)| (&**span, *parent))
    }

    /// The span with this number, counted from 0, with the id of its parent.
    #[must_use]
    pub fn span(&self, index: usize) -> Option<(&Span, Option<SpanId>)> {
        let (span, parent) = self.spans.get(index)?;
        Some((span, *parent))
    }

    /// How many spans it has.
    #[must_use]
    pub fn span_count(&self) -> usize {
        self.spans.len()
    }

    /// The finished trace, if its first span is here.
    #[must_use]
    pub const fn whole(&self) -> Option<&Rc<Trace>> {
        self.whole.as_ref()
    }

    /// The session of the trace, for the server to take from the first spans that it sees. Only
    /// where the span that says so itself is not among these.
    #[must_use]
    pub const fn session(&self) -> Option<&Rc<str>> {
        self.session.as_ref()
    }

    /// Whether any of the spans failed.
    #[must_use]
    pub fn has_error(&self) -> bool {
        let failed = |span: &Span| matches!(span.status, Status::Error(_));
        self.spans().any(|(span, _)| failed(span))
    }

    /// About how many bytes it needs on the wire.
    #[must_use]
    pub fn approximate_bytes(&self) -> usize {
        self.spans().map(|(span, _)| span.approximate_bytes()).sum()
    }

    /// Takes out the spans that `takes` names, by their number, as a part of their own. What is said
    /// about the whole trace goes with its first span.
    #[must_use]
    pub fn split(&mut self, takes: &[bool]) -> Self {
        let mut taken = Self::early(self.trace_id, Vec::new(), self.session.clone());
        let spans = std::mem::take(&mut self.spans);
        for (index, (span, parent)) in spans.into_iter().enumerate() {
            let is_taken = takes.get(index) == Some(&true);
            if is_taken && span.parent.is_none() {
                taken.whole = self.whole.take();
            }
            let part = if is_taken { &mut taken } else { &mut *self };
            part.spans.push((span, parent));
        }
        taken
    }
}
