//! With a redaction no span leaves before it has been seen: not by a request, not to be kept, not to be shown.

mod common;

use common::{
    TestRecorder, assert_balanced, at, chat, chat_end, failure, json, message, reply, reply_end,
    start, status, tell, whole_reply, with_server,
};
use mlflow_ag2::ag2::Fact;
use mlflow_ag2::trace::{Exposure, Place, SpanKey, SpanKind, Value};

const WORD: &str = "pineapple";
const ONLY_REDACTED: Exposure = Exposure {
    inputs: true,
    outputs: true,
    only_redacted: true,
};

fn span(parent: SpanKey) -> Fact {
    Fact::SpanStarted {
        parent: Some(parent),
        name: "step".into(),
        kind: SpanKind::Custom,
        type_name: None,
        inputs: json(r#"{"word":"pineapple"}"#),
    }
}

fn end(span: SpanKey) -> Fact {
    Fact::SpanEnded {
        span,
        outputs: Some(WORD.into()),
    }
}

/// Everything that leaves by now, by any way: given out to be kept, sent in time, or sent in haste.
fn leaves(recorder: &mut TestRecorder, millis: u64) -> Vec<Vec<u8>> {
    let closing = recorder.closing_requests(1 << 20, at(millis));
    let mut left: Vec<_> = closing.iter().map(|request| request.body.clone()).collect();
    for request in closing {
        recorder.settle(request.id, status(503), at(millis));
    }
    recorder.flush_now();
    let unsaved = recorder.unsaved().into_iter();
    left.extend(unsaved.map(|unsaved| unsaved.bytes));
    while let Some(request) = recorder.next_request(at(millis + 600_000)) {
        left.push(request.body.clone());
        recorder.settle(request.id, status(200), at(millis + 600_000));
    }
    left
}

fn has_word(bodies: &[Vec<u8>]) -> bool {
    let mut bodies = bodies.iter();
    bodies.any(|body| body.windows(WORD.len()).any(|part| part == WORD.as_bytes()))
}

/// Does what a redaction does that replaces the word wherever it stands; returns how many spans it saw.
fn redact(recorder: &mut TestRecorder, millis: u64) -> usize {
    let keys = recorder.unredacted();
    for key in &keys {
        assert!(recorder.to_be_redacted(*key).is_some());
        let span = recorder.redact(*key).expect("held back");
        span.withhold();
        span.replace(Place::Inputs, json(r#"{"word":"fruit"}"#));
        span.is_redacted = true;
    }
    recorder.release(at(millis));
    keys.len()
}

/// A trace in progress with spans that have ended, in every way in which they can.
fn half_a_trace(recorder: &mut TestRecorder) -> SpanKey {
    let root = start(recorder, chat(None), 0);
    let one = start(recorder, span(root), 1);
    tell(recorder, end(one), 2);
    let two = start(recorder, span(root), 3);
    tell(recorder, failure(two, "Error", WORD), 4);
    let three = start(recorder, reply(root, "bob"), 5);
    tell(recorder, message(three, "bob", WORD), 6);
    tell(recorder, reply_end(three, Some(WORD)), 7);
    whole_reply(recorder, root, "alice", WORD, 8);
    root
}

#[test]
fn without_a_redaction_spans_leave_as_they_are() {
    let mut recorder = with_server();
    half_a_trace(&mut recorder);
    assert!(has_word(&leaves(&mut recorder, 20)));
    assert_eq!(recorder.unredacted(), []);
}

#[test]
fn nothing_leaves_by_any_way_before_it_has_been_seen() {
    let mut recorder = with_server();
    recorder.set_exposure(ONLY_REDACTED, at(0));
    let root = half_a_trace(&mut recorder);
    assert!(!has_word(&leaves(&mut recorder, 20)));
    assert_balanced(&recorder.stats());
    tell(&mut recorder, chat_end(root), 30);
    assert!(!has_word(&leaves(&mut recorder, 40)));
    assert_eq!(recorder.stats().delivered, 0);
    assert_balanced(&recorder.stats());

    let id = recorder.last_trace_id().expect("it has ended");
    assert!(
        recorder.trace(&id).is_none(),
        "what is held back is not shown"
    );
    assert_eq!(redact(&mut recorder, 50), 6);
    let left = leaves(&mut recorder, 60);
    assert!(!left.is_empty() && !has_word(&left));
    assert_eq!(recorder.stats().delivered, 6);
    assert_balanced(&recorder.stats());
}

#[test]
fn spans_that_were_seen_go_ahead_of_their_trace_and_are_not_seen_again() {
    let mut recorder = with_server();
    recorder.set_exposure(ONLY_REDACTED, at(0));
    let root = half_a_trace(&mut recorder);
    assert_eq!(redact(&mut recorder, 10), 5);
    assert_eq!(redact(&mut recorder, 10), 0);
    let left = leaves(&mut recorder, 20);
    assert!(!left.is_empty() && !has_word(&left));
    assert_eq!(recorder.stats().delivered, 5);
    tell(&mut recorder, chat_end(root), 30);
    assert_eq!(redact(&mut recorder, 40), 1, "only the root is left");
    assert!(!has_word(&leaves(&mut recorder, 50)));
    assert_eq!(recorder.stats().delivered, 6);
    assert_balanced(&recorder.stats());
}

#[test]
fn what_settled_before_the_redaction_was_set_is_held_back_too() {
    let mut recorder = with_server();
    half_a_trace(&mut recorder);
    recorder.set_exposure(ONLY_REDACTED, at(10));
    assert!(!has_word(&leaves(&mut recorder, 20)));
    recorder.close_open(at(30));
    assert!(!has_word(&leaves(&mut recorder, 40)));
    assert_eq!(redact(&mut recorder, 50), 6);
}

#[test]
fn a_trace_in_progress_shows_that_its_spans_are_there_and_no_more() {
    let mut recorder = with_server();
    recorder.set_exposure(ONLY_REDACTED, at(0));
    let root = half_a_trace(&mut recorder);
    let (id, _) = recorder.span_context(root).expect("in progress");
    let view = recorder.trace(&id).expect("in memory");
    assert_eq!(view.spans().count(), 6);
    for span in view.spans() {
        assert!(view.hides(span) && view.attributes(span).is_empty());
    }
}

#[test]
fn what_is_left_out_is_left_out_of_every_way() {
    let hidden = Exposure {
        inputs: false,
        outputs: false,
        only_redacted: false,
    };
    let mut recorder = with_server();
    recorder.set_exposure(hidden, at(0));
    let root = start(&mut recorder, chat(None), 0);
    let one = start(&mut recorder, span(root), 1);
    tell(&mut recorder, end(one), 2);
    whole_reply(&mut recorder, root, "alice", WORD, 8);
    let left = leaves(&mut recorder, 20);
    assert!(!left.is_empty() && !has_word(&left));
    tell(&mut recorder, chat_end(root), 30);
    assert!(!has_word(&leaves(&mut recorder, 40)));
    let id = recorder.last_trace_id().expect("it has ended");
    let view = recorder.trace(&id).expect("in memory");
    assert!(
        view.spans()
            .all(|span| span.inputs == Value::Null && span.outputs == Value::Null)
    );
    assert_balanced(&recorder.stats());
}
