//! Spans as plain data: one operation of a trace each.

use std::rc::Rc;

use super::{SpanId, SpanKey, TokenUsage, TraceId, UnixNanos, Value};

/// An estimate of the bytes of a span beyond its values: ids, times, attribute keys, allocations.
const SPAN_OVERHEAD_BYTES: usize = 512;
/// An estimate of the bytes of an attribute beyond its value: its key.
const ATTRIBUTE_OVERHEAD_BYTES: usize = 32;
/// An estimate of the bytes of an event beyond its attributes.
const EVENT_OVERHEAD_BYTES: usize = 64;

/// The kind of operation that a span records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// A chat between agents.
    Chain,
    /// One turn of an agent.
    Agent,
    /// One call of a language model.
    Model,
    /// One call of a model that embeds texts.
    Embedding,
    /// One call of a tool.
    Tool,
    /// Several chats that belong together.
    Chats,
    /// The choice of who speaks next in a group chat.
    SpeakerSelection,
    /// A question to a person.
    HumanInput,
    /// A run of code.
    CodeExecution,
    /// An operation that the program defines; the span's `type_name` names it.
    Custom,
}

/// The status of an operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// The result is not known: the operation is running, or was when its trace ended.
    #[default]
    Unset,
    /// The operation succeeded.
    Ok,
    /// The operation failed; the text is the reason.
    Error(Rc<str>),
}

/// The meaning of an attribute. Its name on the wire is decided in `mlflow::names`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeKey {
    /// The name of the language model.
    Model,
    /// The agent on whose behalf a model was called.
    Source,
    /// The tools that were offered to the model.
    ChatTools,
    /// The message that an agent answers and its answer, as a chat.
    ChatMessages,
    /// The cost of the call in US dollars.
    CostUsd,
    /// Whether the answer came out of AG2's cache: 1 or 0.
    IsCached,
    /// The id that the model gave a tool call.
    ToolCallId,
    /// The tool's description.
    ToolDescription,
    /// The agent of an operation, where neither the span's name nor [`Self::Source`] names it.
    AgentName,
    /// The provider of the model, as MLflow names it.
    Provider,
    /// The format of the messages of a model call, where it is not AG2's.
    MessageFormat,
    /// The id of the conversation that a chat begins or continues.
    ConversationId,
    /// The number of messages of a chat.
    ConversationTurns,
    /// The maximum number of turns of a chat.
    ConversationMaxTurns,
    /// The sampling temperature of a model call.
    Temperature,
    /// The maximum number of tokens of a model's answer.
    MaxTokens,
    /// The `top_p` of a model call.
    TopP,
    /// The frequency penalty of a model call.
    FrequencyPenalty,
    /// The presence penalty of a model call.
    PresencePenalty,
    /// The seed of a model call.
    Seed,
    /// The number of choices that a model call requests.
    ChoiceCount,
    /// The model that answered.
    ResponseModel,
    /// The id of a model's answer.
    ResponseId,
    /// The finish reason of each choice of a model's answer.
    FinishReasons,
    /// The seconds until the first token of a streamed answer.
    FirstTokenSeconds,
    /// The cost in US dollars that AG2's cache saved.
    SavedCostUsd,
    /// The index of the entry of `config_list` that a model call used.
    ConfigIndex,
    /// The agents that could be chosen to speak.
    SpeakerCandidates,
    /// The agent that was chosen to speak.
    SpeakerSelected,
    /// The method by which the speaker was chosen.
    SpeakerMethod,
    /// The exit code of code that was run.
    ExitCode,
    /// The number of chats that belong together.
    ChatsCount,
    /// Whether they ran one after the other or at the same time.
    ChatsMode,
    /// The recipients of the chats.
    ChatsRecipients,
    /// The ids of the chats.
    ChatsIds,
    /// The class of an error.
    ExceptionType,
    /// The message of an error.
    ExceptionMessage,
    /// The stack trace of an error.
    ExceptionStack,
    /// Whether the trace was ended by the timeout: true.
    TimedOut,
    /// Whether the span was open when its trace was closed: true.
    Abandoned,
    /// Whether the values were removed because the redaction failed: true.
    RedactionFailed,
    /// An attribute with a name that the program gave.
    Named(Rc<str>),
}

