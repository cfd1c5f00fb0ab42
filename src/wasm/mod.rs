//! The door: JavaScript values in, facts out, and back. It translates and decides nothing.
//!
//! Text crosses as bytes in a scratch area that the host writes into ([`scratch`]); names cross once
//! and are numbers from then on. Exists on wasm32 only.

mod delivery;
mod fetch;
mod host;
mod messages;
mod redaction;
mod sampling;
mod scratch;
mod spans;
mod tracer;
mod view;
