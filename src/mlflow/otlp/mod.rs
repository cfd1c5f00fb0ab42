//! OTLP over HTTP in protobuf: requests out of spans, the spans of encoded requests, and responses.
//!
//! Written by hand: the messages are few, and a derived encoder (prost's) wants a second copy of every
//! span, while this one writes spans straight into one buffer.

pub mod cut;
pub mod decode;
pub mod encode;
pub mod protobuf;
