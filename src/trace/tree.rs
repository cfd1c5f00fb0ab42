//! The tree of spans that is one trace.

use std::cell::OnceCell;
use std::rc::Rc;

use super::{
    AttributeKey, CapturePolicy, Route, Span, SpanId, SpanKey, TokenUsage, TraceChunk, TraceId, TraceProperties,
    UnixNanos, Value,
};

/// The spans of one trace in the order in which they began, the root first. Exported spans are shared with the
/// chunks that carry them.
#[derive(Debug)]
pub struct Trace {
    /// The properties of the trace as a whole.
    pub properties: TraceProperties,
    id: TraceId,
    remote_parent: Option<SpanId>,
    /// The spans, at least one.
    spans: Vec<Rc<Span>>,
    /// The state of each span; that of the root is always [`SpanState::Mutable`].
    states: Vec<SpanState>,
    /// The number of spans that were exported early or dropped.
    exported: usize,
    /// The session that it has joined since it ended.
    joined_session: OnceCell<Rc<str>>,
    /// The session that the first early export named.
    exported_session: Option<Rc<str>>,
    /// The route of its first early export, which all other spans follow.
    route: Option<Route>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
/// The progress of a span towards its export.
enum SpanState {
    /// Events can still change the span.
    Mutable,
    /// No event will change the span any more.
    Final,
    /// The span was exported early.
    Exported,
    /// The span is never exported: the program's redaction has dropped it.
    Dropped,
}

impl Trace {
    /// A trace with one span.
    #[must_use]
    pub fn new(id: TraceId, root: Span) -> Self {
        Self {
            properties: TraceProperties::default(),
            id,
            remote_parent: None,
            spans: vec![Rc::new(root)],
            states: vec![SpanState::Mutable],
            exported: 0,
            joined_session: OnceCell::new(),
            exported_session: None,
            route: None,
        }
    }

    /// A trace whose root is in another program: the parent of its first span is the remote span `parent`.
    #[must_use]
    pub fn below_remote(id: TraceId, parent: SpanId, first: Span) -> Self {
        Self { remote_parent: Some(parent), ..Self::new(id, first) }
    }

    /// The id of the trace.
    #[must_use]
    pub const fn id(&self) -> TraceId {
        self.id
    }

    /// Whether the root of the trace is in another program.
    #[must_use]
    pub const fn has_remote_root(&self) -> bool {
        self.remote_parent.is_some()
    }

    /// The first span, an ancestor of all others.
    #[must_use]
    pub fn root(&self) -> &Span {
        &self.spans[0]
    }

    /// All spans that were not dropped, the root first.
    pub fn spans(&self) -> impl Iterator<Item = &Span> {
        let spans = self.spans.iter().zip(&self.states);
        let kept = spans.filter(|(_, state)| **state != SpanState::Dropped);
        kept.map(|(span, _)| span.as_ref())
    }

    /// The number of spans, dropped ones among them, at least one.
    #[must_use]
    pub fn span_count(&self) -> usize {
        self.spans.len()
    }

    /// Adds a span. Its key must be greater than those before.
    pub fn push(&mut self, span: Span) {
        debug_assert!(self.spans.last().is_some_and(|last| last.key < span.key));
        self.spans.push(Rc::new(span));
        self.states.push(SpanState::Mutable);
    }

    fn position(&self, key: SpanKey) -> Option<usize> {
        // Keys are given one after the other: in the only trace in progress a span is as far from the root as its key.
        let distance = key.number().wrapping_sub(self.spans[0].key.number()) as usize;
        if self.spans.get(distance).is_some_and(|span| span.key == key) {
            return Some(distance);
        }
        self.spans.binary_search_by_key(&key, |span| span.key).ok()
    }

    fn position_below_root(&self, key: SpanKey) -> Option<usize> {
        self.position(key).filter(|position| *position > 0)
    }

    /// The span with this key.
    #[must_use]
    pub fn span(&self, key: SpanKey) -> Option<&Span> {
        Some(&self.spans[self.position(key)?])
    }

