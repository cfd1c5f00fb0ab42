//! What an earlier life kept may be anything by now: whatever the bytes, they are read or counted.

use arbitrary::Unstructured;
use mlflow_ag2::mlflow::{Answer, RequestKind};

use super::encoder::{at, call_tool, with_server};

pub fn run(data: &[u8]) {
    let mut recorder = with_server();
    restore(&mut recorder, data);
    // The same as damage to what was once good.
    let mut good = a_parcel();
    let mut input = Unstructured::new(data);
    while let Ok((place, byte)) = input.arbitrary::<(u16, u8)>() {
        let length = good.len();
        if let Some(there) = good.get_mut(usize::from(place) % length.max(1)) {
            *there = byte;
        }
        restore(&mut recorder, &good);
        if input.len() < 3 {
            break;
        }
    }
    good.truncate(data.len());
    restore(&mut recorder, &good);
    let mut now = 0;
    while let Some(request) = recorder.next_request(at(now)) {
        assert!(request.kind != RequestKind::Spans || !request.body.is_empty());
        let answer = Answer {
            status: 200,
            ..Answer::default()
        };
        recorder.settle(request.id, answer, at(now));
        now += 60_000;
    }
}

fn restore(recorder: &mut mlflow_ag2::Recorder<super::encoder::Counter>, bytes: &[u8]) {
    let before = recorder.stats();
    let readable = recorder.restore(bytes);
    let stats = recorder.stats();
    assert!(stats.started > before.started, "it counts as made");
    let lost = stats.dropped.unreadable - before.dropped.unreadable;
    assert_eq!(lost == 0, readable);
    let found = stats.delivered + stats.buffered + stats.open + stats.dropped.total();
    assert_eq!(stats.started, found, "{stats:?}");
}

/// One as it is kept.
fn a_parcel() -> Vec<u8> {
    let mut recorder = with_server();
    let text = "text".into();
    call_tool(
        &mut recorder,
        &"tool".into(),
        [&text, &text],
        [at(1), at(2)],
    );
    recorder.unsaved().remove(0).bytes
}
