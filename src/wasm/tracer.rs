//! Events of conversations. Each function is one crossing: numbers, the numbers of names, and the lengths of
//! texts that already lie in the scratch area.

use wasm_bindgen::prelude::*;

use super::exporter;
use super::host::JsHost;
use super::instance::{Guard, lock};
use super::memory::Scratch;
use crate::Tracer;
use crate::ag2::{AgentEvent, UsageCounts};
use crate::trace::{MonotonicNanos, SpanKey};

/// The core, with the scratch area for values that cross the boundary.
pub struct State {
    pub(super) tracer: Tracer<JsHost>,
    pub(super) scratch: Scratch,
}

/// Makes a scratch area of that many bytes and returns its address in the module's memory.
#[wasm_bindgen]
pub fn scratch(bytes: usize) -> *mut u8 {
    lock().scratch.reserve(bytes)
}

/// Takes the name in the scratch area and returns the number that stands for it from now on.
#[wasm_bindgen]
pub fn intern(length: usize) -> u32 {
    lock().scratch.intern(length)
}

/// Forgets all names.
#[wasm_bindgen(js_name = forgetNames)]
pub fn forget_names() {
    lock().scratch.forget_names();
}

/// `initiate_chat` was called; `inputs` bytes of JSON are its arguments. Returns the span's key, 0 if none was made.
#[wasm_bindgen(js_name = chatStarted)]
pub fn chat_started(parent: u32, inputs: usize, now_ms: f64) -> u32 {
    let mut state = lock();
    let inputs = state.scratch.json(0, inputs);
    state.record(AgentEvent::ChatStarted { parent: SpanKey::new(parent), inputs }, now_ms)
}

/// `initiate_chat` returned; `outputs` bytes of JSON are the `ChatResult`.
#[wasm_bindgen(js_name = chatEnded)]
pub fn chat_ended(chat: u32, outputs: usize, now_ms: f64) {
    let mut state = lock();
    let Some(chat) = SpanKey::new(chat) else {
        return;
    };
    let outputs = state.scratch.json(0, outputs);
    record_end(state, AgentEvent::ChatEnded { chat, outputs }, now_ms);
}

/// A message arrived, sent by the agent with that name; text or JSON of `length` bytes.
#[wasm_bindgen(js_name = messageReceived)]
pub fn message_received(scope: u32, sender: u32, valid: bool, tag: u32, length: usize, now_ms: f64) {
    let mut state = lock();
    let event = AgentEvent::MessageReceived {
        scope: SpanKey::new(scope),
        sender: state.scratch.name_or_empty(sender),
        message: state.scratch.value(tag, 0.0, length),
        valid,
    };
    record_end(state, event, now_ms);
}

/// An agent begins to make a reply.
#[wasm_bindgen(js_name = replyStarted)]
pub fn reply_started(parent: u32, agent: u32, now_ms: f64) -> u32 {
    let mut state = lock();
    let agent = state.scratch.name_or_empty(agent);
    state.record(AgentEvent::ReplyStarted { parent: SpanKey::new(parent), agent }, now_ms)
}

/// A reply is made; its outputs only where no message carried them.
#[wasm_bindgen(js_name = replyEnded)]
pub fn reply_ended(reply: u32, tag: u32, length: usize, now_ms: f64) {
    let mut state = lock();
    let Some(reply) = SpanKey::new(reply) else {
        return;
    };
    let outputs = (tag != 0).then(|| state.scratch.value(tag, 0.0, length));
    record_end(state, AgentEvent::ReplyEnded { reply, outputs }, now_ms);
}

/// A model is called; the request.
#[wasm_bindgen(js_name = modelCallStarted)]
#[allow(clippy::too_many_arguments, reason = "one crossing with seven numbers is cheaper than an object")]
pub fn model_call_started(
    parent: u32,
    source: u32,
    model: u32,
    tag: u32,
    number: f64,
    inputs: usize,
    now_ms: f64,
) -> u32 {
    let mut state = lock();
    let event = AgentEvent::ModelCallStarted {
        parent: SpanKey::new(parent),
        source: state.scratch.name(source),
        model: state.scratch.name(model),
        tools: None,
        inputs: state.scratch.value(tag, number, inputs),
    };
    state.record(event, now_ms)
}

