//! How MLflow wants traces spelled and sent: names, encoders, requests as data, and what its
//! answers mean. Performs no request itself and knows nothing of agents.

pub mod attributes;
pub mod backoff;
pub mod experiment;
pub mod names;
pub mod otlp;
pub mod otlp_answer;
pub mod probe;
pub mod protobuf;
pub mod read;
pub mod request;
pub mod span_file;
pub mod trace_info;
pub mod verdict;
pub mod whole_info;
pub mod wire;

pub use experiment::{ExperimentRef, ExperimentState};
pub use request::{Answer, AnswerBody, Request, RequestId, RequestKind};
