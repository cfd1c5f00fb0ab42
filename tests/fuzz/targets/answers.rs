//! Arbitrary answers, to one request after the other: nothing panics, every span stays accounted
//! for, and no wait is longer than the longest that a server may choose.

use arbitrary::{Result, Unstructured};
use mlflow_ag2::mlflow::response::{Peer, classify_response};
use mlflow_ag2::mlflow::{ExperimentRef, JsonFields, RequestKind, Response, ResponseBody};

use super::encoder::{at, call_tool, due_request, with_server};

/// src/mlflow/retry.rs: a server may ask for five minutes, and jitter does not add to that.
const LONGEST_WAIT_MS: u64 = 330_000;
const STATUSES: [u16; 16] = [0, 200, 204, 302, 400, 401, 403, 404, 405, 408, 413, 415, 422, 429, 500, 503];

pub fn run(data: &[u8]) {
    let _ = converse(&mut Unstructured::new(data));
}

fn converse(input: &mut Unstructured) -> Result<()> {
    let mut tracer = with_server();
    if input.arbitrary()? {
        tracer.set_experiment(ExperimentRef::Name(input.arbitrary()?));
    }
    let mut now = 0;
    while !input.is_empty() {
        for _ in 0..input.int_in_range(0..=3)? {
            let text = "text".into();
            call_tool(&mut tracer, &"tool".into(), [&text, &text], [at(now), at(now)]);
        }
        tracer.flush_now();
        if input.ratio(1, 8)? {
            tracer.configuration_changed();
        }
        if let Some(request) = due_request(&mut tracer, at(now)) {
            tracer.on_response(request.id, answer(input)?, at(now));
            let due = tracer.request_due();
            let wait = due.map_or(0, |due| due.nanos_since(at(now)) / 1_000_000);
            assert!(wait <= LONGEST_WAIT_MS, "it waits {wait} ms");
            let before = tracer.stats();
            tracer.on_response(request.id, answer(input)?, at(now));
            assert_eq!(tracer.stats(), before, "a response counts once");
        }
        let stats = tracer.stats();
        let found = stats.delivered + stats.in_memory + stats.buffered + stats.open + stats.dropped.total();
        assert_eq!(stats.started, found, "{stats:?}");
        for notice in tracer.take_notices() {
            assert!(notice.message.len() < 4096, "{} says too much", notice.code);
        }
        now += u64::from(input.arbitrary::<u16>()?);
    }
    Ok(())
}

fn answer(input: &mut Unstructured) -> Result<Response> {
    let status = if input.ratio(3, 4)? { *input.choose(&STATUSES)? } else { input.arbitrary()? };
    let body = match input.int_in_range(0..=3)? {
        0 => ResponseBody::Empty,
        1 => ResponseBody::Protobuf(input.arbitrary::<&[u8]>()?.to_vec()),
        2 => ResponseBody::Text { text: input.arbitrary()?, is_html: input.arbitrary()? },
        _ => ResponseBody::Json(fields(input)?),
    };
    let answer = Response {
        status,
        // The kept inputs have no byte for it.
        time_used: (status % 32) as u8,
        retry_after_ms: input.arbitrary()?,
        error: input.arbitrary()?,
        may_be_blocked: input.arbitrary()?,
        redirect_origin: input.arbitrary()?,
        body,
    };
    let _ = classify_response(RequestKind::Spans, Peer::Otlp, &answer);
    Ok(answer)
}

fn fields(input: &mut Unstructured) -> Result<JsonFields> {
    Ok(JsonFields {
        experiment_id: input.arbitrary()?,
        experiment_name: input.arbitrary()?,
        lifecycle_stage: input.arbitrary()?,
        error_code: code(input)?,
        message: input.arbitrary()?,
        artifact_location: input.arbitrary()?,
        store_type: input.arbitrary()?,
        workspaces_enabled: input.arbitrary()?,
        rejected_spans: input.arbitrary()?,
        is_otlp: input.arbitrary()?,
        has_trace_info: input.arbitrary()?,
        is_empty: input.arbitrary()?,
    })
}

fn code(input: &mut Unstructured) -> Result<Option<String>> {
    const KNOWN: [&str; 4] =
        ["RESOURCE_ALREADY_EXISTS", "RESOURCE_DOES_NOT_EXIST", "FEATURE_DISABLED", "INTERNAL_ERROR"];
    Ok(match input.int_in_range(0..=2)? {
        0 => None,
        1 => Some((*input.choose(&KNOWN)?).to_owned()),
        _ => Some(input.arbitrary()?),
    })
}
