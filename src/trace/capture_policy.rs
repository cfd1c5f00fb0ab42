//! The policy that decides which values of a span may be exported.

use super::{AttributeKey, EventKind, Span, Status, Trace, Value};

/// The values of spans that may be exported, persisted or shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapturePolicy {
    /// Whether inputs are recorded.
    pub inputs: bool,
    /// Whether outputs are recorded.
    pub outputs: bool,
    /// Whether a span has to be redacted first.
    pub only_redacted: bool,
}

impl Default for CapturePolicy {
    /// The policy that allows everything.
    fn default() -> Self {
        Self { inputs: true, outputs: true, only_redacted: false }
    }
}

impl CapturePolicy {
    /// Whether a span may be exported.
    #[must_use]
    pub const fn allows_export(self, span: &Span) -> bool {
        span.is_redacted || !self.only_redacted
    }
}

/// The path of a value in a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValuePath {
    /// The inputs.
    Inputs,
    /// The outputs.
    Outputs,
    /// The attribute with this index.
    Attribute(usize),
    /// The attribute of an event: the index of the event, then that of the attribute.
    EventAttribute(usize, usize),
}

impl Span {
    /// Removes the values that the policy excludes, and the attributes that repeat them.
    pub fn apply_capture_policy(&mut self, capture_policy: CapturePolicy) {
        if !capture_policy.inputs {
            self.inputs = Value::Null;
        }
        if !capture_policy.outputs {
            self.outputs = Value::Null;
        }
        self.attributes.retain(|attribute| match attribute.key {
            AttributeKey::ChatTools => capture_policy.inputs,
            AttributeKey::ChatMessages => capture_policy.inputs && capture_policy.outputs,
            _ => true,
        });
    }

    /// Replaces the value at a path. A path that does not exist is ignored.
    pub fn replace(&mut self, path: ValuePath, value: Value) {
        let attribute = match path {
            ValuePath::Inputs => return self.inputs = value,
            ValuePath::Outputs => return self.outputs = value,
            ValuePath::Attribute(index) => self.attributes.get_mut(index),
            ValuePath::EventAttribute(event, index) => {
                let event = self.events.get_mut(event);
                event.and_then(|event| event.attributes.get_mut(index))
            }
        };
        if let Some(attribute) = attribute {
            attribute.value = value;
        }
    }

    /// Removes all values that can hold data of the user, because the redaction failed. The name, times, counts,
    /// model parameters and the status code remain.
    pub fn strip_user_data(&mut self) {
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
        self.events.retain(|event| !matches!(event.kind, EventKind::Named(_)));
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
    /// Applies the policy to all spans. Exported spans are shared and were treated when they were taken.
    pub fn apply_capture_policy(&mut self, capture_policy: CapturePolicy) {
        if capture_policy.inputs && capture_policy.outputs {
            return;
        }
        let keys: Vec<_> = self.spans().map(|span| span.key).collect();
        for key in keys {
            if let Some(span) = self.span_mut(key) {
                span.apply_capture_policy(capture_policy);
            }
        }
    }
}