/// A model answered. Counts and cost are NaN where they are unknown.
#[wasm_bindgen(js_name = modelCallEnded)]
#[allow(clippy::too_many_arguments, reason = "one crossing with eleven numbers is cheaper than an object")]
pub fn model_call_ended(
    call: u32,
    outputs: usize,
    cost_usd: f64,
    cached: bool,
    prompt_tokens: f64,
    completion_tokens: f64,
    total_tokens: f64,
    cache_read_tokens: f64,
    cache_creation_tokens: f64,
    cache_creation_tokens_above_1h: f64,
    now_ms: f64,
) {
    let mut state = lock();
    let Some(call) = SpanKey::new(call) else {
        return;
    };
    let usage = usage_counts([
        prompt_tokens,
        completion_tokens,
        total_tokens,
        cache_read_tokens,
        cache_creation_tokens,
        cache_creation_tokens_above_1h,
    ]);
    let outputs = state.scratch.json(0, outputs);
    let cost_usd = cost_usd.is_finite().then_some(cost_usd);
    record_end(state, AgentEvent::ModelCallEnded { call, outputs, usage: Some(usage), cost_usd, cached }, now_ms);
}

/// A tool is called; its arguments, and behind their text the id of the call (0 bytes: none).
#[wasm_bindgen(js_name = toolCallStarted)]
#[allow(clippy::too_many_arguments, reason = "one crossing with eight numbers is cheaper than an object")]
pub fn tool_call_started(
    parent: u32,
    name: u32,
    description: u32,
    tag: u32,
    number: f64,
    inputs: usize,
    call_id: usize,
    now_ms: f64,
) -> u32 {
    let mut state = lock();
    let event = AgentEvent::ToolCallStarted {
        parent: SpanKey::new(parent),
        name: state.scratch.name_or_empty(name),
        call_id: state.scratch.text_if_any(inputs, call_id),
        description: state.scratch.name(description),
        inputs: state.scratch.value(tag, number, inputs),
    };
    state.record(event, now_ms)
}

/// A tool returned.
#[wasm_bindgen(js_name = toolCallEnded)]
pub fn tool_call_ended(call: u32, tag: u32, number: f64, length: usize, now_ms: f64) {
    let mut state = lock();
    let Some(call) = SpanKey::new(call) else {
        return;
    };
    let outputs = state.scratch.value(tag, number, length);
    record_end(state, AgentEvent::ToolCallEnded { call, outputs }, now_ms);
}

impl State {
    /// A core that has recorded nothing yet.
    pub(super) fn new() -> Self {
        Self { tracer: Tracer::new(JsHost), scratch: Scratch::default() }
    }

    /// Takes in an event. One that the core does not understand is counted there and makes no span, for
    /// which 0 stands.
    pub(super) fn record(&mut self, event: AgentEvent, now_ms: f64) -> u32 {
        let recorded = self.tracer.on_event(event, MonotonicNanos::from_millis(now_ms));
        recorded.ok().flatten().map_or(0, SpanKey::number)
    }
}

/// Takes in an event that may leave something to be sent, and sees to it that it will be.
pub(super) fn record_end(mut state: Guard, event: AgentEvent, now_ms: f64) {
    let finished = state.tracer.finished_traces();
    state.record(event, now_ms);
    if state.tracer.finished_traces() == finished {
        exporter::schedule_open(state, now_ms);
    } else {
        exporter::schedule(state, now_ms);
    }
}

/// The counts of input, output and total, of the cache that was read, and of the cache that was created, in all and for
/// more than an hour; NaN where one is unknown.
pub(super) fn usage_counts(counts: [f64; 6]) -> UsageCounts {
    let [input, output, total, cache_read, cache_creation, cache_creation_above_1h] =
        counts.map(|number| (number >= 0.0).then_some(number as u64));
    UsageCounts {
        input_tokens: input,
        output_tokens: output,
        total_tokens: total,
        cache_read_input_tokens: cache_read,
        cache_creation_input_tokens: cache_creation,
        cache_creation_input_tokens_above_1h: cache_creation_above_1h,
    }
}
