//! Spans become the file that older servers keep: valid JSON whatever the bytes, and the same spans.

use arbitrary::Unstructured;
use mlflow_ag2::mlflow::api::traces_json::encode;
use mlflow_ag2::trace::TraceId;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Wire;
use serde_json::Value;

use super::{encoder, wire};

pub fn run(data: &[u8]) {
    let trace = TraceId::from_bytes([7; 16]).expect("not 0");
    let file = encode(&trace, &[data], decimals);
    let _: Value = serde_json::from_slice(&file).expect("JSON");
    let (one, other) = data.split_at(data.len() / 2);
    let file = encode(&trace, &[one, data, other], decimals);
    let _: Value = serde_json::from_slice(&file).expect("JSON");

    for body in encoder::bodies(&mut Unstructured::new(data)) {
        let file = encode(&trace, &[&body], decimals);
        let file: Value = serde_json::from_slice(&file).expect("JSON");
        let written = file["spans"].as_array().expect("a list");
        let spans = wire::spans(&body);
        assert_eq!(written.len(), spans.len(), "every span, once");
        for (written, span) in written.iter().zip(&spans) {
            assert_eq!(written["name"], span.name);
            assert_eq!(written["start_time_unix_nano"], span.start_time_unix_nano);
            assert_eq!(written["end_time_unix_nano"], span.end_time_unix_nano);
            assert_eq!(written["events"].as_array().map(Vec::len), Some(span.events.len()));
            for key in ["mlflow.spanInputs", "mlflow.spanOutputs", "mlflow.spanType"] {
                let text = written["attributes"][key].as_str();
                check(text, wire::attribute(&span.attributes, key));
            }
        }
    }
}

/// An attribute in the file is the JSON text of what OTLP carries.
fn check(text: Option<&str>, sent: Option<Wire>) {
    let (Some(text), Some(sent)) = (text, sent.as_ref()) else {
        assert!(text.is_none() && sent.is_none(), "{text:?} for {sent:?}");
        return;
    };
    let value: Value = serde_json::from_str(text).expect("JSON in an attribute");
    match sent {
        Wire::BoolValue(truth) => assert_eq!(value, *truth),
        Wire::IntValue(number) => assert_eq!(value, *number),
        Wire::DoubleValue(number) => assert_eq!(value.as_f64(), Some(*number)),
        Wire::StringValue(spelled) => {
            // What OTLP carries as JSON text is meant as that, all else as the text it is.
            let meant = match serde_json::from_str::<Value>(spelled) {
                Ok(meant @ (Value::Object(_) | Value::Array(_) | Value::String(_))) => meant,
                _ => Value::String(spelled.clone()),
            };
            assert_eq!(value, meant);
        }
        other => panic!("{other:?} is none of our kinds"),
    }
}

/// As JavaScript spells numbers, more or less: the core leaves that to the host.
fn decimals(number: f64) -> String {
    serde_json::to_string(&number).expect("a number")
}
