//! Chunks of a trace: final spans that are exported together.

use std::rc::Rc;

use super::{Route, Span, SpanId, Status, Trace, TraceId};

/// Final spans of one trace. The parent of a span can be in an earlier chunk, or can still be running.
#[derive(Debug)]
pub struct TraceChunk {
    trace_id: TraceId,
    /// The spans in the order in which they began, each with the id of its parent.
    spans: Vec<(Rc<Span>, Option<SpanId>)>,
    finished_trace: Option<Rc<Trace>>,
    session: Option<Rc<str>>,
    route: Option<Route>,
}

impl TraceChunk {
    /// A chunk of a trace that is still in progress. `session` is the session of the trace, if it is known
    /// already.
    #[must_use]
    pub const fn partial(
        trace_id: TraceId,
        spans: Vec<(Rc<Span>, Option<SpanId>)>,
        session: Option<Rc<str>>,
        route: Option<Route>,
    ) -> Self {
        Self { trace_id, spans, finished_trace: None, session, route }
    }

    /// The spans of a finished trace that were not exported early; the first span of the trace is always one of
    /// them.
    #[must_use]
    pub fn remaining(trace: Rc<Trace>) -> Self {
        Self {
            trace_id: trace.id(),
            spans: trace.unexported(),
            route: trace.route().cloned(),
            finished_trace: Some(trace),
            session: None,
        }
    }

    /// All spans of a finished trace, also those that were exported early.
    #[must_use]
    pub fn complete(trace: Rc<Trace>) -> Self {
        Self { spans: trace.all_spans(), ..Self::remaining(trace) }
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

    /// The span with this index, with the id of its parent.
    #[must_use]
    pub fn span(&self, index: usize) -> Option<(&Span, Option<SpanId>)> {
        let (span, parent) = self.spans.get(index)?;
        Some((span, *parent))
    }

    /// The number of spans.
    #[must_use]
    pub fn span_count(&self) -> usize {
        self.spans.len()
    }

    /// The finished trace, if its first span is in this chunk.
    #[must_use]
    pub const fn finished_trace(&self) -> Option<&Rc<Trace>> {
        self.finished_trace.as_ref()
    }

    /// The session of the trace, which the server takes from the first spans that it receives; `None` if the
    /// span that names the session is in this chunk.
    #[must_use]
    pub const fn session(&self) -> Option<&Rc<str>> {
        self.session.as_ref()
    }

    /// The route of the spans of its trace that were exported first; `None` if this is the first chunk.
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

    /// An estimate of its bytes on the wire.
    #[must_use]
    pub fn approximate_bytes(&self) -> usize {
        self.spans().map(|(span, _)| span.approximate_bytes()).sum()
    }

    /// An estimate of its bytes in memory.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.spans().map(|(span, _)| span.memory_bytes()).sum()
    }

    /// A selection, by index, of spans that need at most about `bytes` on the wire together, and of at least one
    /// span. The first span of the trace is selected only if it is alone, because servers take a trace with it
    /// for complete.
    #[must_use]
    pub fn first_bytes(&self, bytes: usize) -> Vec<bool> {
        let mut budget = Some(bytes);
        let mut takes = vec![false; self.spans.len()];
        for (index, (span, _)) in self.spans.iter().enumerate() {
            let is_last = self.spans.len() == 1;
            if budget.is_none() || span.parent.is_none() && !is_last {
                continue;
            }
            budget = budget.and_then(|budget| budget.checked_sub(span.approximate_bytes()));
            takes[index] = budget.is_some() || !takes.contains(&true);
        }
        takes
    }

    /// Moves the selected spans to a chunk of their own. The trace goes with its first span.
    #[must_use]
    pub fn split(&mut self, takes: &[bool]) -> Self {
        let session = self.finished_trace.as_ref().and_then(|finished_trace| finished_trace.session());
        let session = self.session.clone().or(session);
        let route = self.route.clone();
        let mut taken = Self::partial(self.trace_id, Vec::new(), session, route);
        let spans = std::mem::take(&mut self.spans);
        for (index, (span, parent)) in spans.into_iter().enumerate() {
            let is_taken = takes.get(index) == Some(&true);
            if is_taken && span.parent.is_none() {
                taken.finished_trace = self.finished_trace.take();
                taken.session = None;
            }
            let chunk = if is_taken { &mut taken } else { &mut *self };
            chunk.spans.push((span, parent));
        }
        taken
    }
}
