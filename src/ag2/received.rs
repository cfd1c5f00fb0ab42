//! Messages as they arrive.

use std::rc::Rc;

use crate::trace::{Json, JsonWriter, Value};

/// A message event as AG2 reports it.
#[derive(Clone)]
pub struct Received {
    /// Name of the agent that sent it.
    pub sender: Rc<str>,
    /// `{"message", "sender", "valid"}`: the inputs and outputs of AGENT spans in Python's
    /// mlflow/ag2/ag2_logger.py.
    pub event: Json,
    message: Value,
}

impl Received {
    /// The event of this message.
    #[must_use]
    pub fn new(sender: Rc<str>, message: Value, valid: bool) -> Self {
        let event = JsonWriter::new()
            .literal("{\"message\":")
            .value(&message)
            .literal(",\"sender\":")
            .string(&sender)
            .literal(if valid {
                ",\"valid\":true}"
            } else {
                ",\"valid\":false}"
            })
            .finish();
        Self {
            sender,
            event,
            message,
        }
    }

    /// The chat of a message and the one that it answers, as MLflow's trace view shows it: what an
    /// agent was told comes from a user, what it said from an assistant unless the message names
    /// another role (a tool's). Where a role comes twice, readers of JSON take the last.
    #[must_use]
    pub fn chat(&self, asked: Option<&Self>) -> Value {
        let mut json = JsonWriter::new();
        json.literal("[");
        if let Some(asked) = asked {
            asked.write_members(json.literal("{"));
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
