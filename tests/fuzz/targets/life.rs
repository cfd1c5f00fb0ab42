//! A whole life of a recorder: facts, requests, answers, other servers, in any order.

use arbitrary::{Result, Unstructured};
use mlflow_ag2::mlflow::{Answer, ExperimentRef, RequestKind};

use super::encoder::{at, with_server};
use super::{facts, wire};

const STATUSES: [u16; 8] = [0, 200, 200, 400, 401, 413, 422, 503];

pub fn run(data: &[u8]) {
    let _ = live(&mut Unstructured::new(data));
}

fn live(input: &mut Unstructured) -> Result<()> {
    let mut recorder = with_server();
    let (mut keys, mut under_way) = (Vec::new(), Vec::new());
    let mut now = 0;
    while !input.is_empty() {
        now += u64::from(input.arbitrary::<u8>()?) * 16;
        match input.int_in_range(0..=15)? {
            0 => recorder.close_open(at(now)),
            1 => recorder.flush_now(),
            2 => recorder.configuration_changed(),
            3 => {
                let uri = *input.choose(&["http://mlflow.test:5000", "memory:", "http://other"])?;
                recorder.set_tracking_uri(uri).expect("a good address");
            }
            4 => recorder.set_experiment(ExperimentRef::Id("7".to_owned())),
            5 | 6 => {
                let due = recorder.next_due();
                let request = recorder.next_request(at(now));
                let later = recorder.next_due();
                assert!(
                    if request.is_some() {
                        due.is_some_and(|due| due <= at(now))
                    } else {
                        later.is_none_or(|later| later > at(now))
                    },
                    "nothing is due too early or again and again"
                );
                if let Some(request) = request {
                    if request.kind == RequestKind::Spans {
                        assert!(
                            !wire::spans(&request.body).is_empty(),
                            "no request for nothing"
                        );
                    }
                    under_way.push(request.id);
                }
            }
            7 | 8 => {
                if let Some(id) = under_way.pop() {
                    let mut answer = Answer {
                        status: *input.choose(&STATUSES)?,
                        ..Answer::default()
                    };
                    answer.body.experiment_id = input.arbitrary::<bool>()?.then(|| "1".to_owned());
                    recorder.settle(id, answer, at(now));
                }
            }
            _ => {
                let fact = facts::fact(input, &keys)?;
                keys.extend(recorder.record(fact, at(now)).ok().flatten());
            }
        }
        let stats = recorder.stats();
        let found = stats.delivered + stats.buffered + stats.open + stats.dropped.total();
        assert_eq!(stats.started, found, "{stats:?}");
        // Reading back must not break on what it finds, whatever that is.
        let newest = recorder.last_trace_id();
        if let Some(view) = newest.and_then(|id| recorder.trace(&id)) {
            for span in view.spans() {
                assert!(span.end.is_none_or(|end| end >= span.start));
                let _ = (view.attributes(span), view.trace_attributes(span));
            }
        }
    }
    Ok(())
}
