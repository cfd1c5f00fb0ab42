//! Records AG2 agent conversations as MLflow traces.
//!
//! Facts about what agents do go into a [`Recorder`]; HTTP requests for an MLflow server come out
//! as data, and their answers go back in. This half of the crate has no clock, no randomness and no
//! network of its own, so every rule in it can be tested natively; the door to JavaScript is built
//! for `wasm32` only.

#![warn(missing_docs)]

pub mod ag2;
pub mod buffer;
pub mod error;
pub mod mlflow;
pub mod recorder;
pub mod trace;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use recorder::Recorder;
