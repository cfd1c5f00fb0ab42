//! Events of spans of any kind: begin, change, end. A key of 0 stands for no span and is ignored.

use wasm_bindgen::prelude::*;

use super::instance::lock;
use super::numbers::{ATTRIBUTE_IDS, OPERATION_KINDS, trace_fields};
use super::tracer::{State, record_end, usage_counts};
use super::views::text_if_any;
use crate::ag2::operation_name;
use crate::ag2::{AgentEvent, Failure, SpanUpdate};
use crate::export::TraceState;
use crate::trace::id::{parse_context, write_context};
use crate::trace::{AttributeKey, EventKind, SpanId, SpanKey, SpanKind, Status, TraceId, TraceUpdate, UnixNanos};

/// Work of the program's own begins, with that name and type; its inputs. Returns the span's key, 0 if none was made,
/// and writes its ids to the beginning of the scratch area: the 16 bytes of the trace's, the 8 of its own.
#[wasm_bindgen(js_name = spanStarted)]
#[allow(clippy::too_many_arguments, reason = "one crossing with seven numbers is cheaper than an object")]
pub fn span_started(parent: u32, name: u32, type_name: u32, tag: u32, number: f64, inputs: usize, now_ms: f64) -> u32 {
    let mut state = lock();
    let event = AgentEvent::SpanStarted {
        parent: SpanKey::new(parent),
        name: state.scratch.name_or_empty(name),
        kind: SpanKind::Custom,
        type_name: state.scratch.name(type_name),
        inputs: state.scratch.value(tag, number, inputs),
    };
    let key = state.record(event, now_ms);
    let context = SpanKey::new(key).and_then(|key| state.tracer.span_context(key));
    if let Some((trace, span)) = context {
        state.scratch.answer(trace.as_bytes(), span.as_bytes());
    }
    key
}

/// An operation of agents begins that is of the kind with that number (src/js/bridge/numbers/operation-kinds.ts); its
/// inputs.
#[wasm_bindgen(js_name = operationStarted)]
pub fn operation_started(parent: u32, kind: usize, tag: u32, number: f64, inputs: usize, now_ms: f64) -> u32 {
    let mut state = lock();
    let kind = OPERATION_KINDS.get(kind).copied().unwrap_or(SpanKind::Chats);
    let event = AgentEvent::SpanStarted {
        parent: SpanKey::new(parent),
        name: operation_name(kind).into(),
        kind,
        type_name: None,
        inputs: state.scratch.value(tag, number, inputs),
    };
    state.record(event, now_ms)
}

/// Work ended; it succeeded unless `spanStatus` set another status. Its outputs; tag 0 leaves those that `spanOutputs`
/// set.
#[wasm_bindgen(js_name = spanEnded)]
pub fn span_ended(span: u32, tag: u32, number: f64, outputs: usize, now_ms: f64) {
    let mut state = lock();
    let Some(span) = SpanKey::new(span) else {
        return;
    };
    let outputs = (tag != 0).then(|| state.scratch.value(tag, number, outputs));
    record_end(state, AgentEvent::SpanEnded { span, outputs }, now_ms);
}

/// Sets the inputs, which replace those before.
#[wasm_bindgen(js_name = spanInputs)]
pub fn span_inputs(span: u32, tag: u32, number: f64, length: usize) {
    let mut state = lock();
    let inputs = state.scratch.value(tag, number, length);
    state.update(span, SpanUpdate::Inputs(inputs), 0.0);
}

/// Sets the outputs, which replace those before.
#[wasm_bindgen(js_name = spanOutputs)]
pub fn span_outputs(span: u32, tag: u32, number: f64, length: usize) {
    let mut state = lock();
    let outputs = state.scratch.value(tag, number, length);
    state.update(span, SpanUpdate::Outputs(outputs), 0.0);
}

/// Sets an attribute with that name, which replaces one with the same name.
#[wasm_bindgen(js_name = spanAttribute)]
pub fn span_attribute(span: u32, key: u32, tag: u32, number: f64, length: usize) {
    let mut state = lock();
    let key = AttributeKey::Named(state.scratch.name_or_empty(key));
    let value = state.scratch.value(tag, number, length);
    state.update(span, SpanUpdate::Attribute(key, value), 0.0);
}

