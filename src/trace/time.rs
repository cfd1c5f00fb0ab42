//! The times of the two clocks of the host: the monotonic one for waits and durations, the wall clock for timestamps.
//! The core has no clock of its own.

const NANOS_PER_MILLI: u64 = 1_000_000;
const MILLIS_PER_DAY: u64 = 86_400_000;

/// A time of the monotonic clock (`performance.now()`) in nanoseconds since an origin that the host chooses. Waits,
/// backoffs and durations are measured with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MonotonicNanos(pub u64);

impl MonotonicNanos {
    /// The time from fractional milliseconds, the unit of JavaScript's clocks. NaN and negative times become 0.
    #[must_use]
    pub fn from_millis(millis: f64) -> Self {
        Self(nanos_of_millis(millis))
    }

    /// The time in fractional milliseconds, the unit of JavaScript's timers.
    #[must_use]
    pub fn as_millis(self) -> f64 {
        self.0 as f64 / NANOS_PER_MILLI as f64
    }

    /// The time this many milliseconds later.
    #[must_use]
    #[inline(never)]
    pub fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(nanos_of(millis)))
    }

    /// The nanoseconds from `earlier` to this time; 0 if `earlier` is later.
    #[must_use]
    pub const fn nanos_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The earliest of these times; `None` if there is none.
    #[must_use]
    pub fn first(times: &[Option<Self>]) -> Option<Self> {
        let mut first = None;
        for time in times {
            if first.is_none() || time.is_some_and(|time| Some(time) < first) {
                first = *time;
            }
        }
        first
    }

    /// The time of the wall clock at this moment, given the nanoseconds by which that clock is ahead.
    #[must_use]
    pub const fn to_unix(self, offset_nanos: i64) -> UnixNanos {
        UnixNanos(self.0.saturating_add_signed(offset_nanos))
    }
}

/// A time of the wall clock in nanoseconds since 1970-01-01T00:00:00Z. It is for timestamps only, because this clock
/// can be set back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixNanos(pub u64);

impl UnixNanos {
    /// The time from fractional milliseconds, the unit of JavaScript's clocks. NaN and negative times become 0.
    #[must_use]
    pub fn from_millis(millis: f64) -> Self {
        Self(nanos_of_millis(millis))
    }

    /// The nanoseconds from `earlier` to this time; 0 if `earlier` is later.
    #[must_use]
    pub const fn nanos_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The time in fractional milliseconds, rounded once: a conversion of all nanoseconds to a float would round before
    /// the division and could be one unit in the last place off.
    #[must_use]
    pub fn as_millis(self) -> f64 {
        (self.0 / NANOS_PER_MILLI) as f64 + (self.0 % NANOS_PER_MILLI) as f64 / NANOS_PER_MILLI as f64
    }

    /// The time in whole milliseconds since 1970.
    #[must_use]
    pub const fn to_millis(self) -> u64 {
        self.0 / NANOS_PER_MILLI
    }

    /// The time in ISO 8601, in UTC with milliseconds: `2023-11-14T22:13:20.000Z`.
    #[must_use]
    pub fn to_iso(self) -> String {
        let millis = self.0 / NANOS_PER_MILLI;
        let (days, of_day) = (millis / MILLIS_PER_DAY, millis % MILLIS_PER_DAY);
        // In years that begin in March the leap day comes last, and 400 of them always have 146 097 days.
        let since_march = days + 719_468;
        let (era, of_era) = (since_march / 146_097, since_march % 146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = (month_from_march + 2) % 12 + 1;
        let year = era * 400 + year_of_era + u64::from(month < 3);
        let mut text = String::new();
        let mut digits = |number: u64, width: u32, after: char| {
            for place in (0..width).rev() {
                let digit = number / 10_u64.pow(place) % 10;
                text.push(char::from(b'0' + digit as u8));
            }
            text.push(after);
        };
        digits(year, 4, '-');
        digits(month, 2, '-');
        digits(day, 2, 'T');
        digits(of_day / 3_600_000, 2, ':');
        digits(of_day / 60_000 % 60, 2, ':');
        digits(of_day / 1_000 % 60, 2, '.');
        digits(of_day % 1_000, 3, 'Z');
        text
    }
}

fn nanos_of_millis(millis: f64) -> u64 {
    // The whole part and the fraction are converted apart, because the product does not fit the 53 bits of a double.
    let finished_trace = millis as u64;
    let fraction = millis - finished_trace as f64;
    let nanos = if fraction > 0.0 { (fraction * NANOS_PER_MILLI as f64) as u64 } else { 0 };
    nanos_of(finished_trace).saturating_add(nanos)
}

/// The nanoseconds of some milliseconds, saturating. The limit is applied before the multiplication, because a
/// saturating product takes 128 bits.
fn nanos_of(millis: u64) -> u64 {
    millis.min(u64::MAX / NANOS_PER_MILLI) * NANOS_PER_MILLI
}
