//! Finished spans of one trace, as they travel.

use std::rc::Rc;

use super::{Route, Span, SpanId, Status, Trace, TraceId};

/// Some spans of one trace that nothing will change any more. It stands by itself: a span's parent may
/// have been sent before, or may still run.
pub struct Part {
    trace_id: TraceId,
    /// Each with the id of its parent, in the order in which they began to be recorded.
    spans: Vec<(Rc<Span>, Option<SpanId>)>,
    whole: Option<Rc<Trace>>,
    session: Option<Rc<str>>,
    route: Option<Route>,
}

impl Part {
    /// Spans of a trace that is still in progress. `session` is the session of the trace as far as it
    /// is known by now.
    #[must_use]
    pub const fn early(
        trace_id: TraceId,
        spans: Vec<(Rc<Span>, Option<SpanId>)>,
        session: Option<Rc<str>>,
        route: Option<Route>,
    ) -> Self {
        Self {
            trace_id,
            spans,
            whole: None,
            session,
            route,
        }
    }

    /// What was not exported early of a finished trace; its first span is always among it.
    #[must_use]
    pub fn last(trace: Rc<Trace>) -> Self {
        Self {
            trace_id: trace.id(),
            spans: trace.unsent(),
            route: trace.route().cloned(),
            whole: Some(trace),
            session: None,
        }
    }

    /// All of a finished trace, whatever was exported early of it.
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

    /// Where the first exported spans of its trace went; `None` if none were exported before.
    #[must_use]
    pub const fn route(&self) -> Option<&Route> {
        self.route.as_ref()
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

    /// About how many bytes of memory it keeps.
    #[must_use]
    pub fn kept_bytes(&self) -> usize {
        self.spans().map(|(span, _)| span.kept_bytes()).sum()
    }

    /// Which spans to take, by their number, so that those need about `bytes` on the wire at most, one
    /// at least; the first of the trace only if it is alone, because with it a trace is done.
    #[must_use]
    pub fn first_bytes(&self, bytes: usize) -> Vec<bool> {
        let mut left = Some(bytes);
        let mut takes = vec![false; self.spans.len()];
        for (index, (span, _)) in self.spans.iter().enumerate() {
            let is_last = self.spans.len() == 1;
            if left.is_none() || span.parent.is_none() && !is_last {
                continue;
            }
            left = left.and_then(|left| left.checked_sub(span.approximate_bytes()));
            takes[index] = left.is_some() || !takes.contains(&true);
        }
        takes
    }

    /// Takes out the spans that `takes` names, by their number, as a part of their own. What is said
    /// about the whole trace goes with its first span.
    #[must_use]
    pub fn split(&mut self, takes: &[bool]) -> Self {
        let session = self.whole.as_ref().and_then(|whole| whole.session());
        let session = self.session.clone().or(session);
        let route = self.route.clone();
        let mut taken = Self::early(self.trace_id, Vec::new(), session, route);
        let spans = std::mem::take(&mut self.spans);
        for (index, (span, parent)) in spans.into_iter().enumerate() {
            let is_taken = takes.get(index) == Some(&true);
            if is_taken && span.parent.is_none() {
                taken.whole = self.whole.take();
                taken.session = None;
            }
            let part = if is_taken { &mut taken } else { &mut *self };
            part.spans.push((span, parent));
        }
        taken
    }
}
