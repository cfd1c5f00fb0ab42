//! Finished spans: those that wait for delivery, and the newest traces to be read back. Bounded both
//! in spans and in bytes; what is dropped is counted by who asks.

mod limits;
mod parcel;
mod queue;
mod recent;
mod saved;

pub use limits::Limits;
pub use parcel::{Encoded, Load, Parcel};
pub use queue::Queue;
pub use recent::{RECENT_BYTES, RECENT_TRACES, Recent};
pub use saved::Saved;
