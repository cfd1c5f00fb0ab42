//! What a trace is: ids, times, values, spans and the tree they form.
//!
//! Knows neither AG2 nor MLflow; every other module imports this one and it imports none of them.

pub mod exposure;
pub mod extras;
pub mod history;
pub mod host;
pub mod id;
pub mod limits;
pub mod part;
pub mod route;
pub mod sampling;
pub mod span;
pub mod time;
pub mod tree;
pub mod usage;
pub mod value;

pub use exposure::{Exposure, Place};
pub use extras::{Extra, Extras};
pub use history::History;
pub use host::{FormatF64, Host};
pub use id::{IdSource, SpanId, SpanKey, TraceId};
pub use part::Part;
pub use route::Route;
pub use span::{Attribute, AttributeKey, Event, EventKind, Span, SpanKind, Status};
pub use time::{MonotonicNanos, UnixNanos};
pub use tree::Trace;
pub use usage::TokenUsage;
pub use value::{Json, JsonWriter, Value};
