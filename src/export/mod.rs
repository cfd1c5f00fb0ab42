//! Gets finished spans to where they belong: queues, requests as data, what a response changes, and what
//! persistent storage keeps meanwhile. Owns no clock and performs no request.

mod artifact_export;
mod bisect;
mod chunk;
mod context;
mod cut_spans;
mod delivered;
mod destination;
mod discovery;
mod endpoint;
mod experiments;
mod exporter;
mod in_flight;
mod join_session;
mod limits;
mod pace;
mod persist_format;
mod persistence;
mod queue;
mod recent;
mod relocation;
mod report;
mod restore;
mod span_export;
mod stats;
mod trace_info_export;
mod trace_infos;
mod unload;
mod view;

use crate::mlflow::Request;
use crate::trace::MonotonicNanos;

pub use crate::mlflow::api::trace_info::TraceState;
pub(crate) use context::Moment;
pub(crate) use endpoint::Endpoint;
pub use endpoint::MEMORY_URI;
pub(crate) use exporter::Exporter;
pub use limits::Limits;
pub use persistence::PersistRecord;
pub use recent::{RECENT_BYTES, RECENT_TRACES};
pub use stats::{Dropped, DroppedInfos, EventErrors, LastError, Notice, Stats};
pub use view::TraceView;

/// What is to be done next.
#[derive(Clone, Debug)]
pub enum NextRequest {
    /// This request is to be sent. Every request must get a response, with status 0 if there was none, or
    /// what it is for stands still.
    Send(Request),
    /// Nothing before this time, unless something else happens before.
    WaitUntil(MonotonicNanos),
    /// Nothing, unless something else happens: nothing waits, or only for a response.
    Idle,
}
