//! One operation of a trace, as plain data.

use std::rc::Rc;

use super::{SpanId, SpanKey, TokenUsage, UnixNanos, Value};

/// What a span takes beyond its values: ids, times, attribute keys, allocations. An estimate.
const SPAN_OVERHEAD_BYTES: usize = 512;
/// What an attribute takes beyond its value: its key. An estimate.
const ATTRIBUTE_OVERHEAD_BYTES: usize = 32;
/// What an event takes beyond its attributes. An estimate.
const EVENT_OVERHEAD_BYTES: usize = 64;

/// What kind of work a span stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// A whole conversation.
    Chain,
    /// One turn of an agent.
    Agent,
    /// One call of a language model.
    Model,
    /// One call of a tool.
    Tool,
    /// Several conversations that belong together.
    Chats,
    /// The choice of who speaks next in a group chat.
    SpeakerSelection,
    /// A person was asked.
    HumanInput,
    /// Code was run.
    CodeExecution,
    /// Work of the program's own; the span's `type_name` says which.
    Custom,
}

/// How an operation went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Not known: still running, or abandoned when its trace ended.
    #[default]
    Unset,
    /// It ended well.
    Ok,
    /// It failed; the text says why.
    Error(Rc<str>),
}

/// What an attribute of a span means. How it is spelled is the business of whoever writes it down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeKey {
    /// Name of the language model.
    Model,
    /// The agent on whose behalf a model was called.
    Source,
    /// The tools that were offered to the model.
    ChatTools,
    /// What an agent was told and what it said, as a chat.
    ChatMessages,
    /// What the call cost, in US dollars.
    CostUsd,
    /// Whether the answer came out of AG2's cache: 1 or 0.
    IsCached,
    /// The id that the model gave a tool call.
    ToolCallId,
    /// What the tool says about itself.
    ToolDescription,
    /// The agent that an operation is about, where neither the span's name nor [`Self::Source`] says it.
    AgentName,
    /// Who serves the model, in MLflow's words.
    Provider,
    /// The conversation that a chat is or continues.
    ConversationId,
    /// How many messages a chat had.
    ConversationTurns,
    /// How many turns a chat may have.
    ConversationMaxTurns,
    /// Parameter of a model call.
    Temperature,
    /// Parameter of a model call.
    MaxTokens,
    /// Parameter of a model call.
    TopP,
    /// Parameter of a model call.
    FrequencyPenalty,
    /// Parameter of a model call.
    PresencePenalty,
    /// Parameter of a model call.
    Seed,
    /// Parameter of a model call: how many answers are wanted.
    ChoiceCount,
    /// The model that really answered.
    ResponseModel,
    /// The id of a model's answer.
    ResponseId,
    /// Why each choice of a model's answer ends.
    FinishReasons,
    /// Seconds until a streamed answer began to arrive.
    FirstTokenSeconds,
    /// What a model call would have cost, in US dollars, had its answer not come out of AG2's cache.
    SavedCostUsd,
    /// Which entry of `config_list` a model call used, counted from 0.
    ConfigIndex,
    /// Who could be chosen to speak.
    SpeakerCandidates,
    /// Who was chosen to speak.
    SpeakerSelected,
    /// What found the speaker.
    SpeakerMethod,
    /// The exit code of code that was run.
    ExitCode,
    /// How many chats belong together.
    ChatsCount,
    /// Whether they ran one after the other or at the same time.
    ChatsMode,
    /// With whom they were.
    ChatsRecipients,
    /// Their ids.
    ChatsIds,
    /// The class of an error.
    ExceptionType,
    /// What an error says.
    ExceptionMessage,
    /// Where an error came from.
    ExceptionStack,
    /// Whether the trace was ended because nobody did for too long: true.
    TimedOut,
    /// Whether what it said was taken out because the redaction failed: true.
    RedactionFailed,
    /// Whatever has this name.
    Named(Rc<str>),
}

