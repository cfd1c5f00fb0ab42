//! What is fuzzed: functions that take any bytes and panic when something does not hold.
//!
//! libFuzzer calls them by way of `tests/fuzz/bins` (`cargo xtask fuzz`), and every test run plays
//! the corpus through them (`tests/whatever_comes_in_nothing_breaks.rs`).

mod agent_events;
pub mod answers;
pub mod delivery;
pub mod encoder;
pub mod json_text;
pub mod life;
pub mod restore;
pub mod span_file;
mod wire;

/// A target: its name, which is also its corpus's, and what it does with some bytes.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: &[Target] = &[
    ("answers", answers::run),
    ("delivery", delivery::run),
    ("encoder", encoder::run),
    ("json_text", json_text::run),
    ("life", life::run),
    ("restore", restore::run),
    ("span_file", span_file::run),
];