/// An attribute that the core knows how to spell, by its number (src/js/bridge/numbers/attribute-ids.ts).
#[wasm_bindgen(js_name = spanDetail)]
pub fn span_detail(span: u32, which: usize, tag: u32, number: f64, length: usize) {
    let mut state = lock();
    if let Some(key) = ATTRIBUTE_IDS.get(which) {
        let value = state.scratch.value(tag, number, length);
        state.update(span, SpanUpdate::Attribute(key.clone(), value), 0.0);
    }
}

/// Sets the token counts, which replace those before; NaN where one is unknown.
#[wasm_bindgen(js_name = spanUsage)]
pub fn span_usage(
    span: u32,
    prompt_tokens: f64,
    completion_tokens: f64,
    total_tokens: f64,
    cache_read_tokens: f64,
    cache_creation_tokens: f64,
    cache_creation_tokens_above_1h: f64,
) {
    let usage = usage_counts([
        prompt_tokens,
        completion_tokens,
        total_tokens,
        cache_read_tokens,
        cache_creation_tokens,
        cache_creation_tokens_above_1h,
    ]);
    lock().update(span, SpanUpdate::Usage(usage), 0.0);
}

/// A streamed answer begins to arrive.
#[wasm_bindgen(js_name = firstToken)]
pub fn first_token(span: u32, now_ms: f64) {
    lock().update(span, SpanUpdate::Event(EventKind::FirstToken), now_ms);
}

/// How it goes, whatever follows; in words if it goes wrong.
#[wasm_bindgen(js_name = spanStatus)]
pub fn span_status(span: u32, is_error: bool, message: usize) {
    let mut state = lock();
    let status = if is_error { Status::Error(state.scratch.text(0, message)) } else { Status::Ok };
    state.update(span, SpanUpdate::Status(status), 0.0);
}

/// Something with that name happened.
#[wasm_bindgen(js_name = spanEvent)]
pub fn span_event(span: u32, name: u32, now_ms: f64) {
    let mut state = lock();
    let kind = EventKind::Named(state.scratch.name_or_empty(name));
    state.update(span, SpanUpdate::Event(kind), now_ms);
}

/// A link to the span that is spelled as by `spanContext`; what is spelled otherwise is left out. Its attributes follow
/// as those of an event.
#[wasm_bindgen(js_name = spanLink)]
pub fn span_link(span: u32, context: usize) -> bool {
    let mut state = lock();
    let Some((trace, linked)) = parse_context(&state.scratch.text(0, context)) else {
        return false;
    };
    state.update(span, SpanUpdate::Event(EventKind::Link(trace, linked)), 0.0);
    true
}

/// A time of the span as the program measured it: of its start (0), of the end that follows (1) or of its newest event
/// (2), in whole milliseconds since 1970 and the nanoseconds beyond.
#[wasm_bindgen(js_name = spanTime)]
pub fn span_time(span: u32, which: u32, unix_ms: f64, nanos: u32) {
    let time = UnixNanos(UnixNanos::from_millis(unix_ms).0.saturating_add(nanos.into()));
    let update = match which {
        0 => SpanUpdate::StartTime(time),
        1 => SpanUpdate::EndTime(time),
        _ => SpanUpdate::EventTime(time),
    };
    lock().update(span, update, 0.0);
}

/// An attribute of the newest event.
#[wasm_bindgen(js_name = eventAttribute)]
pub fn event_attribute(span: u32, key: u32, tag: u32, number: f64, length: usize) {
    let mut state = lock();
    let key = AttributeKey::Named(state.scratch.name_or_empty(key));
    let value = state.scratch.value(tag, number, length);
    state.update(span, SpanUpdate::EventAttribute(key, value), 0.0);
}

/// An operation failed and ended: the class of the error, its message, and behind it the stack (0 bytes: none).
#[wasm_bindgen]
pub fn failed(span: u32, kind: u32, message: usize, stack: usize, now_ms: f64) {
    let state = lock();
    let Some(span) = SpanKey::new(span) else {
        return;
    };
    let error = state.failure(kind, message, stack);
    record_end(state, AgentEvent::SpanFailed { span, error }, now_ms);
}

