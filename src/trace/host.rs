//! The functions that the core needs from its host.

use std::rc::Rc;

/// The host of the core: the bindings, or a test.
pub trait Host {
    /// Fills `bytes` with random bytes of a cryptographic source (in a test, with fixed ones).
    fn fill_random(&mut self, bytes: &mut [u8]);

    /// Where the program runs: the kind of host, and in a second line the page or script. `None` if traces are not to
    /// say it.
    #[must_use]
    fn source() -> Option<Rc<str>> {
        None
    }

    /// Formats a finite number as JSON, with enough digits to parse as the same number. The host does it because
    /// float formatting costs the module 8 kB.
    #[must_use]
    fn format_f64(number: f64) -> String {
        number.to_string()
    }
}

/// The function [`Host::format_f64`], for code that has no host.
pub type FormatF64 = fn(f64) -> String;
