//! The door: JavaScript values in, facts out, and back. It translates and decides nothing.
//!
//! Text crosses as bytes in a scratch area that the host writes into ([`scratch`]); names cross once
//! and are numbers from then on. Answers that are more than a number lie in the core's memory, as text or
//! JSON, until the next one. Exists on wasm32 only.

mod allocator;
mod delivery;
mod host;
mod messages;
mod redaction;
mod sampling;
mod scratch;
mod shown;
mod sole;
mod spans;
mod tracer;
mod view;
