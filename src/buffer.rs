//! Finished traces: those that wait for delivery, and the newest ones to be read back. Bounded both
//! in spans and in bytes; what is dropped is counted by who asks.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::trace::{Trace, TraceId, UnixNanos};

/// Spans that wait for delivery at most: some 800 calculator chats, more than a page makes while its
/// server restarts.
pub const WAITING_SPANS: usize = 20_000;
/// Bytes (as on the wire) that wait for delivery at most; a tab should not grow by more.
pub const WAITING_BYTES: usize = 32 << 20;
/// Spans of one request at most, unless a single trace has more (OpenTelemetry's
/// `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`).
pub const BATCH_SPANS: usize = 512;
/// Bytes of one request at most, unless a single trace has more: nginx refuses bodies over 1 MB by default.
pub const BATCH_BYTES: usize = 1_000_000;
/// How long a finished trace waits for company, in milliseconds.
pub const BATCH_DELAY_MS: u64 = 1_000;
/// Traces that can be read back at most.
pub const RECENT_TRACES: usize = 100;
/// Bytes (as on the wire) of traces that can be read back at most; the newest one always can.
pub const RECENT_BYTES: usize = 16 << 20;

/// A finished trace on its way.
pub struct Parcel {
    /// The trace.
    pub trace: Rc<Trace>,
    /// How often it was sent in vain.
    pub attempts: u32,
    /// Whether it travels alone, because a batch it was in was refused.
    pub alone: bool,
    bytes: usize,
    since: UnixNanos,
}

impl Parcel {
    /// How many spans it has.
    #[must_use]
    pub fn span_count(&self) -> usize {
        self.trace.span_count()
    }
}

/// The finished traces in memory.
#[derive(Default)]
pub struct Buffer {
    waiting: VecDeque<Parcel>,
    waiting_spans: usize,
    waiting_bytes: usize,
    recent: VecDeque<(Rc<Trace>, usize)>,
    recent_bytes: usize,
    flush: bool,
}

impl Buffer {
    /// Keeps a finished trace for reading back, as long as there is room.
    pub fn remember(&mut self, trace: &Rc<Trace>) {
        let bytes = trace.approximate_bytes();
        self.recent.push_back((trace.clone(), bytes));
        self.recent_bytes += bytes;
        while self.recent.len() > 1
            && (self.recent.len() > RECENT_TRACES || self.recent_bytes > RECENT_BYTES)
        {
            if let Some((_, bytes)) = self.recent.pop_front() {
                self.recent_bytes -= bytes;
            }
        }
    }

    /// Queues a finished trace for delivery. Returns how many spans of the oldest traces were
    /// dropped to make room.
    pub fn push(&mut self, trace: Rc<Trace>, now: UnixNanos) -> usize {
        let bytes = trace.approximate_bytes();
        let parcel = Parcel {
            trace,
            attempts: 0,
            alone: false,
            bytes,
            since: now,
        };
        self.count_in(&parcel);
        self.waiting.push_back(parcel);
        self.make_room()
    }

    /// Puts what could not be delivered back to the front. Returns how many spans were dropped to
    /// make room.
    pub fn give_back(&mut self, parcels: Vec<Parcel>) -> usize {
        for parcel in parcels.into_iter().rev() {
            self.count_in(&parcel);
            self.waiting.push_front(parcel);
        }
        self.make_room()
    }

    fn count_in(&mut self, parcel: &Parcel) {
        self.waiting_spans += parcel.span_count();
        self.waiting_bytes += parcel.bytes;
    }

    fn take_first(&mut self) -> Option<Parcel> {
        let parcel = self.waiting.pop_front()?;
        self.waiting_spans -= parcel.span_count();
        self.waiting_bytes -= parcel.bytes;
        Some(parcel)
    }

    fn make_room(&mut self) -> usize {
        let mut dropped = 0;
        while self.waiting_spans > WAITING_SPANS || self.waiting_bytes > WAITING_BYTES {
            match self.take_first() {
                Some(parcel) => dropped += parcel.span_count(),
                None => break,
            }
        }
        dropped
    }

    /// The next traces to be sent together, oldest first; empty if none wait.
    pub fn take_batch(&mut self) -> Vec<Parcel> {
        let mut batch: Vec<Parcel> = Vec::new();
        let (mut spans, mut bytes) = (0, 0);
        while let Some(next) = self.waiting.front() {
            spans += next.span_count();
            bytes += next.bytes;
            let fits = spans <= BATCH_SPANS && bytes <= BATCH_BYTES && !next.alone;
            if !batch.is_empty() && !fits {
                break;
            }
            let alone = next.alone;
            batch.extend(self.take_first());
            if alone {
                break;
            }
        }
        if self.waiting.is_empty() {
            self.flush = false;
        }
        batch
    }

    /// Makes everything that waits due at once.
    pub fn flush(&mut self) {
        self.flush = !self.waiting.is_empty();
    }

    /// When the next batch is due; `None` if nothing waits.
    #[must_use]
    pub fn due(&self) -> Option<UnixNanos> {
        let first = self.waiting.front()?;
        let full = self.waiting_spans >= BATCH_SPANS || self.waiting_bytes >= BATCH_BYTES;
        let at_once = self.flush || full || first.attempts > 0 || first.alone;
        Some(if at_once {
            first.since
        } else {
            first.since.plus_millis(BATCH_DELAY_MS)
        })
    }

    /// Takes out everything that waits.
    pub fn take_all(&mut self) -> Vec<Parcel> {
        self.flush = false;
        std::iter::from_fn(|| self.take_first()).collect()
    }

    /// Spans that wait.
    #[must_use]
    pub const fn waiting_spans(&self) -> usize {
        self.waiting_spans
    }

    /// What is still in memory of the finished trace with this id: parts of it, if its root is elsewhere.
    pub fn traces(&self, id: TraceId) -> impl Iterator<Item = &Trace> {
        let recent = self.recent.iter().map(|(trace, _)| trace);
        let waiting = self.waiting.iter().map(|parcel| &parcel.trace);
        recent
            .chain(waiting)
            .map(Rc::as_ref)
            .filter(move |trace| trace.id() == id)
    }
}
