//! How a conversation of AG2 agents becomes spans.
//!
//! Knows what agents do and what a trace is; knows nothing of MLflow's spelling.

mod chat;
pub mod conversations;
pub mod fact;
pub mod usage;

pub use conversations::{Conversations, Effect};
pub use fact::{Fact, Failure};
pub use usage::UsageCounts;
