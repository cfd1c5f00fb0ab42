//! Of the bytes that a page may still send, none is exceeded and none is left unused where a span would fit.

mod common;

use common::*;
use mlflow_ag2::mlflow::Request;

/// What a request takes at most beside its spans.
const ENVELOPE_BYTES: usize = 64;

/// A tracer with the spans of three priorities, in two traces; as they are, or as records of an earlier session.
fn full(restored: bool) -> TestTracer {
    let mut tracer = with_server();
    for millis in [0, 100] {
        let root = start(&mut tracer, chat(None), millis);
        for text in ["no", "never"] {
            let broken = start(&mut tracer, tool_call(Some(root), "broken"), millis);
            emit(&mut tracer, failure(broken, "Error", text), millis);
            let whole = start(&mut tracer, tool_call(Some(root), "whole"), millis);
            emit(&mut tracer, tool_call_end(whole, text), millis);
        }
        emit(&mut tracer, chat_end(root), millis);
    }
    if !restored {
        return tracer;
    }
    let mut next = with_server();
    loop {
        let records = tracer.take_unpersisted();
        if records.is_empty() {
            return next;
        }
        for record in records {
            assert!(next.restore(&record.bytes).is_some(), "a record");
        }
    }
}

fn bytes(requests: &[Request]) -> usize {
    requests.iter().map(|request| request.body.len()).sum()
}

#[test]
fn no_quota_is_exceeded_and_more_room_never_sends_less() {
    for restored in [false, true] {
        let everything = bytes(&full(restored).unload_requests(1_000_000, at(2_000)));
        assert!(everything > 3_000, "{everything} bytes");
        let mut most = 0;
        for quota in (0..everything + 400).step_by(41) {
            let sent = bytes(&full(restored).unload_requests(quota, at(2_000)));
            assert!(sent <= quota, "{sent} bytes of {quota}");
            assert!(sent >= most, "{sent} bytes of {quota}, but {most} of less");
            most = sent;
        }
        assert_eq!(most, everything);
    }
}

#[test]
fn what_fits_exactly_is_sent() {
    for restored in [false, true] {
        let requests = full(restored).unload_requests(1_000_000, at(2_000));
        let (everything, count) = (bytes(&requests), requests.len());
        let enough = everything + count * ENVELOPE_BYTES;
        assert_eq!(bytes(&full(restored).unload_requests(enough, at(2_000))), everything);
        let mut tracer = full(restored);
        let short = bytes(&tracer.unload_requests(everything - 1, at(2_000)));
        assert!(short < everything, "{short} bytes");
        assert_balanced(&tracer.stats());
    }
}
