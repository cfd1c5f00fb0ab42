//! Arbitrary answers, to one request after the other: nothing panics, every span stays accounted
//! for, and no wait is longer than the longest that a server may choose.

use arbitrary::{Result, Unstructured};
use mlflow_ag2::mlflow::otlp_answer::partial_success;
use mlflow_ag2::mlflow::verdict::judge;
use mlflow_ag2::mlflow::{Answer, AnswerBody, ExperimentRef, RequestKind};
use mlflow_ag2::recorder::Settled;

use super::encoder::{at, call_tool, with_server};

/// src/mlflow/backoff.rs: a server may ask for five minutes, and jitter does not add to that.
const LONGEST_WAIT_MS: u64 = 300_000;
const STATUSES: [u16; 16] = [
    0, 200, 204, 302, 400, 401, 403, 404, 405, 408, 413, 415, 422, 429, 500, 503,
];

pub fn run(data: &[u8]) {
    let _ = converse(&mut Unstructured::new(data));
}

fn converse(input: &mut Unstructured) -> Result<()> {
    let mut recorder = with_server();
    if input.arbitrary()? {
        recorder.set_experiment(ExperimentRef::Name(input.arbitrary()?));
    }
    let mut now = 0;
    while !input.is_empty() {
        for _ in 0..input.int_in_range(0..=3)? {
            let text = "text".into();
            call_tool(
                &mut recorder,
                &"tool".into(),
                [&text, &text],
                [at(now), at(now)],
            );
        }
        recorder.flush_now();
        if input.ratio(1, 8)? {
            recorder.configuration_changed();
        }
        if let Some(request) = recorder.next_request(at(now)) {
            let settled = recorder.settle(request.id, answer(input)?, at(now));
            if let Settled::TryAgainIn(wait) = settled {
                assert!(wait <= LONGEST_WAIT_MS, "it waits {wait} ms");
            }
            let late = recorder.settle(request.id, answer(input)?, at(now));
            assert_eq!(late, Settled::Ignored, "an answer counts once");
        }
        let stats = recorder.stats();
        let found = stats.delivered + stats.buffered + stats.open + stats.dropped.total();
        assert_eq!(stats.started, found, "{stats:?}");
        for notice in recorder.take_notices() {
            assert!(notice.message.len() < 4096, "{} says too much", notice.code);
        }
        now += u64::from(input.arbitrary::<u16>()?);
    }
    Ok(())
}

fn answer(input: &mut Unstructured) -> Result<Answer> {
    let status = if input.ratio(3, 4)? {
        *input.choose(&STATUSES)?
    } else {
        input.arbitrary()?
    };
    let body = if input.ratio(1, 4)? {
        partial_success(input.arbitrary()?)
    } else {
        body(input)?
    };
    let answer = Answer {
        status,
        retry_after_ms: input.arbitrary()?,
        is_page: input.arbitrary()?,
        may_be_blocked: input.arbitrary()?,
        body,
    };
    let _ = judge(RequestKind::Spans, &answer);
    Ok(answer)
}

fn body(input: &mut Unstructured) -> Result<AnswerBody> {
    Ok(AnswerBody {
        experiment_id: input.arbitrary()?,
        experiment_name: input.arbitrary()?,
        lifecycle_stage: input.arbitrary()?,
        error_code: code(input)?,
        message: input.arbitrary()?,
        artifact_location: input.arbitrary()?,
        store_type: input.arbitrary()?,
        workspaces_enabled: input.arbitrary()?,
        version: input.arbitrary()?,
        rejected_spans: input.arbitrary()?,
    })
}

fn code(input: &mut Unstructured) -> Result<Option<String>> {
    const KNOWN: [&str; 4] = [
        "RESOURCE_ALREADY_EXISTS",
        "RESOURCE_DOES_NOT_EXIST",
        "FEATURE_DISABLED",
        "INTERNAL_ERROR",
    ];
    Ok(match input.int_in_range(0..=2)? {
        0 => None,
        1 => Some((*input.choose(&KNOWN)?).to_owned()),
        _ => Some(input.arbitrary()?),
    })
}
