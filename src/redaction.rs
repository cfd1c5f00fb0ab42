//! Which traces are recorded, and what of them may leave: spans that a redaction has yet to see are held
//! back until then, whatever happens.

use crate::Tracer;
use crate::ag2::FinishedTrace;
use crate::trace::sampling::is_sampled;
use crate::trace::{
    CapturePolicy, Host, MonotonicNanos, Route, Span, SpanId, SpanKey, Trace, TraceId, TraceProperties,
};

/// What may leave, and the finished traces that may not yet.
#[derive(Debug, Default)]
pub(crate) struct Redaction {
    pub capture_policy: CapturePolicy,
    /// Each with the route that was current when it ended.
    held: Vec<(FinishedTrace, Route)>,
}

impl Redaction {
    /// Keeps a finished trace back if it has to be; else gives it.
    pub(crate) fn pass(&mut self, mut finished: FinishedTrace, route: Route) -> Option<(FinishedTrace, Route)> {
        finished.trace.apply_capture_policy(self.capture_policy);
        if self.is_exportable(&finished) {
            return Some((finished, route));
        }
        self.held.push((finished, route));
        None
    }

    fn is_exportable(&self, finished: &FinishedTrace) -> bool {
        let mut spans = finished.trace.spans();
        spans.all(|span| self.capture_policy.allows_export(span))
    }

    /// Spans held back that were not exported early.
    pub(crate) fn held_spans(&self) -> u64 {
        let held = self.held.iter();
        held.map(|(held, _)| (held.trace.span_count() - held.trace.exported_count()) as u64).sum()
    }
}

impl<H: Host> Tracer<H> {
    /// Whether the trace that begins next is recorded, if this part of all traces (0 to 1) is. To be
    /// asked before the event that begins it; of a trace that is not, nothing is to be reported.
    pub fn should_sample(&mut self, ratio: f64) -> bool {
        // The id that decides is the one that the trace will have.
        let id = self.ids.trace_id();
        let is_sampled = is_sampled(&id, ratio);
        if is_sampled {
            self.ids.reserve_trace_id(id);
        }
        is_sampled
    }

    /// Reserves the key of the span that begins next, and its ids and those of its trace, if any are given: for events
    /// that were recorded while the tracer was not there, whose spans the program knows already.
    pub fn reserve_span(&mut self, key: SpanKey, trace: Option<TraceId>, span: Option<SpanId>) {
        self.conversations.reserve_key(key);
        if let Some(id) = trace {
            self.ids.reserve_trace_id(id);
        }
        if let Some(id) = span {
            self.ids.reserve_span_id(id);
        }
    }

    /// Ids for a trace that is not recorded, for programs that propagate the decision.
    pub fn unrecorded_context(&mut self) -> (TraceId, SpanId) {
        (self.ids.trace_id(), self.ids.span_id())
    }

    /// Sets the policy for the export, the persistence and the views of spans from now on. Exported spans are not
    /// affected.
    pub fn set_capture_policy(&mut self, capture_policy: CapturePolicy, now: MonotonicNanos) {
        self.redaction.capture_policy = capture_policy;
        self.conversations.open_mut().set_capture_policy(capture_policy);
        self.release(now);
    }

    /// The spans that are done and wait for a redaction.
    #[must_use]
    pub fn unredacted(&self) -> Vec<SpanKey> {
        if !self.redaction.capture_policy.only_redacted {
            return Vec::new();
        }
        let mut keys = Vec::new();
        let mut look_at = |span: &Span| {
            if !span.is_redacted {
                keys.push(span.key);
            }
        };
        for (held, _) in &self.redaction.held {
            for span in held.trace.spans() {
                look_at(span);
            }
        }
        for trace in self.conversations.open().traces() {
            for span in trace.exportable() {
                look_at(span);
            }
        }
        keys
    }

    /// The span with this key and its trace, if it waits for a redaction.
    #[must_use]
    pub fn to_be_redacted(&self, key: SpanKey) -> Option<(&Trace, &Span)> {
        let held = self.redaction.held.iter().map(|(held, _)| &held.trace);
        let mut traces = held.chain(self.conversations.open().trace_of(key));
        traces.find_map(|trace| Some((trace, trace.span(key)?)))
    }

    /// The span with this key, to be changed, if it waits for a redaction. The caller sets its `is_redacted`
    /// when done.
    pub fn redact(&mut self, key: SpanKey) -> Option<&mut Span> {
        let held = self.redaction.held.iter_mut();
        let mut held = held.map(|(held, _)| &mut held.trace);
        if let Some(trace) = held.find(|trace| trace.span(key).is_some()) {
            return trace.span_mut(key);
        }
        self.conversations.open_mut().span_mut(key)
    }

    /// Drops a span that waits for a redaction, and counts it. The root of a trace takes along what of it was not
    /// exported: the server would never take the trace for complete.
    pub fn drop_redacted(&mut self, key: SpanKey) {
        let held = &mut self.redaction.held;
        let Some(index) = held.iter().position(|(held, _)| held.trace.span(key).is_some()) else {
            self.redacted += u64::from(self.conversations.open_mut().drop_span(key));
            return;
        };
        let trace = &mut held[index].0.trace;
        if trace.root().key == key {
            self.redacted += (trace.span_count() - trace.exported_count()) as u64;
            held.remove(index);
        } else {
            self.redacted += u64::from(trace.drop_span(key));
        }
    }

    /// The properties of the trace with this root, mutable, if it waits for a redaction.
    pub fn redact_properties(&mut self, root: SpanKey) -> Option<&mut TraceProperties> {
        let held = self.redaction.held.iter_mut();
        let mut held = held.map(|(held, _)| &mut held.trace);
        let trace = held.find(|trace| trace.root().key == root)?;
        Some(&mut trace.properties)
    }

    /// Passes on the traces all of whose spans may leave by now.
    pub fn release(&mut self, now: MonotonicNanos) {
        for (finished, route) in std::mem::take(&mut self.redaction.held) {
            self.finish_at(finished, route, now);
        }
    }
}
