//! The state machine that turns the events of AG2 agents into spans.
//!
//! It depends on `trace` only: how MLflow spells a span is decided in `mlflow`.

mod conversation;
pub mod conversations;
mod effect;
pub mod event;
mod message;
pub mod open_bytes;
pub mod open_traces;
mod parent_cache;
mod replies;
mod span_builder;
pub mod usage;

pub use conversations::Conversations;
pub use effect::{Effect, FinishedTrace};
pub use event::{AgentEvent, Failure, SpanUpdate};
pub use open_traces::{Due, Timing};
pub use span_builder::operation_name;
pub use usage::UsageCounts;
