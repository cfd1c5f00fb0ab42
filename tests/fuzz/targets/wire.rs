//! Reads what is sent with the official OpenTelemetry definitions, and holds every message to what
//! MLflow takes.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Wire;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

/// The spans of a body, which must be one.
pub fn spans(body: &[u8]) -> Vec<Span> {
    let request = ExportTraceServiceRequest::decode(body).expect("OTLP");
    let encoded = request.encoded_len();
    let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
    let spans: Vec<Span> = scopes.flat_map(|scope| scope.spans).collect();
    for span in &spans {
        check(span);
    }
    // Empty text is written where others leave it out; both are right.
    if !spans.iter().any(has_empty_text) {
        assert_eq!(encoded, body.len(), "nothing was skipped as unknown");
    }
    spans
}

fn has_empty_text(span: &Span) -> bool {
    let events = || span.events.iter();
    let attributes = || events().flat_map(|event| &event.attributes);
    let keys = attributes().chain(&span.attributes).map(|pair| &pair.key);
    let says = span.status.as_ref().map(|status| &status.message);
    let failed = span.status.as_ref().is_some_and(|status| status.code == 2);
    let texts = keys.chain([&span.name]).chain(says.filter(|_| failed));
    texts.chain(events().map(|event| &event.name)).any(String::is_empty)
}

fn check(span: &Span) {
    assert!(span.trace_id.len() == 16 && span.trace_id.iter().any(|byte| *byte != 0));
    assert!(span.span_id.len() == 8 && span.span_id.iter().any(|byte| *byte != 0));
    assert!(span.parent_span_id.is_empty() || span.parent_span_id.len() == 8);
    assert_ne!(span.parent_span_id, span.span_id, "no span is its own parent");
    assert!(span.start_time_unix_nano > 0);
    assert!(span.start_time_unix_nano <= span.end_time_unix_nano);
    assert!(span.status.is_some());
    for pair in &span.attributes {
        let value = pair.value.as_ref().and_then(|any| any.value.as_ref());
        assert!(value.is_some(), "an attribute without a value: {}", pair.key);
    }
}

/// The value of an attribute; the later one if it is there twice.
pub fn attribute(pairs: &[KeyValue], key: &str) -> Option<Wire> {
    let mut found = pairs.iter().rev().filter(|pair| pair.key == key);
    found.next()?.value.clone()?.value
}
