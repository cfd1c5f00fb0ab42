//! What is said about a trace as a whole.

use std::rc::Rc;

use super::limits;

/// One thing said about a whole trace. Said again, the later word counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extra {
    /// A tag: may be changed after the trace has ended.
    Tag {
        /// Its key.
        key: Rc<str>,
        /// Its value.
        value: Rc<str>,
    },
    /// A piece of metadata: fixed once the trace has ended.
    Metadata {
        /// Its key.
        key: Rc<str>,
        /// Its value.
        value: Rc<str>,
    },
    /// The id that the program's own client gave the request.
    ClientRequestId(Rc<str>),
    /// What lists of traces show of the request.
    RequestPreview(Rc<str>),
    /// What lists of traces show of the response.
    ResponsePreview(Rc<str>),
    /// The session that the trace is part of.
    SessionId(Rc<str>),
    /// The user on whose behalf it all happened.
    UserId(Rc<str>),
    /// Whether it counts as failed, whatever became of its root.
    Failed(bool),
}

/// All that was said about a whole trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// Tags, each key once.
    pub tags: Vec<(Rc<str>, Rc<str>)>,
    /// Metadata, each key once.
    pub metadata: Vec<(Rc<str>, Rc<str>)>,
    /// The id that the program's own client gave the request.
    pub client_request_id: Option<Rc<str>>,
    /// What lists of traces show of the request.
    pub request_preview: Option<Rc<str>>,
    /// What lists of traces show of the response.
    pub response_preview: Option<Rc<str>>,
    /// The session that the trace is part of.
    pub session_id: Option<Rc<str>>,
    /// The user on whose behalf it all happened.
    pub user_id: Option<Rc<str>>,
    /// Whether it counts as failed; `None`: as its root does.
    pub failed: Option<bool>,
}

impl Extras {
    /// Takes in one more, cut to what MLflow can keep.
    pub fn set(&mut self, extra: Extra) {
        let (field, text, characters) = match extra {
            Extra::Failed(failed) => {
                self.failed = Some(failed);
                return;
            }
            Extra::Tag { key, value } => {
                return put(&mut self.tags, &key, &value, limits::TAG_CHARACTERS);
            }
            Extra::Metadata { key, value } => {
                return put(
                    &mut self.metadata,
                    &key,
                    &value,
                    limits::METADATA_CHARACTERS,
                );
            }
            Extra::ClientRequestId(text) => {
                let field = &mut self.client_request_id;
                (field, text, limits::CLIENT_REQUEST_ID_CHARACTERS)
            }
            Extra::RequestPreview(text) => {
                (&mut self.request_preview, text, limits::PREVIEW_CHARACTERS)
            }
            Extra::ResponsePreview(text) => {
                (&mut self.response_preview, text, limits::PREVIEW_CHARACTERS)
            }
            Extra::SessionId(text) => (&mut self.session_id, text, limits::METADATA_CHARACTERS),
            Extra::UserId(text) => (&mut self.user_id, text, limits::METADATA_CHARACTERS),
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