/// A fact about a span or an event, beyond inputs and outputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// What it means.
    pub key: AttributeKey,
    /// What it says.
    pub value: Value,
}

/// Writes a fact down; what was said under the same key before is forgotten.
pub fn set_attribute(attributes: &mut Vec<Attribute>, key: AttributeKey, value: Value) {
    match attributes.iter_mut().find(|known| known.key == key) {
        Some(known) => known.value = value,
        None => attributes.push(Attribute { key, value }),
    }
}

/// What an event tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// Something went wrong.
    Exception,
    /// A streamed answer began to arrive.
    FirstToken,
    /// Whatever has this name.
    Named(Rc<str>),
}

/// Something that happened at one moment of a span.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When it happened.
    pub time: UnixNanos,
    /// What it was.
    pub kind: EventKind,
    /// What is known of it.
    pub attributes: Vec<Attribute>,
}

/// One operation of a trace.
#[derive(Clone, Debug)]
pub struct Span {
    /// The handle by which the bindings know it; ascending in order of creation.
    pub key: SpanKey,
    /// Its id on the wire.
    pub id: SpanId,
    /// The span it is part of; `None` for the root.
    pub parent: Option<SpanKey>,
    /// Its name.
    pub name: Rc<str>,
    /// What kind of work it stands for.
    pub kind: SpanKind,
    /// The type of a [`SpanKind::Custom`] span, as the program gave it.
    pub type_name: Option<Rc<str>>,
    /// When it began.
    pub start: UnixNanos,
    /// When it ended; `None` while it runs. Never before `start`.
    pub end: Option<UnixNanos>,
    /// How it went.
    pub status: Status,
    /// What went in.
    pub inputs: Value,
    /// What came out.
    pub outputs: Value,
    /// Tokens used, for a model call that tells.
    pub usage: Option<TokenUsage>,
    /// Tokens that a model call would have used, had its answer not come out of AG2's cache.
    pub saved_usage: Option<TokenUsage>,
    /// Further facts.
    pub attributes: Vec<Attribute>,
    /// What happened meanwhile.
    pub events: Vec<Event>,
    /// Whether it is as a redaction wants it.
    pub is_redacted: bool,
}

impl Span {
    /// Adds a fact if there is something to say.
    pub fn set(&mut self, key: AttributeKey, value: Value) {
        if value != Value::Null {
            set_attribute(&mut self.attributes, key, value);
        }
    }

    /// Ends the span. A clock that was set back does not make it end before it began.
    pub fn close(&mut self, now: UnixNanos, status: Status) {
        self.end = Some(now.max(self.start));
        self.status = status;
    }

    /// Ends the span: well, unless something else was said of it.
    pub fn end_well(&mut self, now: UnixNanos) {
        let status = std::mem::take(&mut self.status);
        let status = match status {
            Status::Unset => Status::Ok,
            said => said,
        };
        self.close(now, status);
    }

    /// About how many bytes the span needs on the wire.
    #[must_use]
    pub fn approximate_bytes(&self) -> usize {
        self.bytes(Value::len_bytes)
    }

    /// About how many bytes of memory the span keeps: a history that it shares with others counts as
    /// its newest message.
    #[must_use]
    pub fn kept_bytes(&self) -> usize {
        self.bytes(Value::kept_bytes)
    }

    fn bytes(&self, of: fn(&Value) -> usize) -> usize {
        let of_all = |attributes: &[Attribute]| -> usize {
            let attributes = attributes.iter();
            attributes
                .map(|attribute| ATTRIBUTE_OVERHEAD_BYTES + of(&attribute.value))
                .sum()
        };
        let events = self.events.iter();
        let events: usize = events
            .map(|event| EVENT_OVERHEAD_BYTES + of_all(&event.attributes))
            .sum();
        SPAN_OVERHEAD_BYTES
            + self.name.len()
            + of(&self.inputs)
            + of(&self.outputs)
            + of_all(&self.attributes)
            + events
    }
}
