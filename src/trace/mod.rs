//! What a trace is: ids, times, values, spans and the tree they form.
//!
//! Knows neither AG2 nor MLflow; every other room imports this one and it imports none of them.

pub mod exposure;
pub mod extras;
pub mod history;
pub mod id;
pub mod limits;
pub mod part;
pub mod sampling;
pub mod span;
pub mod time;
pub mod tree;
pub mod usage;
pub mod value;

pub use exposure::{Exposure, Place};
pub use extras::{Extra, Extras};
pub use history::History;
pub use id::{Entropy, IdSource, SpanId, SpanKey, TraceId};
pub use part::Part;
pub use span::{Attribute, AttributeKey, Event, EventKind, Span, SpanKind, Status};
pub use time::UnixNanos;
pub use tree::Trace;
pub use usage::TokenUsage;
pub use value::{Decimals, Json, JsonWriter, Value};
