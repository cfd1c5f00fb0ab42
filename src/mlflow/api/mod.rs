//! MLflow's own calls: requests, addresses and bodies, and the state machines that find out what a
//! server can do and which experiment traces go to.

pub mod capabilities;
pub mod experiment;
pub mod request;
pub mod trace_info;
mod trace_info_from_spans;
pub mod traces_json;
pub mod urls;
