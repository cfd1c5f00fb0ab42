//! How a conversation of AG2 agents becomes spans.
//!
//! Knows what agents do and what a trace is; knows nothing of MLflow's spelling.

mod chat;
pub mod conversations;
mod effect;
pub mod fact;
pub mod open;
mod opening;
mod received;
mod remotes;
mod replies;
pub mod usage;

pub use conversations::Conversations;
pub use effect::{Effect, Finished};
pub use fact::{Fact, Failure, Note};
pub use open::{Due, Timing};
pub use opening::operation_name;
pub use usage::UsageCounts;
