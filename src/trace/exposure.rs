//! What of a span may leave the program.

use super::{AttributeKey, EventKind, Span, Status, Trace, Value};

/// What of spans may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// What goes in.
    pub inputs: bool,
    /// What comes out.
    pub outputs: bool,
    /// Nothing but what a redaction has seen.
    pub only_redacted: bool,
}

impl Default for Exposure {
    /// Everything.
    fn default() -> Self {
        Self {
            inputs: true,
            outputs: true,
            only_redacted: false,
        }
    }
}

impl Exposure {
    /// Whether a span may leave.
    #[must_use]
    pub const fn admits(self, span: &Span) -> bool {
        span.is_redacted || !self.only_redacted
    }
}

/// A place in a span where something stands that the program said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// What went in.
    Inputs,
    /// What came out.
    Outputs,
    /// The attribute with this number, counted from 0.
    Attribute(usize),
    /// The event with the first number, and its attribute with the second.
    EventAttribute(usize, usize),
}

impl Span {
    /// Takes out what is not to be recorded, with everything that repeats it.
    pub fn leave_out(&mut self, exposure: Exposure) {
        if !exposure.inputs {
            self.inputs = Value::Null;
        }
        if !exposure.outputs {
            self.outputs = Value::Null;
        }
        self.attributes.retain(|attribute| match attribute.key {
            AttributeKey::ChatTools => exposure.inputs,
            AttributeKey::ChatMessages => exposure.inputs && exposure.outputs,
            _ => true,
        });
    }

    /// Puts another value in a place; into one that is not there, nothing.
    pub fn replace(&mut self, place: Place, value: Value) {
        let attribute = match place {
            Place::Inputs => return self.inputs = value,
            Place::Outputs => return self.outputs = value,
            Place::Attribute(index) => self.attributes.get_mut(index),
            Place::EventAttribute(event, index) => {
                let event = self.events.get_mut(event);
                event.and_then(|event| event.attributes.get_mut(index))
            }
        };
        if let Some(attribute) = attribute {
            attribute.value = value;
        }
    }

    /// Takes out whatever the program's values may stand in, because nobody could say what of them may
    /// be shown. What is left: its name, times, counts, parameters of models, and that there was an error.
    pub fn withhold(&mut self) {
        self.inputs = Value::Null;
        self.outputs = Value::Null;
        self.attributes.retain(|attribute| {
            !matches!(
                attribute.key,
                AttributeKey::ChatTools
                    | AttributeKey::ChatMessages
                    | AttributeKey::ToolDescription
                    | AttributeKey::Named(_)
            )
        });
        self.events
            .retain(|event| !matches!(event.kind, EventKind::Named(_)));
        for event in &mut self.events {
            let attributes = &mut event.attributes;
            attributes.retain(|attribute| attribute.key == AttributeKey::ExceptionType);
        }
        if let Status::Error(message) = &mut self.status {
            *message = "".into();
        }
        self.set(AttributeKey::RedactionFailed, Value::Bool(true));
    }
}

impl Trace {
    /// Takes out of all spans what is not to be recorded; those that have left already are without it.
    pub fn leave_out(&mut self, exposure: Exposure) {
        if exposure.inputs && exposure.outputs {
            return;
        }
        let keys: Vec<_> = self.spans().map(|span| span.key).collect();
        for key in keys {
            if let Some(span) = self.span_mut(key) {
                span.leave_out(exposure);
            }
        }
    }
}
