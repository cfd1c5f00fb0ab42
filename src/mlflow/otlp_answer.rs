//! What an OTLP endpoint answers: an `ExportTraceServiceResponse`
//! (opentelemetry/proto/collector/trace/v1/trace_service.proto).

use super::AnswerBody;
use super::protobuf::fields;

/// What the endpoint did not take, and why. Anything that is not such an answer says nothing.
#[must_use]
pub fn partial_success(body: &[u8]) -> AnswerBody {
    let mut answer = AnswerBody::default();
    for partial in fields(body).each(1) {
        for (number, content) in fields(partial) {
            match number {
                // An int64: below 0 it says nothing.
                1 => answer.rejected_spans = u64::try_from(content.number() as i64).unwrap_or(0),
                2 => {
                    answer.message = Some(content.text().to_owned()).filter(|said| !said.is_empty())
                }
                _ => {}
            }
        }
    }
    answer
}
