//! The bindings: events of agents come in from JavaScript, requests go out by `fetch`, results as objects.
//!
//! Hot path ([`tracer`], [`spans`], [`messages`]): numbers, and text as bytes in a scratch area ([`memory`])
//! that JavaScript writes into; names cross once and are numbers from then on ([`numbers`]).
//! Cold path ([`exporter`], [`request`], [`response`], [`views`], [`settings`]): strings, objects and promises.
//!
//! The core is never borrowed while JavaScript runs, because a `fetch` of the program may call the tracer.

mod allocator;
mod clock;
mod exporter;
mod exporter_host;
mod flush;
mod host;
mod instance;
mod memory;
mod messages;
mod numbers;
mod persistence;
mod reading;
mod redaction;
mod request;
mod response;
mod settings;
mod spans;
mod timer;
mod tracer;
mod views;
