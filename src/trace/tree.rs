//! The spans of one trace and how they hang together.

use std::rc::Rc;

use super::{
    AttributeKey, Exposure, Extras, Part, Route, Span, SpanId, SpanKey, TokenUsage, TraceId,
    UnixNanos, Value,
};

/// The spans of one trace, the root first, in the order in which they began to be recorded. Those that
/// nothing will change any more are shared with the parts of it that are on their way.
#[derive(Debug)]
pub struct Trace {
    /// What is said about it as a whole.
    pub extras: Extras,
    id: TraceId,
    remote_parent: Option<SpanId>,
    /// At least one.
    spans: Vec<Rc<Span>>,
    /// How far each of them is on its way; the root always is [`Stage::Unsettled`].
    stages: Vec<Stage>,
    sent: usize,
    /// The session that was named with the first spans that were exported early.
    told_session: Option<Rc<str>>,
    /// Where its first exported spans went, and all others are to go.
    route: Option<Route>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It may change.
    Unsettled,
    /// Nothing will change it any more.
    Settled,
    /// It was exported early.
    Sent,
}

impl Trace {
    /// A trace of one span.
    #[must_use]
    pub fn new(id: TraceId, root: Span) -> Self {
        Self {
            extras: Extras::default(),
            id,
            remote_parent: None,
            spans: vec![Rc::new(root)],
            stages: vec![Stage::Unsettled],
            sent: 0,
            told_session: None,
            route: None,
        }
    }

