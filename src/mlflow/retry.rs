//! How long to wait before the next attempt, and how many attempts there are.

use crate::trace::MonotonicNanos;

/// Failures after which spans are given up, where they may be the reason of the failure and the server has accepted
/// others meanwhile (docs/delivery.md).
pub const MAX_ATTEMPTS: u32 = 8;
/// The longest first wait in milliseconds; that of each further one is twice as long.
const FIRST_MS: u64 = 1_000;
/// The longest wait in milliseconds that we choose ourselves.
const LONGEST_MS: u64 = 30_000;
/// The shortest one.
const SHORTEST_MS: u64 = 100;
/// The longest wait in milliseconds that a server may choose. A page would not live to see more.
const LONGEST_RETRY_AFTER_MS: u64 = 300_000;

/// Counts failures in a row and says when to try again.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backoff {
    failures: u32,
    until: MonotonicNanos,
}

impl Backoff {
    /// Failures since the last success.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// Before this time nothing should be sent.
    #[must_use]
    pub const fn until(&self) -> MonotonicNanos {
        self.until
    }

    /// Forgets all failures.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Notes a failure and begins to wait. `random` spreads clients that failed together over the whole wait, and
    /// behind the time that a server gave all of them.
    pub fn fail(&mut self, now: MonotonicNanos, retry_after_ms: Option<u64>, random: u32) {
        let longest = (FIRST_MS << self.failures.min(5)).min(LONGEST_MS);
        let spread = longest * u64::from(random) / u64::from(u32::MAX);
        let asked = retry_after_ms.unwrap_or(0).min(LONGEST_RETRY_AFTER_MS);
        self.failures = self.failures.saturating_add(1);
        self.until = now.plus_millis((asked + spread).max(SHORTEST_MS));
    }
}

/// The attempts of one thing that may itself be the reason why they fail.
#[derive(Clone, Copy, Debug, Default)]
pub struct Attempts {
    failures: u32,
    counted: u32,
    is_hurried: bool,
}

impl Attempts {
    /// Failures so far.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// Whether it is to be given up.
    #[must_use]
    pub const fn is_exhausted(&self) -> bool {
        self.counted >= MAX_ATTEMPTS
    }

    /// Notes that the next attempt comes early, because of a flush: its failure does not count, or a
    /// program that flushes often would lose its spans while its server restarts.
    pub const fn hurry(&mut self) {
        self.is_hurried = self.failures > 0;
    }

    /// Notes a failed attempt. `counts`: it may be what was sent that made it fail.
    pub const fn fail(&mut self, counts: bool) {
        self.failures = self.failures.saturating_add(1);
        if self.is_hurried {
            self.is_hurried = false;
        } else if counts {
            self.counted += 1;
        }
    }
}
