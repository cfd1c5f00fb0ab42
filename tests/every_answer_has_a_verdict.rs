//! What each answer means, row by row.

use mlflow_ag2::mlflow::verdict::Verdict::{
    Delivered, NoSuchWay, Smaller, Split, Stop, TryAgain, Wait,
};
use mlflow_ag2::mlflow::verdict::{
    BUSY, EXPERIMENT_GONE, FEATURE_OFF, NOT_MLFLOW, REDIRECTED, UNAUTHORIZED, UNREACHABLE, Verdict,
    judge,
};
use mlflow_ag2::mlflow::{Answer, AnswerBody, RequestKind};

const KINDS: [RequestKind; 5] = [
    RequestKind::Spans,
    RequestKind::TraceInfo,
    RequestKind::Artifact,
    RequestKind::Experiment,
    RequestKind::Probe,
];

fn status(status: u16) -> Answer {
    Answer {
        status,
        ..Answer::default()
    }
}

fn with_code(code: &str, answer: Answer) -> Answer {
    let body = AnswerBody {
        error_code: Some(code.to_owned()),
        ..AnswerBody::default()
    };
    Answer { body, ..answer }
}

fn page(answer: Answer) -> Answer {
    Answer {
        is_page: true,
        ..answer
    }
}

#[test]
fn every_status_has_the_same_verdict_for_all_that_is_sent() {
    let wait = |reason| Wait { reason };
    let stop = |reason| Stop { reason };
    let table: &[(&[u16], Verdict)] = &[
        (&[0], wait(UNREACHABLE)),
        (&[200, 201, 202, 204, 206, 299], Delivered),
        (&[300, 301, 302, 303, 304, 307, 308], wait(REDIRECTED)),
        (&[401, 403, 407], stop(UNAUTHORIZED)),
        (&[404, 405, 410, 501], NoSuchWay),
        (&[413], Smaller),
        (&[429, 503], wait(BUSY)),
        (&[408, 500, 502, 504, 505, 507, 520, 529, 599], TryAgain),
    ];
    for (statuses, verdict) in table {
        for code in *statuses {
            for kind in KINDS {
                assert_eq!(judge(kind, &status(*code)), *verdict, "{code} to {kind:?}");
            }
        }
    }
}

#[test]
fn what_is_wrong_in_a_request_is_looked_for_unless_it_is_a_file() {
    for code in [400, 402, 406, 409, 411, 415, 418, 422, 431, 451, 600, 999] {
        for kind in KINDS {
            let verdict = match kind {
                RequestKind::Artifact => NoSuchWay,
                _ => Split,
            };
            assert_eq!(judge(kind, &status(code)), verdict, "{code} to {kind:?}");
        }
    }
}

#[test]
fn an_error_code_says_more_than_the_status() {
    let gone = with_code("RESOURCE_DOES_NOT_EXIST", status(404));
    let stop = |reason| Stop { reason };
    assert_eq!(judge(RequestKind::Spans, &gone), stop(EXPERIMENT_GONE));
    assert_eq!(judge(RequestKind::TraceInfo, &gone), stop(EXPERIMENT_GONE));
    assert_eq!(judge(RequestKind::Experiment, &gone), NoSuchWay);
    for kind in KINDS {
        let off = with_code("FEATURE_DISABLED", status(500));
        assert_eq!(judge(kind, &off), stop(FEATURE_OFF));
        let internal = with_code("INTERNAL_ERROR", status(500));
        assert_eq!(judge(kind, &internal), TryAgain);
    }
}

#[test]
fn a_web_page_is_no_delivery_but_an_error_is_an_error_in_any_dress() {
    for kind in KINDS {
        let wait = |reason| Wait { reason };
        assert_eq!(judge(kind, &page(status(200))), wait(NOT_MLFLOW));
        assert_eq!(judge(kind, &page(status(502))), TryAgain);
        assert_eq!(judge(kind, &page(status(404))), NoSuchWay);
    }
}
