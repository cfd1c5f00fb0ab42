//! What bindings hand to programs as objects.

mod common;

use common::*;
use mlflow_ag2::mlflow::ExperimentState;
use serde_json::{json, to_value};

#[test]
fn counts_have_the_names_that_programs_read() {
    let mut tracer = with_server();
    let stats = to_value(tracer.stats()).expect("JSON");
    assert_eq!(
        stats,
        json!({
            "started": 0, "delivered": 0, "buffered": 0, "open": 0, "traces": 0, "timedOut": 0,
            "restored": 0, "requests": 0, "retries": 0, "orphans": 0, "factErrors": 0, "lastError": null,
            "dropped": {
                "bufferFull": 0, "openFull": 0, "refused": 0, "tooLarge": 0, "retriesExhausted": 0,
                "unreadable": 0, "shutdown": 0,
            },
        })
    );
    trace_of(&mut tracer, 2, 0);
    exchange(&mut tracer, 401, 1_000);
    let root = start(&mut tracer, chat(None), 2_000);
    tell(&mut tracer, chat_end(root), 2_001);
    for _ in 0..2 {
        tracer
            .on_event(chat_end(root), at(2_002))
            .expect_err("it has ended");
    }
    let stats = to_value(tracer.stats()).expect("JSON");
    assert_eq!(stats["factErrors"], 2);
    assert_eq!(stats["lastError"]["code"], "unauthorized");
    let notices = to_value(tracer.take_notices()).expect("JSON");
    assert_eq!(notices[0]["message"], stats["lastError"]["message"]);
    let records = to_value(tracer.take_unpersisted()).expect("JSON");
    assert_eq!(
        (&records[0]["id"], &records[0]["spans"]),
        (&json!(1), &json!(2))
    );
}

#[test]
fn an_experiment_says_its_state() {
    let ready = ExperimentState::Ready {
        id: "7".into(),
        name: "chats".into(),
    };
    let failed = ExperimentState::Failed {
        code: "not_mlflow",
        message: "no".into(),
    };
    for (state, expected) in [
        (ExperimentState::Unset, json!({ "state": "unset" })),
        (ExperimentState::Waiting, json!({ "state": "waiting" })),
        (
            ready,
            json!({ "state": "ready", "id": "7", "name": "chats" }),
        ),
        (
            failed,
            json!({ "state": "failed", "code": "not_mlflow", "message": "no" }),
        ),
    ] {
        assert_eq!(to_value(state).expect("JSON"), expected);
    }
}
