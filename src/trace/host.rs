//! What the core asks of the program that it runs in.

/// The host of the core: the bindings, or a test.
pub trait Host {
    /// Fills `bytes` with random bytes of a cryptographic source (in a test, with fixed ones).
    fn fill_random(&mut self, bytes: &mut [u8]);

    /// Writes a finite number in decimal digits, as JSON wants them and so that it reads back as the
    /// same number. The host does it because formatting floats costs the module 8 kB.
    #[must_use]
    fn format_f64(number: f64) -> String {
        number.to_string()
    }
}

/// The function [`Host::format_f64`], for code that has no host at hand.
pub type FormatF64 = fn(f64) -> String;
