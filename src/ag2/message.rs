//! Messages that agents receive.

use std::rc::Rc;

use crate::trace::{Json, JsonWriter, Value};

/// A message event as AG2 reports it.
#[derive(Debug, Clone)]
pub struct ReceivedMessage {
    /// The name of the agent that sent it.
    pub sender: Rc<str>,
    /// The JSON object `{"message", "sender", "valid"}`, which is the inputs and outputs of AGENT spans in
    /// Python's mlflow/ag2/ag2_logger.py.
    pub event: Json,
    message: Value,
}

impl ReceivedMessage {
    /// A message with the event that reports it.
    #[must_use]
    pub fn new(sender: Rc<str>, message: Value, valid: bool) -> Self {
        let event = JsonWriter::new()
            .literal("{\"message\":")
            .value(&message)
            .literal(",\"sender\":")
            .string(&sender)
            .literal(if valid { ",\"valid\":true}" } else { ",\"valid\":false}" })
            .finish();
        Self { sender, event, message }
    }

    /// The chat of a message and the one that it answers, in the format of MLflow's trace view: the message that
    /// is answered has the role of a user, the answer that of an assistant unless it names another one (a tool's).
    /// Where a role comes twice, JSON parsers take the last.
    #[must_use]
    pub fn chat(&self, in_reply_to: Option<&Self>) -> Value {
        let mut json = JsonWriter::new();
        json.literal("[");
        if let Some(in_reply_to) = in_reply_to {
            in_reply_to.write_members(json.literal("{"));
            json.literal(",\"role\":\"user\"},");
        }
        self.write_members(json.literal("{\"role\":\"assistant\","));
        Value::Json(json.literal("}]").finish())
    }

    fn write_members(&self, json: &mut JsonWriter) {
        json.literal("\"name\":").string(&self.sender).literal(",");
        let written = match &self.message {
            Value::Json(message) => json.members(message),
            _ => false,
        };
        if !written {
            json.literal("\"content\":").value(&self.message);
        }
    }
}
