//! Records AG2 agent conversations as MLflow traces.
//!
//! Events of agents go into a [`Tracer`]; HTTP requests for an MLflow server come out as data, and
//! their responses go back in. The core has no clock, no randomness and no network of its own, so
//! every rule in it is tested natively. The bindings to JavaScript are built for `wasm32` only.

#![warn(missing_docs)]

pub mod ag2;
mod closing;
pub mod error;
pub mod export;
pub mod mlflow;
mod redaction;
pub mod trace;
pub mod tracer;
#[cfg(target_arch = "wasm32")]
#[allow(unreachable_pub, missing_debug_implementations, reason = "wasm-bindgen exports what is public alone")]
mod wasm;

pub use tracer::Tracer;
