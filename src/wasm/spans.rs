//! The part of the door for spans of any kind: begin, say something, end. A key of 0 is ignored, as
//! everywhere.

use wasm_bindgen::prelude::*;

use super::sole::enter;
use super::tracer::Tracer;
use crate::ag2::operation_name;
use crate::ag2::{Fact, Failure, Note};
use crate::recorder::TraceState;
use crate::trace::id::{parse_context, write_context};
use crate::trace::{AttributeKey, EventKind, Extra, SpanKey, SpanKind, Status};

// The numbers of src/js/bridge/border.ts.
const KINDS: [SpanKind; 4] = [
    SpanKind::Chats,
    SpanKind::SpeakerSelection,
    SpanKind::HumanInput,
    SpanKind::CodeExecution,
];
const DETAILS: [AttributeKey; 25] = [
    AttributeKey::AgentName,
    AttributeKey::Provider,
    AttributeKey::ConfigIndex,
    AttributeKey::ConversationId,
    AttributeKey::ConversationTurns,
    AttributeKey::ConversationMaxTurns,
    AttributeKey::Temperature,
    AttributeKey::MaxTokens,
    AttributeKey::TopP,
    AttributeKey::FrequencyPenalty,
    AttributeKey::PresencePenalty,
    AttributeKey::Seed,
    AttributeKey::ChoiceCount,
    AttributeKey::ResponseModel,
    AttributeKey::ResponseId,
    AttributeKey::FinishReasons,
    AttributeKey::SpeakerCandidates,
    AttributeKey::SpeakerSelected,
    AttributeKey::SpeakerMethod,
    AttributeKey::ExitCode,
    AttributeKey::ChatsCount,
    AttributeKey::ChatsMode,
    AttributeKey::ChatsRecipients,
    AttributeKey::ChatsIds,
    AttributeKey::ChatTools,
];
const REQUEST_PREVIEW: u32 = 1;
const RESPONSE_PREVIEW: u32 = 2;
const SESSION_ID: u32 = 3;
const USER_ID: u32 = 4;
const STATE: u32 = 5;

/// Work of the program's own begins, with that name and type; its inputs. Returns the span's key, 0 if none was made,
/// and writes its ids to the beginning of the scratch area: the 16 bytes of the trace's, the 8 of its own.
#[wasm_bindgen(js_name = spanStarted)]
#[allow(
    clippy::too_many_arguments,
    reason = "one crossing with seven numbers is cheaper than an object"
)]
pub fn span_started(
    parent: u32,
    name: u32,
    type_name: u32,
    tag: u32,
    number: f64,
    inputs: usize,
    now_ms: f64,
) -> u32 {
    let tracer = &mut *enter();
    let fact = Fact::SpanStarted {
        parent: SpanKey::new(parent),
        name: tracer.scratch.name_or_empty(name),
        kind: SpanKind::Custom,
        type_name: tracer.scratch.name(type_name),
        inputs: tracer.scratch.value(tag, number, inputs),
    };
    let key = tracer.record(fact, now_ms);
    let context = SpanKey::new(key).and_then(|key| tracer.recorder.span_context(key));
    if let Some((trace, span)) = context {
        tracer.scratch.answer(trace.as_bytes(), span.as_bytes());
    }
    key
}

/// An operation of agents begins that is of the kind with that number (`OperationKind` of src/js/bridge/border.ts); its inputs.
#[wasm_bindgen(js_name = operationStarted)]
pub fn operation_started(
    parent: u32,
    kind: usize,
    tag: u32,
    number: f64,
    inputs: usize,
    now_ms: f64,
) -> u32 {
    let tracer = &mut *enter();
    let kind = KINDS.get(kind).copied().unwrap_or(SpanKind::Chats);
    let fact = Fact::SpanStarted {
        parent: SpanKey::new(parent),
        name: operation_name(kind).into(),
        kind,
        type_name: None,
        inputs: tracer.scratch.value(tag, number, inputs),
    };
    tracer.record(fact, now_ms)
}

/// Work ended, well unless `spanStatus` said otherwise. Its outputs; tag 0 leaves those that `spanOutputs` set.
#[wasm_bindgen(js_name = spanEnded)]
pub fn span_ended(span: u32, tag: u32, number: f64, outputs: usize, now_ms: f64) {
    let tracer = &mut *enter();
    let Some(span) = SpanKey::new(span) else {
        return;
    };
    let outputs = (tag != 0).then(|| tracer.scratch.value(tag, number, outputs));
    tracer.record(Fact::SpanEnded { span, outputs }, now_ms);
}

/// What went in, in place of what was said before.
#[wasm_bindgen(js_name = spanInputs)]
pub fn span_inputs(span: u32, tag: u32, number: f64, length: usize) {
    let tracer = &mut *enter();
    let inputs = tracer.scratch.value(tag, number, length);
    tracer.note(span, Note::Inputs(inputs), 0.0);
}

/// What came out, in place of what was said before.
#[wasm_bindgen(js_name = spanOutputs)]
pub fn span_outputs(span: u32, tag: u32, number: f64, length: usize) {
    let tracer = &mut *enter();
    let outputs = tracer.scratch.value(tag, number, length);
    tracer.note(span, Note::Outputs(outputs), 0.0);
}

/// An attribute under that name; the later word counts.
#[wasm_bindgen(js_name = spanAttribute)]
pub fn span_attribute(span: u32, key: u32, tag: u32, number: f64, length: usize) {
    let tracer = &mut *enter();
    let key = AttributeKey::Named(tracer.scratch.name_or_empty(key));
    let value = tracer.scratch.value(tag, number, length);
    tracer.note(span, Note::Attribute(key, value), 0.0);
}