    /// The span with this key, mutable; `None` if it does not exist or is shared because it was exported.
    pub fn span_mut(&mut self, key: SpanKey) -> Option<&mut Span> {
        let position = self.position(key)?;
        Rc::get_mut(&mut self.spans[position])
    }

    /// Cuts the long values of a span, exported or not; returns the bytes that this frees, and the number of values.
    /// A chunk that shares the span keeps them.
    pub fn cut_values(&mut self, key: SpanKey) -> (usize, usize) {
        let Some(position) = self.position(key) else {
            return (0, 0);
        };
        let before = self.spans[position].memory_bytes();
        let mut cut = Span::clone(&self.spans[position]);
        let values = cut.cut_values();
        if values > 0 {
            self.spans[position] = Rc::new(cut);
        }
        (before - self.spans[position].memory_bytes(), values)
    }

    /// Removes a span. The root cannot be removed.
    pub fn remove(&mut self, key: SpanKey) {
        if let Some(position) = self.position_below_root(key) {
            self.spans.remove(position);
            self.states.remove(position);
        }
    }

    /// Drops a span, which is never exported or shown: its children become those of its parent. Returns whether it was
    /// there. The root cannot be dropped.
    pub fn drop_span(&mut self, key: SpanKey) -> bool {
        let position = self.position_below_root(key);
        let is_gone = |state| matches!(state, SpanState::Exported | SpanState::Dropped);
        let Some(position) = position.filter(|position| !is_gone(self.states[*position])) else {
            return false;
        };
        self.states[position] = SpanState::Dropped;
        self.exported += 1;
        true
    }

    /// Marks a span as final, so that it may be exported early. The root is never exported early, because the server
    /// takes a trace with its root for complete.
    pub fn mark_final(&mut self, key: SpanKey) {
        if let Some(position) = self.position_below_root(key) {
            self.states[position] = SpanState::Final;
        }
    }

    /// The final spans that were not exported yet.
    pub fn exportable(&self) -> impl Iterator<Item = &Span> {
        let spans = self.spans.iter().zip(&self.states);
        let is_final = spans.filter(|(_, state)| **state == SpanState::Final);
        is_final.map(|(span, _)| span.as_ref())
    }

    /// Takes the final spans that the policy allows to export, and applies it to them; `None` if there are none. The
    /// first spans that are taken fix the `route` of the whole trace.
    #[must_use]
    pub fn take_exportable(&mut self, capture_policy: CapturePolicy, route: &Route) -> Option<TraceChunk> {
        let mut taken = Vec::new();
        for position in 0..self.spans.len() {
            let span = &mut self.spans[position];
            if self.states[position] == SpanState::Final && capture_policy.allows_export(span) {
                if let Some(span) = Rc::get_mut(span) {
                    span.apply_capture_policy(capture_policy);
                }
                let span = &self.spans[position];
                self.states[position] = SpanState::Exported;
                taken.push((span.clone(), self.parent_id(span)));
            }
        }
        if taken.is_empty() {
            return None;
        }
        self.exported += taken.len();
        let session = self.session();
        if self.exported_session.is_none() {
            self.exported_session.clone_from(&session);
        }
        let route = self.route.get_or_insert_with(|| route.clone()).clone();
        Some(TraceChunk::partial(self.id, taken, session, Some(route)))
    }

    /// The route of its first early export; `None` if there was none.
    #[must_use]
    pub const fn route(&self) -> Option<&Route> {
        self.route.as_ref()
    }

    /// The session that its spans do not name: the one that it has joined, or the one that the program set, if the
    /// first early export named another.
    #[must_use]
    pub fn corrected_session(&self) -> Option<&Rc<str>> {
        let corrected = || {
            let exported = self.exported_session.as_ref()?;
            self.properties.session_id.as_ref().filter(|named| *named != exported)
        };
        self.joined_session.get().or_else(corrected)
    }

    /// Makes the finished trace part of a session, unless it is part of one; returns whether it was not.
    pub fn join_session(&self, session: &Rc<str>) -> bool {
        self.session().is_none() && self.joined_session.set(session.clone()).is_ok()
    }

