//! How long to wait before the next attempt.

use crate::trace::UnixNanos;

/// Attempts after which a batch is given up: some two minutes of an unreachable server.
pub const MAX_ATTEMPTS: u32 = 8;
/// The first wait in milliseconds; each further one is twice as long.
const FIRST_MS: u64 = 1_000;
/// The longest wait in milliseconds that we choose ourselves.
const LONGEST_MS: u64 = 30_000;
/// The longest wait in milliseconds that a server may choose. A page would not live to see more.
const LONGEST_RETRY_AFTER_MS: u64 = 300_000;

/// Counts failures in a row and says when to try again.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backoff {
    failures: u32,
    until: Option<UnixNanos>,
}

impl Backoff {
    /// Failures since the last success.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// Before this time nothing should be sent.
    #[must_use]
    pub fn until(&self) -> UnixNanos {
        self.until.unwrap_or_default()
    }

    /// Forgets all failures.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Notes a failure; returns the wait in milliseconds. `random` spreads clients that failed
    /// together over the second half of the wait.
    pub fn fail(&mut self, now: UnixNanos, retry_after_ms: Option<u64>, random: u32) -> u64 {
        let full = (FIRST_MS << self.failures.min(5)).min(LONGEST_MS);
        let half = full / 2;
        let jittered = half + half * u64::from(random) / u64::from(u32::MAX);
        let wait = jittered.max(retry_after_ms.unwrap_or(0).min(LONGEST_RETRY_AFTER_MS));
        self.failures = self.failures.saturating_add(1);
        self.until = Some(now.plus_millis(wait));
        wait
    }
}