/// An attribute that the core knows how to spell, by its number (`Detail` of src/js/bridge/border.ts).
#[wasm_bindgen(js_name = spanDetail)]
pub fn span_detail(span: u32, which: usize, tag: u32, number: f64, length: usize) {
    let tracer = &mut *enter();
    if let Some(key) = DETAILS.get(which) {
        let value = tracer.scratch.value(tag, number, length);
        tracer.note(span, Note::Attribute(key.clone(), value), 0.0);
    }
}

/// A streamed answer begins to arrive.
#[wasm_bindgen(js_name = firstToken)]
pub fn first_token(span: u32, now_ms: f64) {
    enter().note(span, Note::Event(EventKind::FirstToken), now_ms);
}

/// How it goes, whatever follows; in words if it goes wrong.
#[wasm_bindgen(js_name = spanStatus)]
pub fn span_status(span: u32, is_error: bool, message: usize) {
    let tracer = &mut *enter();
    let status = if is_error {
        Status::Error(tracer.scratch.text(0, message))
    } else {
        Status::Ok
    };
    tracer.note(span, Note::Status(status), 0.0);
}

/// Something with that name happened.
#[wasm_bindgen(js_name = spanEvent)]
pub fn span_event(span: u32, name: u32, now_ms: f64) {
    let tracer = &mut *enter();
    let kind = EventKind::Named(tracer.scratch.name_or_empty(name));
    tracer.note(span, Note::Event(kind), now_ms);
}

/// An attribute of the newest event.
#[wasm_bindgen(js_name = eventAttribute)]
pub fn event_attribute(span: u32, key: u32, tag: u32, number: f64, length: usize) {
    let tracer = &mut *enter();
    let key = AttributeKey::Named(tracer.scratch.name_or_empty(key));
    let value = tracer.scratch.value(tag, number, length);
    tracer.note(span, Note::EventAttribute(key, value), 0.0);
}

/// An operation failed and ended: the class of the error, its message, and behind it the stack (0 bytes: none).
#[wasm_bindgen]
pub fn failed(span: u32, kind: u32, message: usize, stack: usize, now_ms: f64) {
    let tracer = &mut *enter();
    let Some(span) = SpanKey::new(span) else {
        return;
    };
    let error = tracer.failure(kind, message, stack);
    tracer.record(Fact::Failed { span, error }, now_ms);
}

/// An error was met, as for `failed`; the operation goes on, and its status is left alone.
#[wasm_bindgen(js_name = exceptionRecorded)]
pub fn exception_recorded(span: u32, kind: u32, message: usize, stack: usize, now_ms: f64) {
    let tracer = &mut *enter();
    let error = tracer.failure(kind, message, stack);
    tracer.note(span, Note::Exception(error), now_ms);
}

/// A tag of the whole trace that a span is part of.
#[wasm_bindgen(js_name = traceTag)]
pub fn trace_tag(span: u32, key: u32, length: usize) {
    let tracer = &mut *enter();
    let key = tracer.scratch.name_or_empty(key);
    let value = tracer.scratch.text(0, length);
    tracer.note(span, Note::Trace(Extra::Tag { key, value }), 0.0);
}

/// A piece of metadata of the whole trace.
#[wasm_bindgen(js_name = traceMetadata)]
pub fn trace_metadata(span: u32, key: u32, length: usize) {
    let tracer = &mut *enter();
    let key = tracer.scratch.name_or_empty(key);
    let value = tracer.scratch.text(0, length);
    tracer.note(span, Note::Trace(Extra::Metadata { key, value }), 0.0);
}

/// One of the trace's own fields: 0 client request id, 1 request preview, 2 response preview, 3 session, 4 user,
/// 5 state.
#[wasm_bindgen(js_name = traceField)]
pub fn trace_field(span: u32, which: u32, length: usize) {
    let tracer = &mut *enter();
    let text = tracer.scratch.text(0, length);
    let extra = match which {
        REQUEST_PREVIEW => Extra::RequestPreview(text),
        RESPONSE_PREVIEW => Extra::ResponsePreview(text),
        SESSION_ID => Extra::SessionId(text),
        USER_ID => Extra::UserId(text),
        STATE => Extra::Failed(&*text == TraceState::Error.name()),
        _ => Extra::ClientRequestId(text),
    };
    tracer.note(span, Note::Trace(extra), 0.0);
}

/// Where a span is, as 32 hexadecimal digits of the trace, a hyphen and 16 of the span; nothing once its trace is done.
#[wasm_bindgen(js_name = spanContext)]
pub fn span_context(span: u32) -> usize {
    let tracer = &mut *enter();
    let context = SpanKey::new(span).and_then(|span| tracer.recorder.span_context(span));
    let written = context.map(|(trace, span)| write_context(&trace, &span));
    tracer.say(written.unwrap_or_default())
}

/// Takes a span of another program, spelled as by `spanContext`, and returns a key that is good as
/// a parent; 0 if it is spelled otherwise.
#[wasm_bindgen(js_name = remoteParent)]
pub fn remote_parent(length: usize) -> u32 {
    let tracer = &mut *enter();
    parse_context(&tracer.scratch.text(0, length))
        .and_then(|(trace, span)| tracer.recorder.remote_parent(trace, span).ok())
        .map_or(0, SpanKey::number)
}

impl Tracer {
    fn note(&mut self, span: u32, note: Note, now_ms: f64) {
        if let Some(span) = SpanKey::new(span) {
            self.record(Fact::Noted { span, note }, now_ms);
        }
    }

    fn failure(&self, kind: u32, message: usize, stack: usize) -> Failure {
        Failure {
            kind: self.scratch.name_or_empty(kind),
            message: self.scratch.text(0, message),
            stack: self.scratch.text_if_any(message, stack),
        }
    }
}
