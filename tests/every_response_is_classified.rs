//! What each response means, row by row.

mod common;

use common::{error, found, json_response, located, status, text_response};
use mlflow_ag2::mlflow::response::ResponseAction::{
    Accept, Bisect, EndpointUnsupported, ExperimentGone, PayloadTooLarge, Retry, RetryUnbounded,
};
use mlflow_ag2::mlflow::response::{
    BUSY, FEATURE_OFF, NOT_MLFLOW, Peer, REDIRECTED, ResponseAction, UNAUTHORIZED, UNREACHABLE, classify_response,
};
use mlflow_ag2::mlflow::{JsonFields, RequestKind, Response};

const KINDS: [RequestKind; 5] =
    [RequestKind::Spans, RequestKind::TraceInfo, RequestKind::Artifact, RequestKind::Experiment, RequestKind::Probe];

fn by_mlflow(kind: RequestKind, response: &Response) -> ResponseAction {
    classify_response(kind, Peer::Mlflow, response)
}

#[test]
fn every_status_has_the_same_meaning_for_all_that_is_sent() {
    let wait = |reason| RetryUnbounded { reason };
    let table: &[(&[u16], ResponseAction)] = &[
        (&[0], wait(UNREACHABLE)),
        (&[300, 301, 302, 303, 304, 307, 308], wait(REDIRECTED)),
        (&[401, 403, 407], wait(UNAUTHORIZED)),
        (&[404, 405, 410, 501], EndpointUnsupported),
        (&[413], PayloadTooLarge),
        (&[429, 503], wait(BUSY)),
        (&[408, 500, 502, 504, 505, 507, 520, 529, 599], Retry),
    ];
    for (statuses, action) in table {
        for code in *statuses {
            for kind in KINDS {
                for peer in [Peer::Mlflow, Peer::Otlp] {
                    let found = classify_response(kind, peer, &status(*code));
                    assert_eq!(found, *action, "{code} to {kind:?} by {peer:?}");
                }
            }
        }
    }
}

#[test]
fn what_is_wrong_in_a_request_is_looked_for_unless_it_is_a_file() {
    for code in [400, 402, 406, 409, 411, 415, 418, 422, 431, 451, 600, 999] {
        for kind in KINDS {
            let action = match kind {
                RequestKind::Artifact => Retry,
                _ => Bisect,
            };
            assert_eq!(by_mlflow(kind, &status(code)), action, "{code} to {kind:?}");
        }
    }
}

#[test]
fn an_error_code_says_more_than_the_status() {
    let gone = error(404, "RESOURCE_DOES_NOT_EXIST");
    assert_eq!(by_mlflow(RequestKind::Spans, &gone), ExperimentGone);
    assert_eq!(by_mlflow(RequestKind::TraceInfo, &gone), ExperimentGone);
    assert_eq!(by_mlflow(RequestKind::Experiment, &gone), EndpointUnsupported);
    for kind in KINDS {
        let off = error(500, "FEATURE_DISABLED");
        let reason = FEATURE_OFF;
        assert_eq!(by_mlflow(kind, &off), RetryUnbounded { reason });
        let internal = error(500, "INTERNAL_ERROR");
        assert_eq!(by_mlflow(kind, &internal), Retry);
    }
}

#[test]
fn a_success_says_what_was_asked_for() {
    let json = |fields: JsonFields| json_response(200, fields);
    let empty_object = || json(JsonFields { is_otlp: true, is_empty: true, ..JsonFields::default() });
    let partial_success = || json(JsonFields { is_otlp: true, ..JsonFields::default() });
    let anything = || json(JsonFields::default());
    let text = |text| text_response(200, text, false);
    let page = || text_response(200, "<html>", true);
    let (spans, info, file, experiment, probe) = (0, 1, 2, 3, 4);
    // Which kinds of requests each is a success of.
    let table: &[(Response, &[usize])] = &[
        (status(200), &[spans, file, probe]),
        (empty_object(), &[spans, file, probe]),
        (partial_success(), &[spans, probe]),
        (anything(), &[probe]),
        (located("mlflow-artifacts:/1"), &[info, probe]),
        (found("1", None), &[experiment, probe]),
        (found("", None), &[probe]),
        (text(""), &[probe]),
        (text("null"), &[probe]),
        (text("[]"), &[probe]),
        (text("please log in"), &[probe]),
        (page(), &[]),
        // MLflow sends its version as a page.
        (text_response(200, "3.17.2", true), &[probe]),
        (status(201), &[probe]),
        (status(204), &[probe]),
        (Response { status: 202, ..located("x") }, &[probe]),
    ];
    for (response, successes) in table {
        for (index, kind) in KINDS.into_iter().enumerate() {
            let action = if successes.contains(&index) { Accept } else { RetryUnbounded { reason: NOT_MLFLOW } };
            assert_eq!(by_mlflow(kind, response), action, "{response:?} to {kind:?}");
        }
    }
}

#[test]
fn another_otlp_endpoint_may_say_nothing_in_any_way_with_200_or_202() {
    for code in [200, 202] {
        for nothing in [status(code), text_response(code, "", false)] {
            assert_eq!(classify_response(RequestKind::Spans, Peer::Otlp, &nothing), Accept);
        }
        for something in [text_response(code, "", true), text_response(code, "OK", false)] {
            let action = classify_response(RequestKind::Spans, Peer::Otlp, &something);
            assert_eq!(action, RetryUnbounded { reason: NOT_MLFLOW });
        }
    }
    for code in [201, 203, 204, 205, 206] {
        let action = classify_response(RequestKind::Spans, Peer::Otlp, &status(code));
        assert_eq!(action, RetryUnbounded { reason: NOT_MLFLOW });
    }
}

#[test]
fn an_error_is_an_error_in_any_dress() {
    for kind in KINDS {
        let page = |code| text_response(code, "<html>", true);
        assert_eq!(by_mlflow(kind, &page(502)), Retry);
        assert_eq!(by_mlflow(kind, &page(404)), EndpointUnsupported);
    }
}
