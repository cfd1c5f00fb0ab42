//! How a conversation of AG2 agents becomes spans.
//!
//! Knows what agents do and what a trace is; knows nothing of MLflow's spelling.

mod chat;
pub mod conversations;
pub mod fact;
mod homes;
mod opening;
mod received;
mod remotes;
pub mod usage;

pub use conversations::{Conversations, Effect};
pub use fact::{Fact, Failure, Note};
pub use opening::operation_name;
pub use usage::UsageCounts;