/// An error was met, as for `failed`; the operation goes on, and its status is left alone.
#[wasm_bindgen(js_name = exceptionRecorded)]
pub fn exception_recorded(span: u32, kind: u32, message: usize, stack: usize, now_ms: f64) {
    let mut state = lock();
    let error = state.failure(kind, message, stack);
    state.update(span, SpanUpdate::Exception(error), now_ms);
}

/// A tag of the whole trace that a span is part of.
#[wasm_bindgen(js_name = traceTag)]
pub fn trace_tag(span: u32, key: u32, length: usize) {
    let mut state = lock();
    let key = state.scratch.name_or_empty(key);
    let value = state.scratch.text(0, length);
    state.update(span, SpanUpdate::Trace(TraceUpdate::Tag { key, value }), 0.0);
}

/// A piece of metadata of the whole trace.
#[wasm_bindgen(js_name = traceMetadata)]
pub fn trace_metadata(span: u32, key: u32, length: usize) {
    let mut state = lock();
    let key = state.scratch.name_or_empty(key);
    let value = state.scratch.text(0, length);
    state.update(span, SpanUpdate::Trace(TraceUpdate::Metadata { key, value }), 0.0);
}

/// Sets one of the trace's own fields, by its number (src/js/bridge/numbers/trace-fields.ts).
#[wasm_bindgen(js_name = traceField)]
pub fn trace_field(span: u32, which: u32, length: usize) {
    let mut state = lock();
    let text = state.scratch.text(0, length);
    let update = match which {
        trace_fields::REQUEST_PREVIEW => TraceUpdate::RequestPreview(text),
        trace_fields::RESPONSE_PREVIEW => TraceUpdate::ResponsePreview(text),
        trace_fields::SESSION_ID => TraceUpdate::SessionId(text),
        trace_fields::USER_ID => TraceUpdate::UserId(text),
        trace_fields::IS_PROPAGATED => TraceUpdate::Propagated,
        trace_fields::STATE => TraceUpdate::Failed(&*text == TraceState::Error.name()),
        _ => TraceUpdate::ClientRequestId(text),
    };
    state.update(span, SpanUpdate::Trace(update), 0.0);
}

/// Where a span is, as 32 hexadecimal digits of the trace, a hyphen and 16 of the span; nothing once its trace is done.
#[wasm_bindgen(js_name = spanContext)]
pub fn span_context(span: u32) -> JsValue {
    let key = SpanKey::new(span);
    let context = key.and_then(|key| lock().tracer.span_context(key));
    text_if_any(context.map(|(trace, span)| write_context(&trace, &span)))
}

/// Puts a finished trace into a session, because its conversation goes on in another trace.
#[wasm_bindgen(js_name = joinSession)]
pub fn join_session(trace: &str, session: &str) {
    if let Some(trace) = TraceId::parse(trace) {
        lock().tracer.join_session(trace, &session.into());
    }
}

/// Reserves the key of the span that the next call starts, and its ids as words of 32 bits; zeros are no id.
#[wasm_bindgen(js_name = reserveSpan)]
pub fn reserve_span(key: u32, trace0: u32, trace1: u32, trace2: u32, trace3: u32, span0: u32, span1: u32) {
    let Some(key) = SpanKey::new(key) else {
        return;
    };
    let words = |first: u32, second: u32| (u64::from(first) << 32 | u64::from(second)).to_be_bytes();
    let mut trace = [0; 16];
    trace[..8].copy_from_slice(&words(trace0, trace1));
    trace[8..].copy_from_slice(&words(trace2, trace3));
    lock().tracer.reserve_span(key, TraceId::from_bytes(trace), SpanId::from_bytes(words(span0, span1)));
}

/// Takes a span of another program, spelled as by `spanContext`, and returns a key that is good as
/// a parent; 0 if it is spelled otherwise.
#[wasm_bindgen(js_name = remoteParent)]
pub fn remote_parent(context: &str) -> u32 {
    let mut state = lock();
    parse_context(context)
        .and_then(|(trace, span)| state.tracer.remote_parent(trace, span).ok())
        .map_or(0, SpanKey::number)
}

impl State {
    fn update(&mut self, span: u32, update: SpanUpdate, now_ms: f64) {
        if let Some(span) = SpanKey::new(span) {
            self.record(AgentEvent::SpanUpdated { span, update }, now_ms);
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
