//! The properties of a trace as a whole, which belong to none of its spans.

use std::rc::Rc;

use super::limits;

/// A change to one property of a trace; it replaces the value before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TraceUpdate {
    /// A tag, which can be changed after the trace has ended.
    Tag {
        /// The key.
        key: Rc<str>,
        /// The value.
        value: Rc<str>,
    },
    /// An entry of the metadata, which is fixed once the trace has ended.
    Metadata {
        /// The key.
        key: Rc<str>,
        /// The value.
        value: Rc<str>,
    },
    /// The id that the program's client gave the request.
    ClientRequestId(Rc<str>),
    /// The preview of the request in lists of traces.
    RequestPreview(Rc<str>),
    /// The preview of the response in lists of traces.
    ResponsePreview(Rc<str>),
    /// The session that the trace is part of.
    SessionId(Rc<str>),
    /// The user on whose behalf the program acted.
    UserId(Rc<str>),
    /// Whether the trace counts as failed, regardless of the status of its root.
    Failed(bool),
    /// Another program continues the trace.
    Propagated,
}

/// The properties of a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceProperties {
    /// Tags, each key once.
    pub tags: Vec<(Rc<str>, Rc<str>)>,
    /// Metadata, each key once.
    pub metadata: Vec<(Rc<str>, Rc<str>)>,
    /// The id that the program's client gave the request.
    pub client_request_id: Option<Rc<str>>,
    /// The preview of the request in lists of traces.
    pub request_preview: Option<Rc<str>>,
    /// The preview of the response in lists of traces.
    pub response_preview: Option<Rc<str>>,
    /// The session that the trace is part of.
    pub session_id: Option<Rc<str>>,
    /// The user on whose behalf the program acted.
    pub user_id: Option<Rc<str>>,
    /// Whether the trace counts as failed; `None` if the status of its root decides.
    pub failed: Option<bool>,
    /// Whether another program continues the trace.
    pub is_propagated: bool,
    /// Where it was recorded ([`super::Host::source`]), once it has ended.
    pub source: Option<Rc<str>>,
}

impl TraceProperties {
    /// Notes where the trace was recorded, unless that is known.
    pub fn note_source(&mut self, source: fn() -> Option<Rc<str>>) {
        self.source = self.source.take().or_else(source);
    }

    /// Applies an update, truncated to the limits of MLflow.
    pub fn set(&mut self, update: TraceUpdate) {
        let (field, text, characters) = match update {
            TraceUpdate::Failed(failed) => {
                self.failed = Some(failed);
                return;
            }
            TraceUpdate::Propagated => {
                self.is_propagated = true;
                return;
            }
            TraceUpdate::Tag { key, value } => {
                return put(&mut self.tags, &key, &value, limits::TAG_CHARACTERS);
            }
            TraceUpdate::Metadata { key, value } => {
                return put(&mut self.metadata, &key, &value, limits::METADATA_CHARACTERS);
            }
            TraceUpdate::ClientRequestId(text) => {
                let field = &mut self.client_request_id;
                (field, text, limits::CLIENT_REQUEST_ID_CHARACTERS)
            }
            TraceUpdate::RequestPreview(text) => (&mut self.request_preview, text, limits::PREVIEW_CHARACTERS),
            TraceUpdate::ResponsePreview(text) => (&mut self.response_preview, text, limits::PREVIEW_CHARACTERS),
            TraceUpdate::SessionId(text) => (&mut self.session_id, text, limits::METADATA_CHARACTERS),
            TraceUpdate::UserId(text) => (&mut self.user_id, text, limits::METADATA_CHARACTERS),
        };
        *field = Some(limits::clamp(&text, characters));
    }
}

fn put(pairs: &mut Vec<(Rc<str>, Rc<str>)>, key: &Rc<str>, value: &Rc<str>, characters: usize) {
    let key = limits::clamp(key, limits::KEY_CHARACTERS);
    let value = limits::clamp(value, characters);
    match pairs.iter_mut().find(|(known, _)| *known == key) {
        Some((_, known)) => *known = value,
        None => pairs.push((key, value)),
    }
}
