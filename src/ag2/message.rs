//! Messages that agents receive.

use std::rc::Rc;

use crate::trace::value::json_string;
use crate::trace::{Json, JsonWriter, Value};

/// A message event as AG2 reports it.
#[derive(Debug, Clone)]
pub struct ReceivedMessage {
    /// The name of the agent that sent it.
    pub sender: Rc<str>,
    /// The JSON object `{"message", "sender", "valid"}`, which is the inputs and outputs of AGENT spans in
    /// Python's mlflow/ag2/ag2_logger.py.
    pub event: Json,
    /// The JSON text of `sender` and of the message, which three spans share.
    sender_json: Rc<str>,
    message: Json,
}

impl ReceivedMessage {
    /// A message with the event that reports it.
    #[must_use]
    pub fn new(sender: Rc<str>, message: Value, valid: bool) -> Self {
        let message = match message {
            Value::Json(json) => json,
            scalar => JsonWriter::new().value(&scalar).finish(),
        };
        let sender_json = json_string(&sender);
        let event = JsonWriter::new()
            .literal("{\"message\":")
            .json(&message)
            .literal(",\"sender\":")
            .shared(sender_json.clone())
            .literal(if valid { ",\"valid\":true}" } else { ",\"valid\":false}" })
            .finish();
        Self { sender, event, sender_json, message }
    }

    /// The chat of a message and the one that it answers, in the format of MLflow's trace view: the message that
    /// is answered has the role of a user, the answer that of an assistant unless it names another one (a tool's).
    /// Where a role comes twice, JSON parsers take the last.
    #[must_use]
    pub fn chat(&self, in_reply_to: Option<&Self>) -> Value {
        let mut json = JsonWriter::new();
        if let Some(in_reply_to) = in_reply_to {
            in_reply_to.write_members(json.literal("[{\"name\":"));
            self.write_members(json.literal(",\"role\":\"user\"},{\"role\":\"assistant\",\"name\":"));
        } else {
            self.write_members(json.literal("[{\"role\":\"assistant\",\"name\":"));
        }
        Value::Json(json.literal("}]").finish())
    }

    fn write_members(&self, json: &mut JsonWriter) {
        json.shared(self.sender_json.clone()).literal(",");
        if !json.members(&self.message) {
            json.literal("\"content\":").json(&self.message);
        }
    }
}
