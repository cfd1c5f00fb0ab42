//! The model of a trace: ids, times, values, spans and the tree that they form.
//!
//! Every other module imports this one. It imports none of them and depends neither on AG2 nor on MLflow.

pub mod capture_policy;
pub mod chunk;
mod cut;
pub mod history;
pub mod host;
pub mod id;
pub mod limits;
pub mod nul;
pub mod properties;
pub mod route;
pub mod sampling;
pub mod span;
pub mod text;
pub mod time;
pub mod tree;
pub mod usage;
pub mod value;

pub use capture_policy::{CapturePolicy, ValuePath};
pub use chunk::TraceChunk;
pub use history::History;
pub use host::{FormatF64, Host};
pub use id::{IdSource, SpanId, SpanKey, TraceId};
pub use properties::{TraceProperties, TraceUpdate};
pub use route::Route;
pub use span::{Attribute, AttributeKey, Event, EventKind, Span, SpanKind, Status};
pub use time::{MonotonicNanos, UnixNanos};
pub use tree::Trace;
pub use usage::TokenUsage;
pub use value::{Json, JsonWriter, Value};
