//! Records AG2 agent conversations as MLflow traces.
//!
//! Facts about what agents do go into a [`Recorder`]; HTTP requests for an MLflow server come out
//! as data, and their answers go back in. This half of the crate has no clock, no randomness and no
//! network of its own, so every rule in it can be tested natively; the door to JavaScript is built
//! for `wasm32` only.

// What only hosts have, this half cannot even name; and without the standard library a panic in a page
// is a trap, without the 8 kB (gzipped) that sentences about it take.
#![no_std]
#![warn(missing_docs)]

extern crate alloc;
#[cfg(not(target_arch = "wasm32"))]
extern crate std;

pub mod ag2;
pub mod buffer;
pub mod error;
pub mod heap;
pub mod mlflow;
pub mod recorder;
pub mod trace;
#[cfg(target_arch = "wasm32")]
mod wasm;

pub use recorder::Recorder;
