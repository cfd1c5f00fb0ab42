//! Arbitrary events become bytes that official definitions decode, and nothing is lost on the way.

use arbitrary::Unstructured;
use mlflow_ag2::Tracer;
use mlflow_ag2::ag2::AgentEvent;
use mlflow_ag2::export::NextRequest;
use mlflow_ag2::mlflow::{JsonFields, Request, RequestKind, Response, ResponseBody};
use mlflow_ag2::trace::{Host, MonotonicNanos, Value};
use opentelemetry_proto::tonic::common::v1::any_value::Value as Wire;
use opentelemetry_proto::tonic::trace::v1::Span;
use std::rc::Rc;

use super::{agent_events, wire};

/// Bytes that differ, the same in every run.
#[derive(Default)]
pub struct Counter(u64);

impl From<u64> for Counter {
    fn from(start: u64) -> Self {
        Self(start)
    }
}

impl Host for Counter {
    fn fill_random(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            // Knuth's multiplier of 64-bit linear congruential generators.
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *byte = (self.0 >> 56) as u8;
        }
    }
}

/// So many milliseconds into the run.
pub fn at(millis: u64) -> MonotonicNanos {
    MonotonicNanos(1_000_000_000_000 + millis * 1_000_000)
}

/// The request that is due, if any.
pub fn due_request(tracer: &mut Tracer<Counter>, now: MonotonicNanos) -> Option<Request> {
    match tracer.next_request(now) {
        NextRequest::Send(request) => Some(request),
        NextRequest::WaitUntil(_) | NextRequest::Idle => None,
    }
}

/// What a server that is well says to a request of this kind, or this status.
pub fn response(kind: RequestKind, status: u16) -> Response {
    let fields = match kind {
        RequestKind::Experiment => JsonFields { experiment_id: Some("1".to_owned()), ..JsonFields::default() },
        RequestKind::TraceInfo => JsonFields {
            has_trace_info: true,
            artifact_location: Some("mlflow-artifacts:/1".to_owned()),
            ..JsonFields::default()
        },
        _ => JsonFields { is_otlp: true, is_empty: true, ..JsonFields::default() },
    };
    let body = if status == 200 { ResponseBody::Json(fields) } else { ResponseBody::Empty };
    Response { status, body, ..Response::default() }
}

pub fn run(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let _ = one_tool_call(&mut input);
    any_events(&mut input);
}

/// Name, input and output of a tool call arrive as they were.
fn one_tool_call(input: &mut Unstructured) -> arbitrary::Result<()> {
    let mut tracer = with_server();
    let name: Rc<str> = input.arbitrary::<&str>()?.into();
    let (inputs, outputs) = (agent_events::value(input)?, agent_events::value(input)?);
    call_tool(&mut tracer, &name, [&inputs, &outputs], [at(1), at(2)]);
    let spans = drain(&mut tracer, 3);
    let [span] = spans.as_slice() else { panic!("one span") };
    assert_eq!(span.name, &*name);
    let sent = |key| wire::attribute(&span.attributes, key);
    check(&inputs, sent("mlflow.spanInputs"));
    check(&outputs, sent("mlflow.spanOutputs"));
    Ok(())
}

fn check(value: &Value, sent: Option<Wire>) {
    match (value, sent) {
        (Value::Null, None) => {}
        (Value::Bool(truth), Some(Wire::BoolValue(sent))) => assert_eq!(*truth, sent),
        (Value::Int(number), Some(Wire::IntValue(sent))) => assert_eq!(*number, sent),
        (Value::Double(number), Some(Wire::DoubleValue(sent))) => {
            assert_eq!(number.to_bits(), sent.to_bits());
        }
        (Value::Json(json), Some(Wire::StringValue(sent))) => assert_eq!(json.to_string(), sent),
        (Value::Text(text), Some(Wire::StringValue(sent))) => {
            // What the server does: one layer is taken off what parses as a string, an object or an
            // array (mlflow/tracing/otel/translation, `sanitize_attributes`).
            let read = match serde_json::from_str(&sent) {
                Ok(serde_json::Value::String(inner)) => inner,
                Ok(serde_json::Value::Object(_) | serde_json::Value::Array(_)) => {
                    panic!("text is taken for JSON")
                }
                _ => sent,
            };
            assert_eq!(**text, *read);
        }
        (value, sent) => panic!("{value:?} arrives as {sent:?}"),
    }
}

/// Whatever is reported in whatever order: all that was started arrives, each span once.
fn any_events(input: &mut Unstructured) {
    let mut tracer = with_server();
    let now = report(&mut tracer, input);
    let sent = drain(&mut tracer, now);
    let stats = tracer.stats();
    assert_eq!(stats.started, stats.delivered + stats.dropped.total());
    assert_eq!(stats.delivered, sent.len() as u64, "what counts as delivered was sent");
    let mut ids: Vec<_> = sent.iter().map(|span| (&span.trace_id, &span.span_id)).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), sent.len(), "no span is sent twice");
    for span in sent.iter().filter(|span| !span.parent_span_id.is_empty()) {
        let parent = (&span.trace_id, &span.parent_span_id);
        assert!(ids.binary_search(&parent).is_ok(), "every parent is sent");
    }
}

/// A tracer that sends to a server.
pub fn with_server() -> Tracer<Counter> {
    let mut tracer = Tracer::new(Counter::default());
    tracer.set_tracking_uri("http://mlflow.test:5000").expect("a plain address");
    tracer
}

/// Records one call of a tool, with its inputs and outputs, from its begin to its end.
pub fn call_tool(
    tracer: &mut Tracer<Counter>,
    name: &Rc<str>,
    [inputs, outputs]: [&Value; 2],
    [begin, end]: [MonotonicNanos; 2],
) {
    let started = AgentEvent::ToolCallStarted {
        parent: None,
        name: name.clone(),
        call_id: None,
        description: None,
        inputs: inputs.clone(),
    };
    let call = tracer.on_event(started, begin).ok().flatten().expect("a span");
    let outputs = outputs.clone();
    tracer.on_event(AgentEvent::ToolCallEnded { call, outputs }, end).expect("it is open");
}

/// Sends all there is to a server that takes everything; gives the spans.
fn drain(tracer: &mut Tracer<Counter>, millis: u64) -> Vec<Span> {
    let bodies = sent(tracer, millis);
    bodies.iter().flat_map(|body| wire::spans(body)).collect()
}

fn sent(tracer: &mut Tracer<Counter>, millis: u64) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    tracer.flush_now();
    while let Some(request) = due_request(tracer, at(millis)) {
        if request.kind == RequestKind::Spans {
            bodies.push(request.body);
        }
        let taken = response(request.kind, 200);
        tracer.on_response(request.id, taken, at(millis));
    }
    bodies
}

/// What is sent for arbitrary events.
pub fn bodies(input: &mut Unstructured) -> Vec<Vec<u8>> {
    let mut tracer = with_server();
    let now = report(&mut tracer, input);
    sent(&mut tracer, now)
}

/// Reports arbitrary events, and ends what they began. Gives the time by then.
fn report(tracer: &mut Tracer<Counter>, input: &mut Unstructured) -> u64 {
    let mut keys = Vec::new();
    let mut now = 0;
    while !input.is_empty() {
        let Ok(event) = agent_events::event(input, &keys) else {
            break;
        };
        now += 1;
        keys.extend(tracer.on_event(event, at(now)).ok().flatten());
    }
    tracer.close_open(at(now + 1));
    now + 2
}
