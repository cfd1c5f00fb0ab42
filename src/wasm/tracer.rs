//! What agents do, and what the program asks. Each hot function is one crossing: numbers, the numbers of
//! names, and the lengths of texts that already lie in the scratch area.

use wasm_bindgen::prelude::*;

use super::host::HostEntropy;
use super::scratch::Scratch;
use super::sole::enter;
use super::view;
use crate::ag2::{Fact, UsageCounts};
use crate::error::ConfigError;
use crate::mlflow::{AnswerBody, ExperimentRef};
use crate::recorder::Recorder;
use crate::trace::{SpanKey, TraceId, UnixNanos};

/// The tracing core, with what crosses the border on its way.
pub struct Tracer {
    pub(super) recorder: Recorder<HostEntropy>,
    pub(super) scratch: Scratch,
    /// What was answered last.
    pub(super) said: Vec<u8>,
    /// The answer that is about to be settled, as far as it has been told.
    pub(super) answer: AnswerBody,
}

/// Makes a scratch area of that many bytes and returns its address in the module's memory.
#[wasm_bindgen]
pub fn scratch(bytes: usize) -> *mut u8 {
    enter().scratch.reserve(bytes)
}

/// Where the answer to the last call lies that returned the length of one. Text and JSON; 0 bytes: nothing.
#[wasm_bindgen(js_name = answerAt)]
pub fn answer_at() -> *const u8 {
    enter().said.as_ptr()
}

/// Takes the name in the scratch area and returns the number that stands for it from now on.
#[wasm_bindgen]
pub fn intern(length: usize) -> u32 {
    enter().scratch.intern(length)
}

/// Forgets all names.
#[wasm_bindgen(js_name = forgetNames)]
pub fn forget_names() {
    enter().scratch.forget_names();
}

/// `initiate_chat` was called; `inputs` bytes of JSON are its arguments. Returns the span's key, 0 if none was made.
#[wasm_bindgen(js_name = chatStarted)]
pub fn chat_started(parent: u32, inputs: usize, now_ms: f64) -> u32 {
    let tracer = &mut *enter();
    let inputs = tracer.scratch.json(0, inputs);
    tracer.record(
        Fact::ChatStarted {
            parent: SpanKey::new(parent),
            inputs,
        },
        now_ms,
    )
}

/// `initiate_chat` returned; `outputs` bytes of JSON are the `ChatResult`.
#[wasm_bindgen(js_name = chatEnded)]
pub fn chat_ended(chat: u32, outputs: usize, now_ms: f64) {
    let tracer = &mut *enter();
    let Some(chat) = SpanKey::new(chat) else {
        return;
    };
    let outputs = tracer.scratch.json(0, outputs);
    tracer.record(Fact::ChatEnded { chat, outputs }, now_ms);
}

/// A message arrived, sent by the agent with that name; text or JSON of `length` bytes.
#[wasm_bindgen(js_name = messageReceived)]
pub fn message_received(
    scope: u32,
    sender: u32,
    valid: bool,
    tag: u32,
    length: usize,
    now_ms: f64,
) {
    let tracer = &mut *enter();
    let fact = Fact::MessageReceived {
        scope: SpanKey::new(scope),
        sender: tracer.scratch.name_or_empty(sender),
        message: tracer.scratch.value(tag, 0.0, length),
        valid,
    };
    tracer.record(fact, now_ms);
}

/// An agent begins to make a reply.
#[wasm_bindgen(js_name = replyStarted)]
pub fn reply_started(parent: u32, agent: u32, now_ms: f64) -> u32 {
    let tracer = &mut *enter();
    let agent = tracer.scratch.name_or_empty(agent);
    tracer.record(
        Fact::ReplyStarted {
            parent: SpanKey::new(parent),
            agent,
        },
        now_ms,
    )
}

/// A reply is made; its outputs only where no message carried them.
#[wasm_bindgen(js_name = replyEnded)]
pub fn reply_ended(reply: u32, tag: u32, length: usize, now_ms: f64) {
    let tracer = &mut *enter();
    let Some(reply) = SpanKey::new(reply) else {
        return;
    };
    let outputs = (tag != 0).then(|| tracer.scratch.value(tag, 0.0, length));
    tracer.record(Fact::ReplyEnded { reply, outputs }, now_ms);
}

