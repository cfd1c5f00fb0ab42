//! What the native tests share: a recorder with a counter for entropy, facts in short, and the tree
//! of a trace as text.

// Each test file uses its own part of this.
#![allow(dead_code)]

use std::rc::Rc;

use mlflow_ag2::Recorder;
use mlflow_ag2::ag2::{Fact, Failure, UsageCounts};
use mlflow_ag2::mlflow::{Answer, AnswerBody, Request, RequestKind};
use mlflow_ag2::recorder::{Stats, TraceView};
use mlflow_ag2::trace::{Entropy, Json, Span, SpanKey, Status, UnixNanos, Value};

/// Bytes that differ, the same in every run.
#[derive(Default)]
pub struct Counter(u64);

impl Entropy for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            // Knuth's multiplier of 64-bit linear congruential generators.
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            *byte = (self.0 >> 56) as u8;
        }
    }
}

pub type TestRecorder = Recorder<Counter>;

pub const SERVER: &str = "http://mlflow.test:5000";

pub fn in_memory() -> TestRecorder {
    Recorder::new(Counter::default())
}

pub fn with_server() -> TestRecorder {
    let mut recorder = in_memory();
    recorder.set_tracking_uri(SERVER).expect("a plain address");
    recorder
}

/// So many milliseconds into the test.
pub fn at(millis: u64) -> UnixNanos {
    UnixNanos(1_700_000_000_000_000_000 + millis * 1_000_000)
}

pub fn json(text: &str) -> Value {
    Value::Json(Json::from_text(text.into()))
}

pub fn start(recorder: &mut TestRecorder, fact: Fact, millis: u64) -> SpanKey {
    recorder
        .record(fact, at(millis))
        .expect("a fact that fits")
        .expect("a span")
}

pub fn tell(recorder: &mut TestRecorder, fact: Fact, millis: u64) {
    assert_eq!(recorder.record(fact, at(millis)), Ok(None));
}

