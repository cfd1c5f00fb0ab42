//! What a previous session kept may be anything by now: whatever the bytes, they are read or counted.

use arbitrary::Unstructured;
use mlflow_ag2::mlflow::RequestKind;

use super::encoder::{at, call_tool, due_request, response, with_server};

pub fn run(data: &[u8]) {
    let mut tracer = with_server();
    restore(&mut tracer, data);
    // The same as damage to what was once good.
    let mut good = a_record();
    let mut input = Unstructured::new(data);
    while let Ok((place, byte)) = input.arbitrary::<(u16, u8)>() {
        let length = good.len();
        if let Some(there) = good.get_mut(usize::from(place) % length.max(1)) {
            *there = byte;
        }
        restore(&mut tracer, &good);
        if input.len() < 3 {
            break;
        }
    }
    good.truncate(data.len());
    restore(&mut tracer, &good);
    let mut now = 0;
    while let Some(request) = due_request(&mut tracer, at(now)) {
        assert!(request.kind != RequestKind::Spans || !request.body.is_empty());
        let answer = response(request.kind, 200);
        tracer.on_response(request.id, answer, at(now));
        now += 60_000;
    }
}

fn restore(tracer: &mut mlflow_ag2::Tracer<super::encoder::Counter>, bytes: &[u8]) {
    let before = tracer.stats();
    let readable = tracer.restore(bytes).is_some();
    let stats = tracer.stats();
    assert!(stats.started > before.started, "it counts as made");
    let lost = stats.dropped.unreadable - before.dropped.unreadable;
    assert_eq!(lost == 0, readable);
    let found = stats.delivered + stats.in_memory + stats.buffered + stats.open + stats.dropped.total();
    assert_eq!(stats.started, found, "{stats:?}");
}

/// One as it is kept.
fn a_record() -> Vec<u8> {
    let mut tracer = with_server();
    let text = "text".into();
    call_tool(&mut tracer, &"tool".into(), [&text, &text], [at(1), at(2)]);
    tracer.take_unpersisted().remove(0).bytes
}