/// A model is called; the request.
#[wasm_bindgen(js_name = modelCallStarted)]
#[allow(
    clippy::too_many_arguments,
    reason = "one crossing with seven numbers is cheaper than an object"
)]
pub fn model_call_started(
    parent: u32,
    source: u32,
    model: u32,
    tag: u32,
    number: f64,
    inputs: usize,
    now_ms: f64,
) -> u32 {
    let tracer = &mut *enter();
    let fact = Fact::ModelCallStarted {
        parent: SpanKey::new(parent),
        source: tracer.scratch.name(source),
        model: tracer.scratch.name(model),
        tools: None,
        inputs: tracer.scratch.value(tag, number, inputs),
    };
    tracer.record(fact, now_ms)
}

/// A model answered. Counts and cost are NaN where they were not told.
#[wasm_bindgen(js_name = modelCallEnded)]
#[allow(
    clippy::too_many_arguments,
    reason = "one crossing with ten numbers is cheaper than an object"
)]
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
    now_ms: f64,
) {
    let tracer = &mut *enter();
    let Some(call) = SpanKey::new(call) else {
        return;
    };
    let usage = UsageCounts {
        input_tokens: count(prompt_tokens),
        output_tokens: count(completion_tokens),
        total_tokens: count(total_tokens),
        cache_read_input_tokens: count(cache_read_tokens),
        cache_creation_input_tokens: count(cache_creation_tokens),
    };
    let outputs = tracer.scratch.json(0, outputs);
    let cost_usd = cost_usd.is_finite().then_some(cost_usd);
    tracer.record(
        Fact::ModelCallEnded {
            call,
            outputs,
            usage: Some(usage),
            cost_usd,
            cached,
        },
        now_ms,
    );
}

/// A tool is called; its arguments, and behind their text the id of the call (0 bytes: none).
#[wasm_bindgen(js_name = toolCallStarted)]
#[allow(
    clippy::too_many_arguments,
    reason = "one crossing with eight numbers is cheaper than an object"
)]
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
    let tracer = &mut *enter();
    let fact = Fact::ToolCallStarted {
        parent: SpanKey::new(parent),
        name: tracer.scratch.name_or_empty(name),
        call_id: tracer.scratch.text_if_any(inputs, call_id),
        description: tracer.scratch.name(description),
        inputs: tracer.scratch.value(tag, number, inputs),
    };
    tracer.record(fact, now_ms)
}

/// A tool returned.
#[wasm_bindgen(js_name = toolCallEnded)]
pub fn tool_call_ended(call: u32, tag: u32, number: f64, length: usize, now_ms: f64) {
    let tracer = &mut *enter();
    let Some(call) = SpanKey::new(call) else {
        return;
    };
    let outputs = tracer.scratch.value(tag, number, length);
    tracer.record(Fact::ToolCallEnded { call, outputs }, now_ms);
}

/// Ends every open trace as it is: nobody will report its end any more.
#[wasm_bindgen(js_name = closeOpen)]
pub fn close_open(now_ms: f64) {
    enter().recorder.close_open(UnixNanos::from_millis(now_ms));
}

/// Sets the tracking URI in the scratch area; answers with what is wrong with it.
#[wasm_bindgen(js_name = setTrackingUri)]
pub fn set_tracking_uri(length: usize) -> usize {
    let tracer = &mut *enter();
    let uri = tracer.scratch.text(0, length);
    let set = tracer.recorder.set_tracking_uri(&uri);
    tracer.say_why(set)
}

/// Sets the OTLP endpoint in the scratch area, in place of a tracking URI; answers with what is wrong with it.
#[wasm_bindgen(js_name = setOtlpEndpoint)]
pub fn set_otlp_endpoint(length: usize) -> usize {
    let tracer = &mut *enter();
    let uri = tracer.scratch.text(0, length);
    let set = tracer.recorder.set_otlp_endpoint(&uri);
    tracer.say_why(set)
}

/// Sets the workspace in the scratch area; 0 bytes: none.
#[wasm_bindgen(js_name = setWorkspace)]
pub fn set_workspace(length: usize) {
    let tracer = &mut *enter();
    let name = tracer.scratch.text(0, length);
    tracer.recorder.set_workspace(&name);
}

/// The workspace to be named in every request from now on; nothing unless the server has workspaces.
#[wasm_bindgen]
pub fn workspace() -> usize {
    let tracer = &mut *enter();
    let name = tracer.recorder.workspace().unwrap_or_default();
    tracer.said = name.into();
    tracer.said.len()
}

