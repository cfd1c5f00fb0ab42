//! How fast spans are sent: a server that takes long gets smaller batches and more time for each, until it answers
//! quickly again. It may have stored what it did not confirm in time, so sending that again makes it slower still.

use super::limits::Limits;
use crate::mlflow::Response;
use crate::mlflow::response::TIMED_OUT;

/// The time that a server may take for a batch, in sixteenths of the time limit.
const TARGET: u8 = 4;
/// A server that takes at most this, in the same unit, gets larger batches again.
const QUICK: u8 = 1;
/// Batches are at most this often halved.
const MOST_HALVINGS: u8 = 4;
/// Time limits are at most this often doubled.
const MOST_DOUBLINGS: u8 = 6;

/// The size of batches and their time limit at one destination.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// How often the largest size of a batch is halved.
    halvings: u8,
    doublings: u8,
}

impl Pace {
    /// The limits, with the size of a batch as the server takes it now.
    #[must_use]
    pub(super) fn limits(&self, limits: &Limits) -> Limits {
        Limits {
            batch_spans: (limits.batch_spans >> self.halvings).max(1),
            batch_bytes: limits.batch_bytes >> self.halvings,
            ..*limits
        }
    }

    /// How often the time limit of a request is doubled.
    #[must_use]
    pub(super) const fn doublings(&self) -> u8 {
        self.doublings
    }

    /// Takes in how long the server took for `spans` spans of `bytes` bytes together. The limits are those of a batch
    /// of full size: what is nearer to its limit, spans or bytes, says how full the batch was.
    pub(super) fn on_response(&mut self, response: &Response, (spans, bytes): (usize, usize), limits: &Limits) {
        let used = response.time_used;
        if response.status == 0 && used >= TIMED_OUT {
            self.doublings = (self.doublings + 1).min(MOST_DOUBLINGS);
        }
        // A gateway that did not wait any longer counts as slow too.
        let used = if matches!(response.status, 408 | 504) { TIMED_OUT } else { used };
        if used > TARGET {
            let most = |size: usize| size * usize::from(TARGET) / usize::from(used);
            while self.halvings < MOST_HALVINGS
                && limits.batch_spans >> self.halvings > most(spans)
                && limits.batch_bytes >> self.halvings > most(bytes)
            {
                self.halvings += 1;
            }
        } else if used <= QUICK && (200..300).contains(&response.status) {
            self.halvings = self.halvings.saturating_sub(1);
            self.doublings = self.doublings.saturating_sub(1);
        }
    }
}
