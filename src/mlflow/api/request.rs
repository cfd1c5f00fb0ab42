//! Requests as data. The host sends them; it adds headers of its own (authorization), which the core
//! never sees.

use std::rc::Rc;

use crate::mlflow::names;

/// Tells requests apart; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId(pub u32);

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// Carries finished spans to the server.
    Spans,
    /// Tells of a trace as a whole what spans cannot carry.
    TraceInfo,
    /// Carries the spans of a trace to where the server keeps files.
    Artifact,
    /// Looks up or creates the experiment.
    Experiment,
    /// Asks what the server can do.
    Probe,
}

/// One HTTP request to send.
#[derive(Clone, Debug)]
pub struct Request {
    /// To be handed back with the response.
    pub id: RequestId,
    /// What it is for.
    pub kind: RequestKind,
    /// `GET`, `POST` or `PUT`.
    pub method: &'static str,
    /// The whole address.
    pub url: String,
    /// Name and value of each header, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty for `GET`.
    pub body: Vec<u8>,
    /// How often the time that the program allows for a request is doubled, up to a minute: the server was too slow
    /// before.
    pub timeout_doublings: u8,
    /// The server or OTLP endpoint that it belongs to, so that the host adds the credentials of that one.
    pub tracking_uri: Rc<str>,
}

impl Request {
    /// A `GET`.
    #[must_use]
    pub fn get(id: RequestId, kind: RequestKind, tracking_uri: &Rc<str>, url: String) -> Self {
        Self {
            id,
            kind,
            method: "GET",
            url,
            headers: Vec::new(),
            body: Vec::new(),
            timeout_doublings: 0,
            tracking_uri: tracking_uri.clone(),
        }
    }

    /// A `POST` with a body of this type.
    #[must_use]
    pub fn post(
        id: RequestId,
        kind: RequestKind,
        tracking_uri: &Rc<str>,
        url: String,
        (content_type, body): (&str, Vec<u8>),
    ) -> Self {
        Self {
            method: "POST",
            headers: vec![(names::CONTENT_TYPE_HEADER, content_type.to_owned())],
            body,
            ..Self::get(id, kind, tracking_uri, url)
        }
    }
}
