//! What the native tests share: a tracer with a counter for entropy, events in short, and the tree
//! of a trace as text.

// Each test file uses its own part of this.
#![allow(dead_code, unreachable_pub)]

use std::cell::Cell;
use std::rc::Rc;

use mlflow_ag2::Tracer;
use mlflow_ag2::ag2::{AgentEvent, Failure, UsageCounts};
use mlflow_ag2::export::{NextRequest, Stats, TraceView};
use mlflow_ag2::mlflow::{JsonFields, Request, RequestKind, Response, ResponseBody};
use mlflow_ag2::trace::{Host, Json, MonotonicNanos, Span, SpanKey, Status, UnixNanos, Value};

/// Bytes that differ, the same in every run.
#[derive(Default)]
pub struct Counter(u64);

impl Host for Counter {
    fn fill_random(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            // Knuth's multiplier of 64-bit linear congruential generators.
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *byte = (self.0 >> 56) as u8;
        }
    }

    fn source() -> Option<Rc<str>> {
        SOURCE.get().map(Into::into)
    }
}

thread_local! {
    static SOURCE: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// Lets the tracers of this test run in a page from now on.
pub fn run_in_a_page() {
    SOURCE.set(Some("browser\nhttps://app.example/chat"));
}

pub type TestTracer = Tracer<Counter>;

pub const SERVER: &str = "http://mlflow.test:5000";

/// What the monotonic clock says at the beginning of a test.
const START_NANOS: u64 = 1_000_000_000_000;
/// What the wall clock says then.
const START_UNIX_NANOS: u64 = 1_700_000_000_000_000_000;

pub fn in_memory() -> TestTracer {
    let mut tracer = Tracer::new(Counter::default());
    tracer.set_unix_offset((START_UNIX_NANOS - START_NANOS) as i64);
    tracer
}

pub fn with_server() -> TestTracer {
    let mut tracer = in_memory();
    tracer.set_tracking_uri(SERVER).expect("a plain address");
    tracer
}

/// So many milliseconds into the test.
pub fn at(millis: u64) -> MonotonicNanos {
    MonotonicNanos(START_NANOS + millis * 1_000_000)
}

/// What the wall clock says so many milliseconds into the test.
pub fn unix_at(millis: u64) -> UnixNanos {
    UnixNanos(START_UNIX_NANOS + millis * 1_000_000)
}

pub fn json(text: &str) -> Value {
    Value::Json(Json::from_text(text.into()))
}

pub fn start(tracer: &mut TestTracer, event: AgentEvent, millis: u64) -> SpanKey {
    tracer.on_event(event, at(millis)).expect("a fact that fits").expect("a span")
}

pub fn emit(tracer: &mut TestTracer, event: AgentEvent, millis: u64) {
    assert_eq!(tracer.on_event(event, at(millis)), Ok(None));
}

pub fn chat(parent: Option<SpanKey>) -> AgentEvent {
    AgentEvent::ChatStarted { parent, inputs: json(r#"{"message":"hello"}"#) }
}

pub fn chat_end(chat: SpanKey) -> AgentEvent {
    AgentEvent::ChatEnded { chat, outputs: json(r#"{"summary":"done"}"#) }
}

pub fn reply(parent: SpanKey, agent: &str) -> AgentEvent {
    AgentEvent::ReplyStarted { parent: Some(parent), agent: agent.into() }
}

pub fn reply_end(reply: SpanKey, text: Option<&str>) -> AgentEvent {
    AgentEvent::ReplyEnded { reply, outputs: text.map(Value::from) }
}

pub fn message(scope: SpanKey, sender: &str, text: &str) -> AgentEvent {
    AgentEvent::MessageReceived { scope: Some(scope), sender: sender.into(), message: text.into(), valid: true }
}

pub fn model_call(parent: Option<SpanKey>) -> AgentEvent {
    AgentEvent::ModelCallStarted {
        parent,
        source: Some("Assistant".into()),
        model: Some("gpt-4o-mini".into()),
        tools: None,
        inputs: json(r#"{"messages":[]}"#),
    }
}

pub fn model_call_end(call: SpanKey, input: u64, output: u64) -> AgentEvent {
    let usage = UsageCounts { input_tokens: Some(input), output_tokens: Some(output), ..UsageCounts::default() };
    AgentEvent::ModelCallEnded {
        call,
        outputs: json(r#"{"choices":[]}"#),
        usage: Some(usage),
        cost_usd: Some(0.000_053_1),
        cached: false,
    }
}

pub fn tool_call(parent: Option<SpanKey>, name: &str) -> AgentEvent {
    AgentEvent::ToolCallStarted {
        parent,
        name: name.into(),
        call_id: Some("call_1".into()),
        description: None,
        inputs: json(r#"{"a":1}"#),
    }
}

pub fn tool_call_end(call: SpanKey, outputs: &str) -> AgentEvent {
    AgentEvent::ToolCallEnded { call, outputs: outputs.into() }
}

pub fn failure(span: SpanKey, kind: &str, message: &str) -> AgentEvent {
    AgentEvent::SpanFailed {
        span,
        error: Failure { kind: kind.into(), message: message.into(), stack: Some("at line 1".into()) },
    }
}

/// One reply with its model call and its message, from `millis` to `millis + 10`.
pub fn whole_reply(tracer: &mut TestTracer, parent: SpanKey, agent: &str, text: &str, millis: u64) {
    let made = start(tracer, reply(parent, agent), millis);
    let call = start(tracer, model_call(Some(made)), millis + 1);
    emit(tracer, model_call_end(call, 10, 5), millis + 8);
    emit(tracer, reply_end(made, Some(text)), millis + 9);
    emit(tracer, message(made, agent, text), millis + 10);
}

/// A trace of so many spans: one chat with tool calls.
pub fn trace_of(tracer: &mut TestTracer, spans: usize, millis: u64) {
    let root = start(tracer, chat(None), millis);
    for _ in 1..spans {
        let call = start(tracer, tool_call(Some(root), "tool"), millis);
        emit(tracer, tool_call_end(call, "x"), millis);
    }
    emit(tracer, chat_end(root), millis);
}

/// The newest trace.
pub fn last(tracer: &TestTracer) -> TraceView<'_> {
    let id = tracer.last_trace_id().expect("a trace has ended");
    tracer.trace(&id).expect("it is in memory")
}

/// Spans by depth: `  LLM chat_completion OK 11..18`, milliseconds into the test.
pub fn outline(view: &TraceView<'_>) -> String {
    let spans: Vec<&Span> = view.spans().collect();
    let mut text = String::new();
    for span in &spans {
        let mut depth = 0;
        let mut above = span.parent;
        while let Some(key) = above {
            depth += 1;
            above = spans.iter().find(|candidate| candidate.key == key).expect("a parent in the trace").parent;
        }
        let status = match &span.status {
            Status::Unset => "UNSET",
            Status::Ok => "OK",
            Status::Error(_) => "ERROR",
        };
        let millis = |time: UnixNanos| time.nanos_since(unix_at(0)) / 1_000_000;
        let end = span.end.map_or("open".to_owned(), |end| millis(end).to_string());
        text += &format!(
            "{}{} {} {status} {}..{end}\n",
            "  ".repeat(depth),
            view.span_type(span),
            span.name,
            millis(span.start)
        );
    }
    text
}

pub fn span<'a>(view: &TraceView<'a>, name: &str) -> &'a Span {
    view.spans().find(|span| &*span.name == name).expect("a span of that name")
}

/// An attribute as text, JSON or not.
pub fn attribute(view: &TraceView<'_>, span: &Span, key: &str) -> Option<Value> {
    view.attributes(span).into_iter().find(|(name, _)| *name == key).map(|(_, value)| value)
}

pub fn text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Json(json) => json.to_string(),
        _ => panic!("{value:?} is no text"),
    }
}

pub fn status(status: u16) -> Response {
    Response { status, ..Response::default() }
}

/// A response with a JSON object.
pub fn json_response(code: u16, fields: JsonFields) -> Response {
    Response { body: ResponseBody::Json(fields), ..status(code) }
}

/// A response with an error of MLflow's.
pub fn error(code: u16, error_code: &str) -> Response {
    let error_code = Some(error_code.to_owned());
    json_response(code, JsonFields { error_code, ..JsonFields::default() })
}

/// A response with text, of a web page or not.
pub fn text_response(code: u16, text: &str, is_html: bool) -> Response {
    let text = text.to_owned();
    Response { body: ResponseBody::Text { text, is_html }, ..status(code) }
}

/// The response to the search for an experiment that is there.
pub fn found(id: &str, name: Option<&str>) -> Response {
    json_response(
        200,
        JsonFields {
            experiment_id: Some(id.to_owned()),
            experiment_name: name.map(str::to_owned),
            ..JsonFields::default()
        },
    )
}

/// The response to the search for an experiment that is not there.
pub fn none_found() -> Response {
    json_response(200, JsonFields { is_empty: true, ..JsonFields::default() })
}

/// The name that a request searches an experiment by.
pub fn searched_name(request: &Request) -> Option<String> {
    if !request.url.ends_with("experiments/search") {
        return None;
    }
    let body = String::from_utf8(request.body.clone()).expect("text");
    let mut parts = body.split('\'');
    parts.nth(1).map(str::to_owned)
}

/// What MLflow 3.17.2 with a database says of itself.
pub fn modern_server() -> Response {
    server_info("SqlStore")
}

/// What a server says of itself that keeps its data so.
pub fn server_info(store: &str) -> Response {
    json_response(
        200,
        JsonFields { store_type: Some(store.to_owned()), workspaces_enabled: Some(false), ..JsonFields::default() },
    )
}

/// The response to a trace's info: where its spans belong.
pub fn located(location: &str) -> Response {
    json_response(
        200,
        JsonFields { artifact_location: Some(location.to_owned()), has_trace_info: true, ..JsonFields::default() },
    )
}

/// What a server that is well says to a request of this kind.
pub fn success(kind: RequestKind) -> Response {
    match kind {
        RequestKind::Spans | RequestKind::Artifact => status(200),
        RequestKind::TraceInfo => located(ARTIFACT_LOCATION),
        RequestKind::Experiment => found("1", None),
        RequestKind::Probe => modern_server(),
    }
}

/// Where spans belong, by [`located`].
pub const ARTIFACT_LOCATION: &str = "mlflow-artifacts:/0/traces/tr/artifacts";

/// The request that is due, if any.
pub fn due_request(tracer: &mut TestTracer, millis: u64) -> Option<Request> {
    match tracer.next_request(at(millis)) {
        NextRequest::Send(request) => Some(request),
        NextRequest::WaitUntil(_) | NextRequest::Idle => None,
    }
}

/// Answers requests one after the other; gives method and path of each, and the last one.
pub fn play(tracer: &mut TestTracer, responses: &[Response]) -> (Vec<String>, Request) {
    play_from(tracer, 0, responses)
}

/// As [`play`], one every 100 s from a time on.
pub fn play_from(tracer: &mut TestTracer, millis: u64, responses: &[Response]) -> (Vec<String>, Request) {
    let mut seen = Vec::new();
    let mut last = None;
    for (step, response) in responses.iter().enumerate() {
        let now = millis + 100_000 * (step as u64 + 1);
        let request = due_request(tracer, now).expect("a request");
        tracer.on_response(request.id, response.clone(), at(now));
        let path = request.url.strip_prefix(SERVER).expect("to the server");
        seen.push(format!("{} {path}", request.method));
        assert_balanced(&tracer.stats());
        last = Some(request);
    }
    (seen, last.expect("a response"))
}

/// The next request, which must be there; a question what the server can do is answered first.
pub fn next(tracer: &mut TestTracer, millis: u64) -> Request {
    let request = due_request(tracer, millis).expect("a request is due");
    if request.kind == RequestKind::Probe {
        tracer.on_response(request.id, modern_server(), at(millis));
        return next(tracer, millis);
    }
    request
}

/// Sends what is due and answers it with this status; 200 is what a server says that is well.
pub fn exchange(tracer: &mut TestTracer, code: u16, millis: u64) -> Request {
    let request = next(tracer, millis);
    let response = match code {
        200 => success(request.kind),
        _ => status(code),
    };
    tracer.on_response(request.id, response, at(millis));
    request
}

/// The codes of the notices since the last call.
pub fn codes(tracer: &mut TestTracer) -> Vec<&'static str> {
    let notices = tracer.take_notices();
    notices.iter().map(|notice| notice.code).collect()
}

pub fn assert_balanced(stats: &Stats) {
    let found = stats.delivered + stats.in_memory + stats.buffered + stats.open + stats.dropped.total();
    assert_eq!(stats.started, found, "every span is somewhere, once: {stats:?}");
}

pub fn rc(text: &str) -> Rc<str> {
    text.into()
}

/// Whether the body of a request has these bytes.
pub fn contains(request: &Request, bytes: &[u8]) -> bool {
    request.body.windows(bytes.len()).any(|some| some == bytes)
}

/// Sends until nothing waits, at the times at which something is due; `answer` says what the server does.
pub fn run_to_end(tracer: &mut TestTracer, mut answer: impl FnMut(&Request, u64) -> Response) -> u64 {
    let mut millis = 0;
    for _ in 0..1_000 {
        let Some(due) = tracer.next_due() else { break };
        millis = millis.max(due.nanos_since(at(0)).div_ceil(1_000_000));
        if let Some(request) = due_request(tracer, millis) {
            let response = answer(&request, millis);
            tracer.on_response(request.id, response, at(millis));
        }
        assert_balanced(&tracer.stats());
    }
    millis
}
