//! What becomes of requests whose answers nobody will take in, and of what waits when all is over.

mod common;

use common::*;

#[test]
fn what_was_on_its_way_with_a_dead_request_is_sent_again_and_its_late_answer_is_ignored() {
    let mut recorder = with_server();
    trace_of(&mut recorder, 3, 0);
    recorder.flush_now();
    let first = next(&mut recorder, 10);
    assert!(recorder.next_request(at(20)).is_none(), "one at a time");
    recorder.abandon_flights();
    recorder.flush_now();
    let again = next(&mut recorder, 30);
    assert_eq!(again.body, first.body);
    recorder.settle(first.id, status(500), at(40));
    recorder.settle(again.id, status(200), at(50));
    let stats = recorder.stats();
    assert_eq!((stats.delivered, stats.buffered, stats.retries), (3, 0, 0));
    assert_balanced(&stats);
}

#[test]
fn a_closing_page_sends_again_what_ends_with_it_and_not_what_outlives_it() {
    for is_trusted in [false, true] {
        let mut recorder = with_server();
        trace_of(&mut recorder, 3, 0);
        recorder.flush_now();
        let flying = next(&mut recorder, 10);
        if is_trusted {
            recorder.trust_flights();
        }
        let closing = recorder.closing_requests(60_000, at(20));
        assert_eq!(closing.is_empty(), is_trusted);
        for request in closing.iter().chain([&flying]) {
            recorder.settle(request.id, status(200), at(30));
        }
        assert_eq!(recorder.stats().delivered, 3);
        assert_balanced(&recorder.stats());
    }
}

#[test]
fn a_shutdown_drops_and_counts_what_has_not_arrived() {
    let mut recorder = with_server();
    trace_of(&mut recorder, 3, 0);
    recorder.flush_now();
    let flying = next(&mut recorder, 10);
    trace_of(&mut recorder, 2, 20);
    start(&mut recorder, chat(None), 30);
    recorder.shut_down(at(40));
    recorder.settle(flying.id, status(200), at(50));
    let stats = recorder.stats();
    assert_eq!(
        (
            stats.dropped.shutdown,
            stats.delivered,
            stats.buffered,
            stats.open
        ),
        (6, 0, 0, 0)
    );
    assert_balanced(&stats);
    assert!(recorder.next_request(at(1_000_000)).is_none());
}

#[test]
fn what_was_kept_elsewhere_survives_a_shutdown() {
    let mut recorder = with_server();
    trace_of(&mut recorder, 3, 0);
    assert_eq!(recorder.unsaved().len(), 1);
    recorder.shut_down(at(10));
    assert!(recorder.take_settled().is_empty());
}
