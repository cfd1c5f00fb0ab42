//! What all destinations share.

use super::limits::Limits;
use super::persistence::PersistLedger;
use super::report::Report;
use super::stats::Stats;
use crate::mlflow::retry::Backoff;
use crate::mlflow::{RequestId, Response};
use crate::trace::{FormatF64, MonotonicNanos};

/// Limits, counts, records, notices and numbers of all destinations together.
#[derive(Debug)]
pub(super) struct ExportContext {
    /// The limits of what waits and travels.
    pub limits: Limits,
    /// The counts of delivery; those of spans in progress are not among them.
    pub stats: Stats,
    /// The records in persistent storage.
    pub persistence: PersistLedger,
    /// The notices for people.
    pub report: Report,
    /// Writes floats.
    pub format_f64: FormatF64,
    /// The number of the newest route.
    pub last_route: u32,
    last_request: u32,
    last_isolation: u32,
}

impl ExportContext {
    /// An empty context.
    pub(super) fn new(format_f64: FormatF64) -> Self {
        Self {
            limits: Limits::default(),
            stats: Stats::default(),
            persistence: PersistLedger::default(),
            report: Report::default(),
            format_f64,
            last_route: 0,
            last_request: 0,
            last_isolation: 0,
        }
    }

    /// The id of the next request, which counts as sent.
    pub(super) const fn new_request_id(&mut self) -> RequestId {
        self.stats.requests += 1;
        self.last_request = self.last_request.wrapping_add(1);
        RequestId(self.last_request)
    }

    /// The number of a new isolation.
    pub(super) const fn new_isolation(&mut self) -> u32 {
        self.last_isolation = self.last_isolation.wrapping_add(1);
        self.last_isolation
    }
}

/// When a response came, and what spreads the waits of many clients.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// The time.
    pub now: MonotonicNanos,
    /// A random number.
    pub random: u32,
}

impl Moment {
    /// Lets a failure make the next attempt wait.
    pub(crate) fn back_off(self, backoff: &mut Backoff, response: &Response) {
        backoff.fail(self.now, response.retry_after_ms, self.random);
    }
}
