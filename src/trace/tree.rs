//! The spans of one trace and how they hang together.

use super::{Attribute, Extras, Span, SpanId, SpanKey, TokenUsage, TraceId, UnixNanos};

/// What a span takes beyond its values: ids, times, attribute keys, allocations. An estimate.
const SPAN_OVERHEAD_BYTES: usize = 512;
/// What an attribute takes beyond its value: its key. An estimate.
const ATTRIBUTE_OVERHEAD_BYTES: usize = 32;
/// What an event takes beyond its attributes. An estimate.
const EVENT_OVERHEAD_BYTES: usize = 64;

/// The spans of one trace, the root first, in the order in which they began to be recorded.
#[derive(Clone, Debug)]
pub struct Trace {
    /// What is said about it as a whole.
    pub extras: Extras,
    id: TraceId,
    remote_parent: Option<SpanId>,
    root: Span,
    rest: Vec<Span>,
}

impl Trace {
    /// A trace of one span.
    #[must_use]
    pub fn new(id: TraceId, root: Span) -> Self {
        Self {
            extras: Extras::default(),
            id,
            remote_parent: None,
            root,
            rest: Vec::new(),
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
    pub const fn root(&self) -> &Span {
        &self.root
    }

    /// All spans, the root first.
    pub fn spans(&self) -> impl Iterator<Item = &Span> {
        std::iter::once(&self.root).chain(&self.rest)
    }

    /// How many spans it has, at least one.
    #[must_use]
    pub fn span_count(&self) -> usize {
        1 + self.rest.len()
    }

    /// Adds a span. Its key must be greater than those of the spans that are there.
    pub fn push(&mut self, span: Span) {
        debug_assert!(self.spans().last().is_some_and(|last| last.key < span.key));
        self.rest.push(span);
    }

    fn position(&self, key: SpanKey) -> Option<usize> {
        self.rest.binary_search_by_key(&key, |span| span.key).ok()
    }

    /// The span with this key.
    #[must_use]
    pub fn span(&self, key: SpanKey) -> Option<&Span> {
        if key == self.root.key {
            Some(&self.root)
        } else {
            Some(&self.rest[self.position(key)?])
        }
    }

    /// The span with this key, to be changed.
    pub fn span_mut(&mut self, key: SpanKey) -> Option<&mut Span> {
        if key == self.root.key {
            return Some(&mut self.root);
        }
        let position = self.position(key)?;
        Some(&mut self.rest[position])
    }

    /// Takes a span out; the root stays.
    pub fn remove(&mut self, key: SpanKey) {
        if let Some(position) = self.position(key) {
            self.rest.remove(position);
        }
    }

    /// Whether any span is part of the one with this key.
    #[must_use]
    pub fn has_children(&self, key: SpanKey) -> bool {
        self.rest.iter().any(|span| span.parent == Some(key))
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
        for span in std::iter::once(&mut self.root).chain(&mut self.rest) {
            if span.end.is_none() {
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

    /// About how many bytes the trace needs on the wire, and at most in memory, where spans share
    /// what they have in common.
    #[must_use]
    pub fn approximate_bytes(&self) -> usize {
        self.spans().map(span_bytes).sum()
    }
}

fn span_bytes(span: &Span) -> usize {
    let events: usize = span
        .events
        .iter()
        .map(|event| EVENT_OVERHEAD_BYTES + attribute_bytes(&event.attributes))
        .sum();
    let attributes = attribute_bytes(&span.attributes);
    SPAN_OVERHEAD_BYTES
        + span.name.len()
        + span.inputs.len_bytes()
        + span.outputs.len_bytes()
        + attributes
        + events
}

fn attribute_bytes(attributes: &[Attribute]) -> usize {
    attributes
        .iter()
        .map(|attribute| ATTRIBUTE_OVERHEAD_BYTES + attribute.value.len_bytes())
        .sum()
}
