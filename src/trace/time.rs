//! Time as the pure half knows it: what the host's clock said, never a clock of our own.

const NANOS_PER_MILLI: u64 = 1_000_000;

/// Nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixNanos(pub u64);

impl UnixNanos {
    /// From milliseconds with a fraction, as JavaScript's clocks give them
    /// (`performance.timeOrigin + performance.now()`). NaN and negative times become 0.
    #[must_use]
    pub fn from_millis(millis: f64) -> Self {
        // Whole part and fraction apart: the product would not fit the 53 bits of a double.
        let whole = millis as u64;
        let fraction = millis - whole as f64;
        let nanos = if fraction > 0.0 {
            (fraction * NANOS_PER_MILLI as f64) as u64
        } else {
            0
        };
        Self(whole.saturating_mul(NANOS_PER_MILLI).saturating_add(nanos))
    }

    /// Milliseconds with a fraction, as JavaScript wants them; exact to about a quarter of a microsecond.
    #[must_use]
    pub fn as_millis(self) -> f64 {
        self.0 as f64 / NANOS_PER_MILLI as f64
    }

    /// This time and so many milliseconds more.
    #[must_use]
    pub const fn plus_millis(self, millis: u64) -> Self {
        Self(
            self.0
                .saturating_add(millis.saturating_mul(NANOS_PER_MILLI)),
        )
    }

    /// Nanoseconds from `earlier` to this time; 0 if it is not earlier.
    #[must_use]
    pub const fn nanos_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}