    /// The part of a trace whose root is elsewhere: its first span hangs below `parent`, a span of
    /// another program.
    #[must_use]
    pub fn below_remote(id: TraceId, parent: SpanId, first: Span) -> Self {
        Self {
            remote_parent: Some(parent),
            ..Self::new(id, first)
        }
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> TraceId {
        self.id
    }

    /// Whether it is only a part: its root is in another program.
    #[must_use]
    pub const fn is_part(&self) -> bool {
        self.remote_parent.is_some()
    }

    /// The span that all others are part of.
    #[must_use]
    pub fn root(&self) -> &Span {
        &self.spans[0]
    }

    /// All spans, the root first.
    pub fn spans(&self) -> impl Iterator<Item = &Span> {
        self.spans.iter().map(Rc::as_ref)
    }

    /// How many spans it has, at least one.
    #[must_use]
    pub fn span_count(&self) -> usize {
        self.spans.len()
    }

    /// Adds a span. Its key must be greater than those of the spans that are there.
    pub fn push(&mut self, span: Span) {
        debug_assert!(self.spans.last().is_some_and(|last| last.key < span.key));
        self.spans.push(Rc::new(span));
        self.stages.push(Stage::Unsettled);
    }

    fn position(&self, key: SpanKey) -> Option<usize> {
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

    /// The span with this key, to be changed; `None` also if it is shared already.
    pub fn span_mut(&mut self, key: SpanKey) -> Option<&mut Span> {
        let position = self.position(key)?;
        Rc::get_mut(&mut self.spans[position])
    }

    /// Takes a span out; the root stays.
    pub fn remove(&mut self, key: SpanKey) {
        if let Some(position) = self.position_below_root(key) {
            self.spans.remove(position);
            self.stages.remove(position);
        }
    }

    /// Nothing will change the span with this key any more: it may be exported early. Not so the root: with it
    /// the trace is taken for complete.
    pub fn settle(&mut self, key: SpanKey) {
        if let Some(position) = self.position_below_root(key) {
            self.stages[position] = Stage::Settled;
        }
    }

    /// The spans that may be exported early and were not yet.
    pub fn settled(&self) -> impl Iterator<Item = &Span> {
        let spans = self.spans.iter().zip(&self.stages);
        let settled = spans.filter(|(_, stage)| **stage == Stage::Settled);
        settled.map(|(span, _)| span.as_ref())
    }

    /// Takes those of them that may leave, as far as they may; `None` if none may. The first that are
    /// taken fix the `route` of the whole trace.
    #[must_use]
    pub fn take_settled(&mut self, exposure: Exposure, route: &Route) -> Option<Part> {
        let mut taken = Vec::new();
        for position in 0..self.spans.len() {
            let span = &mut self.spans[position];
            if self.stages[position] == Stage::Settled && exposure.admits(span) {
                if let Some(span) = Rc::get_mut(span) {
                    span.leave_out(exposure);
                }
                let span = &self.spans[position];
                self.stages[position] = Stage::Sent;
                taken.push((span.clone(), self.parent_id(span)));
            }
        }
        if taken.is_empty() {
            return None;
        }
        self.sent += taken.len();
        let session = self.session();
        if self.told_session.is_none() {
            self.told_session.clone_from(&session);
        }
        let route = self.route.get_or_insert_with(|| route.clone()).clone();
        Some(Part::early(self.id, taken, session, Some(route)))
    }

    /// Where its first exported spans went; `None` if none were.
    #[must_use]
    pub const fn route(&self) -> Option<&Route> {
        self.route.as_ref()
    }

    /// The session that was named by the program, if it is another than spans that were exported early said.
    #[must_use]
    pub fn corrected_session(&self) -> Option<&Rc<str>> {
        let told = self.told_session.as_ref()?;
        self.extras
            .session_id
            .as_ref()
            .filter(|named| *named != told)
    }

    /// The spans that were not exported early, the root first, each with the id of its parent.
    #[must_use]
    pub fn unsent(&self) -> Vec<(Rc<Span>, Option<SpanId>)> {
        let mut unsent = Vec::new();
        for (position, span) in self.spans.iter().enumerate() {
            if self.stages[position] != Stage::Sent {
                unsent.push((span.clone(), self.parent_id(span)));
            }
        }
        unsent
    }

    /// Its spans, each with the id of its parent.
    #[must_use]
    pub fn all(&self) -> Vec<(Rc<Span>, Option<SpanId>)> {
        let mut all = Vec::new();
        for span in &self.spans {
            all.push((span.clone(), self.parent_id(span)));
        }
        all
    }

    /// How many spans were exported early.
    #[must_use]
    pub const fn sent_count(&self) -> usize {
        self.sent
    }

    /// Whether any span is part of the one with this key.
    #[must_use]
    pub fn has_children(&self, key: SpanKey) -> bool {
        // Children began after their parent, so only what is newer need be looked at.
        let newer = self.position(key).map_or(0, |position| position + 1);
        let mut newer = self.spans[newer..].iter();
        newer.any(|span| span.parent == Some(key))
    }

    /// The id of a span's parent, as the wire wants it.
    #[must_use]
    pub fn parent_id(&self, span: &Span) -> Option<SpanId> {
        match span.parent {
            Some(parent) => Some(self.span(parent)?.id),
            None => self.remote_parent,
        }
    }

    /// The span with this key, then its parent, and so on up to the root.
    pub fn ancestry(&self, key: SpanKey) -> impl Iterator<Item = &Span> {
        std::iter::successors(self.span(key), |span| self.span(span.parent?))
    }

    /// Ends every span that still runs; how those went is not known, unless it was said already.
    pub fn close_open_spans(&mut self, now: UnixNanos) {
        for span in &mut self.spans {
            if span.end.is_none()
                && let Some(span) = Rc::get_mut(span)
            {
                let status = std::mem::take(&mut span.status);
                span.close(now, status);
            }
        }
    }

    /// The tokens that all model calls of this trace used; `None` if none told.
    #[must_use]
    pub fn usage(&self) -> Option<TokenUsage> {
        // Only model calls carry counts, so nothing is counted twice.
        self.spans()
            .filter_map(|span| span.usage)
            .reduce(TokenUsage::plus)
    }

    /// The session it is part of: the one that was named, else the first conversation that any span names.
    #[must_use]
    pub fn session(&self) -> Option<Rc<str>> {
        let named = self.extras.session_id.clone();
        named.or_else(|| {
            let mut attributes = self.spans().flat_map(|span| &span.attributes);
            let found =
                attributes.find(|attribute| attribute.key == AttributeKey::ConversationId)?;
            match &found.value {
                Value::Text(id) => Some(id.clone()),
                _ => None,
            }
        })
    }

    /// About how many bytes of memory the trace keeps.
    #[must_use]
    pub fn kept_bytes(&self) -> usize {
        self.spans().map(Span::kept_bytes).sum()
    }
}