pub fn chat(parent: Option<SpanKey>) -> Fact {
    Fact::ChatStarted {
        parent,
        inputs: json(r#"{"message":"hello"}"#),
    }
}

pub fn chat_end(chat: SpanKey) -> Fact {
    Fact::ChatEnded {
        chat,
        outputs: json(r#"{"summary":"done"}"#),
    }
}

pub fn reply(parent: SpanKey, agent: &str) -> Fact {
    Fact::ReplyStarted {
        parent: Some(parent),
        agent: agent.into(),
    }
}

pub fn reply_end(reply: SpanKey, text: Option<&str>) -> Fact {
    Fact::ReplyEnded {
        reply,
        outputs: text.map(Value::from),
    }
}

pub fn message(scope: SpanKey, sender: &str, text: &str) -> Fact {
    Fact::MessageReceived {
        scope: Some(scope),
        sender: sender.into(),
        message: text.into(),
        valid: true,
    }
}

pub fn model_call(parent: Option<SpanKey>) -> Fact {
    Fact::ModelCallStarted {
        parent,
        source: Some("Assistant".into()),
        model: Some("gpt-4o-mini".into()),
        tools: None,
        inputs: json(r#"{"messages":[]}"#),
    }
}

pub fn model_call_end(call: SpanKey, input: u64, output: u64) -> Fact {
    let usage = UsageCounts {
        input_tokens: Some(input),
        output_tokens: Some(output),
        ..UsageCounts::default()
    };
    Fact::ModelCallEnded {
        call,
        outputs: json(r#"{"choices":[]}"#),
        usage: Some(usage),
        cost_usd: Some(0.000_053_1),
        cached: false,
    }
}

pub fn tool_call(parent: Option<SpanKey>, name: &str) -> Fact {
    Fact::ToolCallStarted {
        parent,
        name: name.into(),
        call_id: Some("call_1".into()),
        description: None,
        inputs: json(r#"{"a":1}"#),
    }
}

pub fn tool_call_end(call: SpanKey, outputs: &str) -> Fact {
    Fact::ToolCallEnded {
        call,
        outputs: outputs.into(),
    }
}

pub fn failure(span: SpanKey, kind: &str, message: &str) -> Fact {
    Fact::Failed {
        span,
        error: Failure {
            kind: kind.into(),
            message: message.into(),
            stack: Some("at line 1".into()),
        },
    }
}

/// One reply with its model call and its message, from `millis` to `millis + 10`.
pub fn whole_reply(
    recorder: &mut TestRecorder,
    parent: SpanKey,
    agent: &str,
    text: &str,
    millis: u64,
) {
    let made = start(recorder, reply(parent, agent), millis);
    let call = start(recorder, model_call(Some(made)), millis + 1);
    tell(recorder, model_call_end(call, 10, 5), millis + 8);
    tell(recorder, reply_end(made, Some(text)), millis + 9);
    tell(recorder, message(made, agent, text), millis + 10);
}

/// A trace of so many spans: one chat with tool calls.
pub fn trace_of(recorder: &mut TestRecorder, spans: usize, millis: u64) {
    let root = start(recorder, chat(None), millis);
    for _ in 1..spans {
        let call = start(recorder, tool_call(Some(root), "tool"), millis);
        tell(recorder, tool_call_end(call, "x"), millis);
    }
    tell(recorder, chat_end(root), millis);
}

/// The newest trace.
pub fn last(recorder: &TestRecorder) -> TraceView<'_> {
    let id = recorder.last_trace_id().expect("a trace has ended");
    recorder.trace(&id).expect("it is in memory")
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
            above = spans
                .iter()
                .find(|candidate| candidate.key == key)
                .expect("a parent in the trace")
                .parent;
        }
        let status = match &span.status {
            Status::Unset => "UNSET",
            Status::Ok => "OK",
            Status::Error(_) => "ERROR",
        };
        let millis = |time: UnixNanos| time.nanos_since(at(0)) / 1_000_000;
        let end = span
            .end
            .map_or("open".to_owned(), |end| millis(end).to_string());
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
    view.spans()
        .find(|span| &*span.name == name)
        .expect("a span of that name")
}

/// An attribute as text, JSON or not.
pub fn attribute(view: &TraceView<'_>, span: &Span, key: &str) -> Option<Value> {
    view.attributes(span)
        .into_iter()
        .find(|(name, _)| *name == key)
        .map(|(_, value)| value)
}

pub fn text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Json(json) => json.to_string(),
        _ => panic!("{value:?} is no text"),
    }
}

pub fn status(status: u16) -> Answer {
    Answer {
        status,
        ..Answer::default()
    }
}

/// What MLflow 3.17.2 with a database says of itself.
pub fn modern_server() -> Answer {
    server_info("SqlStore")
}

/// What a server says of itself that keeps its data so.
pub fn server_info(store: &str) -> Answer {
    let body = AnswerBody {
        store_type: Some(store.to_owned()),
        workspaces_enabled: Some(false),
        ..AnswerBody::default()
    };
    Answer {
        body,
        ..status(200)
    }
}

/// The answer to a trace's info: where its spans belong.
pub fn located(location: &str) -> Answer {
    let body = AnswerBody {
        artifact_location: Some(location.to_owned()),
        ..AnswerBody::default()
    };
    Answer {
        body,
        ..status(200)
    }
}

/// Where spans belong, by [`located`].
pub const HOME: &str = "mlflow-artifacts:/0/traces/tr/artifacts";

/// Answers requests one after the other; gives method and path of each, and the last one.
pub fn play(recorder: &mut TestRecorder, answers: &[Answer]) -> (Vec<String>, Request) {
    let mut seen = Vec::new();
    let mut last = None;
    for (step, answer) in answers.iter().enumerate() {
        let now = at(100_000 * (step as u64 + 1));
        let request = recorder.next_request(now).expect("a request");
        recorder.settle(request.id, answer.clone(), now);
        let path = request.url.strip_prefix(SERVER).expect("to the server");
        seen.push(format!("{} {path}", request.method));
        assert_balanced(&recorder.stats());
        last = Some(request);
    }
    (seen, last.expect("an answer"))
}

/// The next request, which must be there; a question what the server can do is answered first.
pub fn next(recorder: &mut TestRecorder, millis: u64) -> Request {
    let request = recorder.next_request(at(millis)).expect("a request is due");
    if request.kind == RequestKind::Probe {
        recorder.settle(request.id, modern_server(), at(millis));
        return next(recorder, millis);
    }
    request
}

/// Sends spans and answers them, expecting nothing of the answer.
pub fn exchange(recorder: &mut TestRecorder, answer: u16, millis: u64) -> Request {
    let request = next(recorder, millis);
    recorder.settle(request.id, status(answer), at(millis));
    request
}

pub fn assert_balanced(stats: &Stats) {
    let found = stats.delivered + stats.buffered + stats.open + stats.dropped.total();
    assert_eq!(
        stats.started, found,
        "every span is somewhere, once: {stats:?}"
    );
}

pub fn rc(text: &str) -> Rc<str> {
    text.into()
}
