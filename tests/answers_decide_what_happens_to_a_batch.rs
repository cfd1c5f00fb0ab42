//! Delivery: when spans are sent, and what each answer of the server changes.

mod common;

use common::*;
use mlflow_ag2::mlflow::backoff::{Backoff, MAX_ATTEMPTS};
use mlflow_ag2::mlflow::{Answer, AnswerBody, ExperimentRef, RequestKind};
use mlflow_ag2::recorder::Settled;

/// Later than any wait.
const MUCH_LATER: u64 = 10_000_000;

fn codes(recorder: &mut TestRecorder) -> Vec<&'static str> {
    recorder
        .take_notices()
        .iter()
        .map(|notice| notice.code)
        .collect()
}

#[test]
fn waits_double_up_to_a_cap_and_heed_the_server_up_to_another() {
    let waits = |random: u32| {
        let mut backoff = Backoff::default();
        std::array::from_fn::<u64, 7, _>(|_| backoff.fail(at(0), None, random))
    };
    assert_eq!(
        waits(u32::MAX),
        [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]
    );
    assert_eq!(waits(0), [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    let mut backoff = Backoff::default();
    assert_eq!(backoff.fail(at(0), Some(20_000), 0), 20_000);
    assert_eq!(backoff.fail(at(0), Some(10), 0), 1_000);
    assert_eq!(backoff.fail(at(0), Some(u64::MAX), 0), 300_000);
    assert_eq!(backoff.until(), at(300_000));
    backoff.reset();
    assert_eq!(backoff.failures(), 0);
}

#[test]
fn a_finished_trace_waits_a_second_for_company() {
    let mut recorder = with_server();
    assert_eq!(recorder.next_due(), None);
    trace_of(&mut recorder, 3, 100);
    assert_eq!(recorder.next_due(), Some(at(1_100)));
    assert!(recorder.next_request(at(1_099)).is_none());
    trace_of(&mut recorder, 2, 500);
    let request = next(&mut recorder, 1_100);
    assert_eq!(
        (request.method, request.url.as_str()),
        ("POST", "http://mlflow.test:5000/v1/traces")
    );
    let header = |name| {
        request
            .headers
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.as_str())
    };
    assert_eq!(header("content-type"), Some("application/x-protobuf"));
    assert_eq!(header("x-mlflow-experiment-id"), Some("0"));
    assert_eq!(recorder.stats().buffered, 5);
    assert_eq!(
        recorder.settle(request.id, status(200), at(1_200)),
        Settled::Done
    );
    assert_eq!(
        (recorder.stats().delivered, recorder.stats().buffered),
        (5, 0)
    );
    assert_eq!(recorder.next_due(), None);
}

#[test]
fn a_flush_or_a_full_batch_is_due_at_once() {
    let mut recorder = with_server();
    trace_of(&mut recorder, 3, 0);
    recorder.flush_now();
    assert!(recorder.next_due() <= Some(at(0)));
    exchange(&mut recorder, 200, 0);
    trace_of(&mut recorder, 512, 10);
    exchange(&mut recorder, 200, 10);
    trace_of(&mut recorder, 3, 20);
    assert!(
        recorder.next_request(at(20)).is_none(),
        "a flush does not outlive what it flushed"
    );
}

#[test]
fn one_request_with_spans_is_under_way_at_a_time() {
    let mut recorder = with_server();
    trace_of(&mut recorder, 400, 0);
    trace_of(&mut recorder, 400, 0);
    recorder.flush_now();
    let first = next(&mut recorder, 0);
    assert!(recorder.next_request(at(MUCH_LATER)).is_none());
    assert_eq!(recorder.next_due(), None);
    recorder.settle(first.id, status(200), at(1));
    assert_eq!(
        recorder.settle(first.id, status(200), at(1)),
        Settled::Ignored
    );
    exchange(&mut recorder, 200, 1);
    assert_eq!(recorder.stats().delivered, 800);
}

#[test]
fn a_busy_server_gets_the_same_again_later() {
    let mut recorder = with_server();
    trace_of(&mut recorder, 3, 0);
    let first = next(&mut recorder, 1_000);
    let answer = Answer {
        status: 503,
        retry_after_ms: Some(5_000),
        ..Answer::default()
    };
    assert_eq!(
        recorder.settle(first.id, answer, at(1_000)),
        Settled::TryAgainIn(5_000)
    );
    assert_eq!(recorder.next_due(), Some(at(6_000)));
    recorder.flush_now();
    assert!(
        recorder.next_request(at(5_999)).is_none(),
        "a flush does not override the server's wish"
    );
    let again = exchange(&mut recorder, 200, 6_000);
    assert_eq!(again.body, first.body);
    let stats = recorder.stats();
    // The first of them asked what the server can do.
    assert_eq!((stats.delivered, stats.retries, stats.requests), (3, 1, 3));
    assert_eq!(codes(&mut recorder), Vec::<&str>::new());
}

#[test]
fn an_unreachable_server_is_told_once_and_asked_until_it_is_back() {
    let mut recorder = with_server();
    trace_of(&mut recorder, 3, 0);
    exchange(&mut recorder, 0, MUCH_LATER);
    for attempt in 2..=2 * MAX_ATTEMPTS {
        // Only a question: the spans are not sent in vain.
        let question = recorder
            .next_request(at(MUCH_LATER * u64::from(attempt)))
            .expect("a question");
        assert_eq!(question.kind, RequestKind::Probe);
        assert!(question.body.is_empty());
        recorder.settle(question.id, status(0), at(MUCH_LATER * u64::from(attempt)));
        assert_balanced(&recorder.stats());
    }
    assert_eq!(codes(&mut recorder), ["unreachable"]);
    exchange(&mut recorder, 200, MUCH_LATER * 100);
    let stats = recorder.stats();
    assert_eq!((stats.delivered, stats.dropped.total()), (3, 0));
}

#[test]
fn a_server_that_fails_at_some_spans_is_given_up_in_the_end_but_not_by_the_others() {
    let mut recorder = with_server();
    for _ in 0..2 {
        trace_of(&mut recorder, 3, 0);
    }
    let poison = recorder.last_trace_id().expect("a trace");
    let mut sent = 0;
    for step in 1..50 {
        let now = MUCH_LATER * step;
        if recorder.next_due().is_none() {
            break;
        }
        let request = next(&mut recorder, now);
        sent += 1;
        let has_poison = request
            .body
            .windows(16)
            .any(|bytes| bytes == poison.as_bytes());
        let answer = if has_poison { 500 } else { 200 };
        recorder.settle(request.id, status(answer), at(now));
        assert_balanced(&recorder.stats());
    }
    let stats = recorder.stats();
    assert_eq!((stats.delivered, stats.dropped.retries_exhausted), (3, 3));
    assert_eq!(
        sent,
        MAX_ATTEMPTS + 1,
        "the other one travelled alone, once"
    );
    assert_eq!(codes(&mut recorder), ["server_error", "retries_exhausted"]);
}

#[test]
fn missing_credentials_stop_delivery_until_the_configuration_changes() {
    for change in [
        |recorder: &mut TestRecorder| recorder.configuration_changed(),
        |recorder: &mut TestRecorder| {
            recorder
                .set_tracking_uri("https://other.test")
                .expect("an address")
        },
    ] {
        let mut recorder = with_server();
        trace_of(&mut recorder, 3, 0);
        let request = next(&mut recorder, 1_000);
        let answer = recorder.settle(request.id, status(401), at(1_000));
        assert_eq!(
            answer,
            Settled::Stopped {
                reason: "unauthorized"
            }
        );
        assert_eq!((recorder.next_due(), recorder.stats().buffered), (None, 3));
        assert_eq!(codes(&mut recorder), ["unauthorized"]);
        trace_of(&mut recorder, 3, 2_000);
        assert!(recorder.next_request(at(MUCH_LATER)).is_none());
        change(&mut recorder);
        exchange(&mut recorder, 200, MUCH_LATER);
        assert_eq!(recorder.stats().delivered, 6);
    }
}

#[test]
fn an_answer_to_an_older_configuration_stops_nothing() {
    let mut recorder = with_server();
    trace_of(&mut recorder, 3, 0);
    let old = next(&mut recorder, 1_000);
    recorder
        .set_tracking_uri("https://other.test/prefix/")
        .expect("an address");
    recorder.settle(old.id, status(401), at(1_001));
    let request = exchange(&mut recorder, 200, 1_001);
    assert_eq!(request.url, "https://other.test/prefix/v1/traces");
    assert_eq!(recorder.stats().delivered, 3);
    assert_eq!(codes(&mut recorder), Vec::<&str>::new());
}

#[test]
fn what_waits_when_memory_is_chosen_counts_as_delivered() {
    let mut recorder = with_server();
    trace_of(&mut recorder, 3, 0);
    let flying = next(&mut recorder, 1_000);
    trace_of(&mut recorder, 2, 1_000);
    recorder.set_tracking_uri("memory:").expect("memory");
    assert_eq!(
        (recorder.stats().delivered, recorder.stats().buffered),
        (2, 3)
    );
    recorder.settle(flying.id, status(503), at(1_001));
    assert_eq!(
        (recorder.stats().delivered, recorder.stats().buffered),
        (5, 0)
    );
    assert!(recorder.next_request(at(MUCH_LATER)).is_none());
}

#[test]
fn an_endpoint_that_is_none_keeps_the_traces_and_names_the_cure() {
    let mut recorder = in_memory();
    recorder
        .set_otlp_endpoint("http://collector.test:4318/v1/trace")
        .expect("an address");
    trace_of(&mut recorder, 1, 0);
    exchange(&mut recorder, 404, 1_000);
    let notices = recorder.take_notices();
    assert_eq!(notices[0].code, "otlp_unsupported");
    assert!(
        notices[0]
            .message
            .contains("the whole address of an OTLP endpoint"),
        "{}",
        notices[0].message
    );
    assert_eq!((recorder.stats().buffered, recorder.next_due()), (1, None));
}

#[test]
fn the_servers_own_words_are_quoted_at_a_bearable_length() {
    let mut recorder = with_server();
    trace_of(&mut recorder, 1, 0);
    let request = next(&mut recorder, 1_000);
    let body = AnswerBody {
        message: Some("é".repeat(10_000)),
        ..AnswerBody::default()
    };
    recorder.settle(
        request.id,
        Answer {
            status: 400,
            body,
            ..Answer::default()
        },
        at(1_000),
    );
    let message = recorder.take_notices().remove(0).message;
    assert_eq!(message.matches('é').count(), 300);
}

#[test]
fn tracking_uris_are_read_strictly_and_their_secrets_kept() {
    let mut recorder = in_memory();
    assert_eq!(recorder.tracking_uri(), "memory:");
    for (given, kept) in [
        ("http://localhost:5000", "http://localhost:5000"),
        (" HTTPS://host/mlflow/ ", "HTTPS://host/mlflow"),
        ("http://[::1]:5000//", "http://[::1]:5000"),
        ("memory:", "memory:"),
    ] {
        recorder.set_tracking_uri(given).expect("an address");
        assert_eq!(recorder.tracking_uri(), kept);
    }
    for (given, code) in [
        ("", "tracking_uri_unsupported"),
        ("localhost:5000", "tracking_uri_unsupported"),
        ("databricks", "tracking_uri_unsupported"),
        ("sqlite:///mlflow.db", "tracking_uri_unsupported"),
        ("http://", "tracking_uri_invalid"),
        ("http://:5000", "tracking_uri_invalid"),
        ("http://ho st", "tracking_uri_invalid"),
        ("http://host?token=secret", "tracking_uri_invalid"),
        ("http://user:secret@host", "tracking_uri_credentials"),
        (
            "postgresql://user:secret@host/db",
            "tracking_uri_credentials",
        ),
    ] {
        let error = recorder.set_tracking_uri(given).expect_err(given);
        assert_eq!(error.code(), code, "{given}");
        assert!(!error.to_string().contains("secret"), "{error}");
        assert_eq!(recorder.tracking_uri(), "memory:", "the old one stays");
    }
}

#[test]
fn a_trace_is_read_back_by_its_id_and_only_from_a_server() {
    let mut recorder = in_memory();
    trace_of(&mut recorder, 1, 0);
    let id = recorder.last_trace_id().expect("a trace");
    assert_eq!(recorder.trace_url(&id), None);
    recorder
        .set_tracking_uri("http://host/prefix")
        .expect("an address");
    let url = recorder.trace_url(&id).expect("a server");
    assert_eq!(
        url,
        format!("http://host/prefix/api/3.0/mlflow/traces/get?allow_partial=true&trace_id={id}")
    );
    assert!(id.to_string().starts_with("tr-") && id.to_string().len() == 35);
}

#[test]
fn a_new_experiment_resumes_delivery_too() {
    let mut recorder = with_server();
    trace_of(&mut recorder, 1, 0);
    exchange(&mut recorder, 403, 1_000);
    assert_eq!(recorder.next_due(), None);
    recorder.set_experiment(ExperimentRef::Id("7".into()));
    assert!(recorder.next_due().is_some());
}