/// Where traces go.
#[wasm_bindgen(js_name = trackingUri)]
pub fn tracking_uri() -> usize {
    let tracer = &mut *enter();
    tracer.said = tracer.recorder.tracking_uri().into();
    tracer.said.len()
}

/// Sets the experiment whose name or id is in the scratch area.
#[wasm_bindgen(js_name = setExperiment)]
pub fn set_experiment(is_name: bool, length: usize) {
    let tracer = &mut *enter();
    let text = tracer.scratch.text(0, length).as_ref().to_owned();
    let which = if is_name {
        ExperimentRef::Name(text)
    } else {
        ExperimentRef::Id(text)
    };
    tracer.recorder.set_experiment(which);
}

/// How far the search for the experiment is: `{ state, id, name, code, message }`.
#[wasm_bindgen]
pub fn experiment() -> usize {
    let tracer = &mut *enter();
    tracer.say(view::experiment(&tracer.recorder.experiment()))
}

/// Takes what a person should be told: `{ code, message }[]`.
#[wasm_bindgen(js_name = takeNotices)]
pub fn take_notices() -> usize {
    let tracer = &mut *enter();
    let notices = tracer.recorder.take_notices();
    if notices.is_empty() {
        return 0;
    }
    tracer.say(view::notices(&notices))
}

/// What has been counted.
#[wasm_bindgen]
pub fn stats() -> usize {
    let tracer = &mut *enter();
    tracer.say(view::stats(&tracer.recorder.stats()))
}

/// The id of the trace that ended last.
#[wasm_bindgen(js_name = lastTraceId)]
pub fn last_trace_id() -> usize {
    let tracer = &mut *enter();
    let id = tracer.recorder.last_trace_id();
    tracer.say(id.map(|id| id.text()).unwrap_or_default())
}

/// The ids of the finished traces that memory still holds, the newest first, with a blank behind each.
#[wasm_bindgen(js_name = recentTraceIds)]
pub fn recent_trace_ids() -> usize {
    let tracer = &mut *enter();
    let mut ids = String::new();
    for id in tracer.recorder.recent_trace_ids() {
        ids.push_str(&id.text());
        ids.push(' ');
    }
    tracer.say(ids)
}

/// The trace whose id is in the scratch area, if memory still holds it.
#[wasm_bindgen]
pub fn trace(length: usize) -> usize {
    let tracer = &mut *enter();
    let id = TraceId::parse(&tracer.scratch.text(0, length));
    let experiment = tracer.recorder.experiment();
    let Some(trace) = id.and_then(|id| tracer.recorder.trace(&id)) else {
        return 0;
    };
    let shown = view::trace(&trace, &experiment);
    tracer.say(shown)
}

/// Where the server tells of the trace whose id is in the scratch area; nothing without a server.
#[wasm_bindgen(js_name = traceUrl)]
pub fn trace_url(length: usize) -> usize {
    let tracer = &mut *enter();
    let id = TraceId::parse(&tracer.scratch.text(0, length));
    let url = id.and_then(|id| tracer.recorder.trace_url(&id));
    tracer.say(url.unwrap_or_default())
}

impl Tracer {
    /// A core that has recorded nothing yet.
    pub(super) fn new() -> Self {
        Self {
            recorder: Recorder::new(HostEntropy),
            scratch: Scratch::default(),
            said: Vec::new(),
            answer: AnswerBody::default(),
        }
    }

    /// Keeps an answer for the shell to read, and returns its length in bytes.
    pub(super) fn say(&mut self, answer: impl Into<Vec<u8>>) -> usize {
        self.said = answer.into();
        self.said.len()
    }

    fn say_why(&mut self, set: Result<(), ConfigError>) -> usize {
        self.say(set.err().map(|wrong| wrong.text()).unwrap_or_default())
    }

    /// A fact the recorder does not understand is counted there; to the caller it made no span.
    pub(super) fn record(&mut self, fact: Fact, now_ms: f64) -> u32 {
        let recorded = self.recorder.record(fact, UnixNanos::from_millis(now_ms));
        recorded.ok().flatten().map_or(0, SpanKey::number)
    }
}

fn count(number: f64) -> Option<u64> {
    (number >= 0.0).then_some(number as u64)
}
