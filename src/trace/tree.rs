//! The spans of one trace and how they hang together.

use super::{Span, SpanId, SpanKey, Status, TokenUsage, TraceId, UnixNanos};

/// What a span takes beyond its values: ids, times, attribute keys, allocations. An estimate.
const SPAN_OVERHEAD_BYTES: usize = 512;

/// The spans of one trace, the root first, in the order in which they began to be recorded.
#[derive(Clone, Debug)]
pub struct Trace {
    id: TraceId,
    root: Span,
    rest: Vec<Span>,
}

impl Trace {
    /// A trace of one span.
    #[must_use]
    pub const fn new(id: TraceId, root: Span) -> Self {
        Self {
            id,
            root,
            rest: Vec::new(),
        }
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> TraceId {
        self.id
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
        Some(self.span(span.parent?)?.id)
    }

    /// The span with this key, then its parent, and so on up to the root.
    pub fn ancestry(&self, key: SpanKey) -> impl Iterator<Item = &Span> {
        std::iter::successors(self.span(key), |span| self.span(span.parent?))
    }

    /// Ends every span that still runs; how those went is not known.
    pub fn close_open_spans(&mut self, now: UnixNanos) {
        for span in std::iter::once(&mut self.root).chain(&mut self.rest) {
            if span.end.is_none() {
                span.close(now, Status::Unset);
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
    let attributes: usize = span
        .attributes
        .iter()
        .map(|attribute| attribute.value.len_bytes())
        .sum();
    let events: usize = span
        .events
        .iter()
        .map(|event| {
            event.kind.len()
                + 2 * event.message.len()
                + event.stack.as_ref().map_or(0, |stack| stack.len())
        })
        .sum();
    SPAN_OVERHEAD_BYTES
        + span.name.len()
        + span.inputs.len_bytes()
        + span.outputs.len_bytes()
        + attributes
        + events
}
