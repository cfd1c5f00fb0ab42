//! How MLflow wants traces spelled and sent: names, encoders, requests as data, and what its
//! responses mean. Performs no request itself and knows nothing of agents.

pub mod api;
pub mod attributes;
mod json;
pub mod names;
pub mod otlp;
pub mod previews;
pub mod redirect;
pub mod response;
pub mod retry;

pub use api::experiment::{ExperimentRef, ExperimentState};
pub use api::request::{Request, RequestId, RequestKind};
pub use response::{JsonFields, Response, ResponseBody};
