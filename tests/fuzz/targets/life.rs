//! A whole life of a tracer: events, requests, answers, other servers, in any order.

use arbitrary::{Result, Unstructured};
use mlflow_ag2::export::NextRequest;
use mlflow_ag2::mlflow::{ExperimentRef, RequestKind};

use super::encoder::{at, response, with_server};
use super::{agent_events, wire};

const STATUSES: [u16; 8] = [0, 200, 200, 400, 401, 413, 422, 503];

pub fn run(data: &[u8]) {
    let _ = live(&mut Unstructured::new(data));
}

fn live(input: &mut Unstructured) -> Result<()> {
    let mut tracer = with_server();
    let (mut keys, mut under_way) = (Vec::new(), Vec::new());
    let mut now = 0;
    while !input.is_empty() {
        now += u64::from(input.arbitrary::<u8>()?) * 16;
        match input.int_in_range(0..=15)? {
            0 => tracer.close_open(at(now)),
            1 => tracer.flush_now(),
            2 => tracer.configuration_changed(),
            3 => {
                let uri = *input.choose(&["http://mlflow.test:5000", "memory:", "http://other"])?;
                tracer.set_tracking_uri(uri).expect("a good address");
            }
            4 => match input.int_in_range(0..=3)? {
                0 => tracer.set_experiment(ExperimentRef::Id("7".to_owned())),
                1 => tracer.set_experiment(ExperimentRef::Name("chats".to_owned())),
                2 => tracer.set_workspace("team"),
                _ => {
                    let seconds = 1_700_000_000 + i64::from(input.arbitrary::<i16>()?);
                    tracer.set_unix_offset(seconds * 1_000_000_000);
                }
            },
            5 | 6 => {
                let due = tracer.next_due();
                let next = tracer.next_request(at(now));
                let later = tracer.next_due();
                match next {
                    NextRequest::Send(request) => {
                        assert!(due.is_some_and(|due| due <= at(now)), "not too early");
                        assert!(request.url.starts_with(&*request.tracking_uri));
                        if request.kind == RequestKind::Spans {
                            let spans = wire::spans(&request.body);
                            assert!(!spans.is_empty(), "no request for nothing");
                        }
                        under_way.push((request.id, request.kind));
                    }
                    NextRequest::WaitUntil(_) | NextRequest::Idle => {
                        assert!(later.is_none_or(|later| later > at(now)), "nothing is due again and again")
                    }
                }
            }
            7 | 8 => {
                if let Some((id, kind)) = under_way.pop() {
                    let status = *input.choose(&STATUSES)?;
                    // The right response of this kind, or one of another.
                    let kind = if input.ratio(3, 4)? { kind } else { RequestKind::Probe };
                    tracer.on_response(id, response(kind, status), at(now));
                }
            }
            _ => {
                let event = agent_events::event(input, &keys)?;
                keys.extend(tracer.on_event(event, at(now)).ok().flatten());
            }
        }
        let stats = tracer.stats();
        let found = stats.delivered + stats.in_memory + stats.buffered + stats.open + stats.dropped.total();
        assert_eq!(stats.started, found, "{stats:?}");
        // Reading back must not break on what it finds, whatever that is.
        let newest = tracer.last_trace_id();
        if let Some(view) = newest.and_then(|id| tracer.trace(&id)) {
            for span in view.spans() {
                assert!(span.end.is_none_or(|end| end >= span.start));
                let _ = (view.attributes(span), view.trace_attributes(span));
            }
        }
    }
    Ok(())
}