    /// The spans that were not exported early, the root first, each with the id of its parent.
    #[must_use]
    pub fn unexported(&self) -> Vec<(Rc<Span>, Option<SpanId>)> {
        self.with_parents(false)
    }

    /// All spans, each with the id of its parent.
    #[must_use]
    pub fn all_spans(&self) -> Vec<(Rc<Span>, Option<SpanId>)> {
        self.with_parents(true)
    }

    fn with_parents(&self, includes_exported: bool) -> Vec<(Rc<Span>, Option<SpanId>)> {
        let mut spans = Vec::new();
        for (span, state) in self.spans.iter().zip(&self.states) {
            let is_kept = match state {
                SpanState::Exported => includes_exported,
                SpanState::Dropped => false,
                SpanState::Mutable | SpanState::Final => true,
            };
            if is_kept {
                spans.push((span.clone(), self.parent_id(span)));
            }
        }
        spans
    }

    /// The number of spans that were exported early or dropped.
    #[must_use]
    pub const fn exported_count(&self) -> usize {
        self.exported
    }

    /// Whether the span with this key has children.
    #[must_use]
    pub fn has_children(&self, key: SpanKey) -> bool {
        // Children begin after their parent, so only newer spans can be children.
        let newer = self.position(key).map_or(0, |position| position + 1);
        let mut newer = self.spans[newer..].iter();
        newer.any(|span| span.parent == Some(key))
    }

    /// The id of a span's parent; that of the remote parent for the first span.
    #[must_use]
    pub fn parent_id(&self, span: &Span) -> Option<SpanId> {
        let mut parent = span.parent;
        while let Some(key) = parent {
            let position = self.position(key)?;
            if self.states[position] != SpanState::Dropped {
                return Some(self.spans[position].id);
            }
            parent = self.spans[position].parent;
        }
        self.remote_parent
    }

    /// The span with this key, then its parent, and so on up to the root.
    pub fn ancestry(&self, key: SpanKey) -> impl Iterator<Item = &Span> {
        std::iter::successors(self.span(key), |span| self.span(span.parent?))
    }

    /// Ends every running span with the status that it has, and marks it if it is abandoned. Gives their keys and ids.
    pub fn end_open_spans(&mut self, now: UnixNanos, is_abandoned: bool) -> Vec<(SpanKey, SpanId)> {
        let mut ended = Vec::new();
        for span in &mut self.spans {
            if span.end.is_none() {
                ended.push((span.key, span.id));
            }
            if span.end.is_none()
                && let Some(span) = Rc::get_mut(span)
            {
                if is_abandoned {
                    span.set(AttributeKey::Abandoned, Value::Bool(true));
                }
                let status = std::mem::take(&mut span.status);
                span.end_with_status(now, status);
            }
        }
        ended
    }

    /// The sum of the tokens of all spans; `None` if no span has counts. The counts of a span include those of the
    /// spans below it, as in MLflow (mlflow/tracing/utils/__init__.py, `aggregate_usage_from_spans`).
    #[must_use]
    pub fn usage(&self) -> Option<TokenUsage> {
        let counted = self.spans().filter(|span| {
            let mut above = self.ancestry(span.key).skip(1);
            span.usage.is_some() && !above.any(|span| span.usage.is_some())
        });
        counted.filter_map(|span| span.usage).reduce(TokenUsage::plus)
    }

    /// The session of the trace: the one that the program set or that it has joined, or else the first conversation id
    /// of its spans.
    #[must_use]
    pub fn session(&self) -> Option<Rc<str>> {
        let session = self.properties.session_id.as_ref().or(self.joined_session.get());
        session.cloned().or_else(|| {
            let mut attributes = self.spans().flat_map(|span| &span.attributes);
            let found = attributes.find(|attribute| attribute.key == AttributeKey::ConversationId)?;
            match &found.value {
                Value::Text(id) => Some(id.clone()),
                _ => None,
            }
        })
    }

    /// An estimate of its bytes in memory.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.spans().map(Span::memory_bytes).sum()
    }
}