/// An attribute of a span or an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// The meaning.
    pub key: AttributeKey,
    /// The value.
    pub value: Value,
}

/// Sets an attribute, which replaces one with the same key.
pub fn set_attribute(attributes: &mut Vec<Attribute>, key: AttributeKey, value: Value) {
    match attributes.iter_mut().find(|known| known.key == key) {
        Some(known) => known.value = value,
        None => attributes.push(Attribute { key, value }),
    }
}

/// The kind of an event of a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// An exception.
    Exception,
    /// The first token of a streamed answer.
    FirstToken,
    /// An event with a name that the program gave.
    Named(Rc<str>),
    /// No event, but a link to a span of any trace: it has attributes as an event has, and is kept among them.
    Link(TraceId, SpanId),
}

/// An event of a span.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The time of the event.
    pub time: UnixNanos,
    /// The kind of the event.
    pub kind: EventKind,
    /// The attributes.
    pub attributes: Vec<Attribute>,
}

/// A span: one operation of a trace.
#[derive(Clone, Debug)]
pub struct Span {
    /// The handle by which the bindings know it; ascending in order of creation.
    pub key: SpanKey,
    /// The id on the wire.
    pub id: SpanId,
    /// The parent; `None` for the first span of a trace.
    pub parent: Option<SpanKey>,
    /// The name.
    pub name: Rc<str>,
    /// The kind of operation.
    pub kind: SpanKind,
    /// The type of a [`SpanKind::Custom`] span, as the program gave it.
    pub type_name: Option<Rc<str>>,
    /// The start time.
    pub start: UnixNanos,
    /// The end time, never before `start`; `None` while the span is running.
    pub end: Option<UnixNanos>,
    /// The status.
    pub status: Status,
    /// The inputs.
    pub inputs: Value,
    /// The outputs.
    pub outputs: Value,
    /// The tokens that a model call used, where they are known.
    pub usage: Option<TokenUsage>,
    /// The tokens that AG2's cache saved.
    pub saved_usage: Option<TokenUsage>,
    /// The attributes beyond inputs, outputs and usage.
    pub attributes: Vec<Attribute>,
    /// The events in the order in which they happened.
    pub events: Vec<Event>,
    /// Whether the redaction is done.
    pub is_redacted: bool,
}

impl Span {
    /// Sets an attribute, unless the value is [`Value::Null`].
    pub fn set(&mut self, key: AttributeKey, value: Value) {
        if value != Value::Null {
            set_attribute(&mut self.attributes, key, value);
        }
    }

    /// Ends the span with a status. The end is never before the start, even if the clock was set back.
    pub fn end_with_status(&mut self, now: UnixNanos, status: Status) {
        self.end = Some(now.max(self.start));
        self.status = status;
    }

    /// Ends the span with the status that was set, or else with [`Status::Ok`].
    pub fn end_ok(&mut self, now: UnixNanos) {
        let status = std::mem::take(&mut self.status);
        let status = match status {
            Status::Unset => Status::Ok,
            set => set,
        };
        self.end_with_status(now, status);
    }

    /// An estimate of its bytes on the wire.
    #[must_use]
    pub fn approximate_bytes(&self) -> usize {
        self.bytes(Value::len_bytes)
    }

    /// An estimate of its bytes in memory, where a history that it shares with others counts as its newest message.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.bytes(Value::memory_bytes)
    }

    fn bytes(&self, of: fn(&Value) -> usize) -> usize {
        let of_all = |attributes: &[Attribute]| -> usize {
            let attributes = attributes.iter();
            attributes.map(|attribute| ATTRIBUTE_OVERHEAD_BYTES + of(&attribute.value)).sum()
        };
        let events = self.events.iter();
        let events: usize = events.map(|event| EVENT_OVERHEAD_BYTES + of_all(&event.attributes)).sum();
        SPAN_OVERHEAD_BYTES + self.name.len() + of(&self.inputs) + of(&self.outputs) + of_all(&self.attributes) + events
    }
}
