//! What is cut of spans that are too large for a request, to the byte: the largest values first, no more than has to
//! be, and each cut says how much there was.

use mlflow_ag2::mlflow::otlp::cut::cut_body;
use mlflow_ag2::mlflow::otlp::encode::ENVELOPE_BYTES;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::Event;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use prost::Message;

const CUT: &str = "mlflow_ag2.cut_bytes";
/// Longer than the words that take the place of a value.
const KEY: &str = "an.attribute.whose.key.is.longer.than.the.words.in.the.place.of.its.value";

fn pair(key: &str, value: Any) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

fn text(key: &str, value: &str) -> KeyValue {
    pair(key, Any::StringValue(value.to_owned()))
}

fn span(attributes: Vec<KeyValue>) -> Span {
    Span {
        trace_id: vec![1; 16],
        span_id: vec![2; 8],
        parent_span_id: vec![3; 8],
        name: "work".to_owned(),
        kind: 1,
        start_time_unix_nano: 1_700_000_000_000_000_001,
        end_time_unix_nano: 1_700_000_000_000_000_300,
        attributes,
        status: Some(Status { message: String::new(), code: 2 }),
        ..Span::default()
    }
}

/// A span with one text, in each of the places of a span that hold texts.
const PLACES: [fn(&str) -> Span; 4] = [
    |long| Span { name: long.to_owned(), ..span(Vec::new()) },
    |long| span(vec![text(KEY, long)]),
    |long| Span { status: Some(Status { message: long.to_owned(), code: 2 }), ..span(Vec::new()) },
    |long| Span { events: vec![event(vec![text(KEY, long)])], ..span(Vec::new()) },
];

fn event(attributes: Vec<KeyValue>) -> Event {
    Event { time_unix_nano: 1_700_000_000_000_000_200, name: "exception".to_owned(), attributes, ..Event::default() }
}

fn body_in(resource: Option<Resource>, spans: Vec<Span>) -> Vec<u8> {
    let scope_spans = vec![ScopeSpans { spans, ..ScopeSpans::default() }];
    let resource_spans = vec![ResourceSpans { resource, scope_spans, ..ResourceSpans::default() }];
    ExportTraceServiceRequest { resource_spans }.encode_to_vec()
}

fn body_of(spans: Vec<Span>) -> Vec<u8> {
    body_in(None, spans)
}

fn spans_of(body: &[u8]) -> Vec<Span> {
    let body = ExportTraceServiceRequest::decode(body).expect("OTLP");
    let scopes = body.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
    scopes.flat_map(|scope| scope.spans).collect()
}

/// The only span of a body that is cut.
fn cut_of(whole: Span, most_bytes: usize) -> Span {
    let cut = cut_body(&body_of(vec![whole]), most_bytes).expect("it is cut");
    assert!(cut.len() <= most_bytes, "{} bytes of {most_bytes}", cut.len());
    let mut spans = spans_of(&cut);
    assert_eq!(spans.len(), 1);
    spans.remove(0)
}

fn texts_of(attributes: &[KeyValue]) -> impl Iterator<Item = &str> {
    attributes.iter().filter_map(|pair| match pair.value.as_ref()?.value.as_ref()? {
        Any::StringValue(text) => Some(text.as_str()),
        _ => None,
    })
}

/// All texts of a span.
fn texts(span: &Span) -> Vec<&str> {
    let status = span.status.as_ref().map_or("", |status| &status.message);
    let events = span.events.iter().flat_map(|event| texts_of(&event.attributes));
    [span.name.as_str(), status].into_iter().chain(texts_of(&span.attributes)).chain(events).collect()
}

/// How many bytes a span says were cut of it; `None` if it says nothing.
fn cut_bytes(span: &Span) -> Option<i64> {
    let mut counts = span.attributes.iter().filter(|pair| pair.key == CUT);
    let count = counts.next()?.value.clone()?.value?;
    assert!(counts.next().is_none(), "it says so once");
    let Any::IntValue(count) = count else { panic!("{count:?} is no number") };
    Some(count)
}

/// A list without any strings, of so many bytes.
fn list(bytes: usize) -> String {
    format!("[{}]", "1".repeat(bytes - 2))
}

#[test]
fn however_little_room_there_is_short_texts_stay_and_so_does_the_beginning_of_long_ones() {
    let x = |count| "x".repeat(count);
    let cut = |count: usize| format!("… [{count} bytes cut]");
    let cases = [
        (x(168), x(168), None),
        (x(169), x(128) + &cut(41), Some(41)),
        (x(5_000), x(128) + &cut(4_872), Some(4_872)),
        (format!("a{}", "ü".repeat(200)), format!("a{}{}", "ü".repeat(63), cut(274)), Some(274)),
        (format!("{}{}", x(126), "😀".repeat(100)), x(126) + &cut(400), Some(400)),
        (list(256), list(256), None),
        (list(257), cut(257), Some(257)),
        (format!(r#"{{"a":"{}","n":1}}"#, x(168)), format!(r#"{{"a":"{}","n":1}}"#, x(168)), None),
        (format!(r#"{{"a":"{}","n":1}}"#, x(200)), format!(r#"{{"a":"{}{}","n":1}}"#, x(128), cut(72)), Some(72)),
        (format!(r#"["y","{}","z"]"#, x(170)), format!(r#"["y","{}{}","z"]"#, x(128), cut(42)), Some(42)),
        (format!(r#"["{}"]"#, r"\u00e9".repeat(35)), format!(r#"["{}{}"]"#, r"\u00e9".repeat(21), cut(84)), Some(84)),
        (format!(r#"["a{}"]"#, r"\n".repeat(100)), format!(r#"["a{}{}"]"#, r"\n".repeat(63), cut(74)), Some(74)),
        (format!(r#"["{}"]"#, r#"\""#.repeat(100)), format!(r#"["{}{}"]"#, r#"\""#.repeat(64), cut(72)), Some(72)),
        (format!(" {{ no JSON {}", x(200)), format!(" {{ no JSON {}", x(200)), None),
    ];
    // Events are taken out where nothing else makes a span small enough.
    for place in &PLACES[..3] {
        let mut spans: Vec<Span> = cases.iter().map(|(whole, ..)| place(whole)).collect();
        spans.push(PLACES[1](&x(100_000)));
        let cut = spans_of(&cut_body(&body_of(spans.clone()), 0).expect("it is cut"));
        assert_eq!(cut.len(), cases.len() + 1);
        for ((_, expected, count), cut) in cases.iter().zip(&cut) {
            assert!(texts(cut).contains(&expected.as_str()), "{:?} in place of {expected}", texts(cut));
            assert_eq!(cut_bytes(cut), *count, "{expected}");
        }
    }
}

#[test]
fn a_text_is_cut_no_more_than_has_to_be_wherever_it_is() {
    let x = "x".repeat(20_000);
    let in_json = format!(r#"{{"messages":[{{"role":"user","content":"{x}"}}]}}"#);
    let strings = format!("[{}]", vec![format!("\"{}\"", "x".repeat(1_998)); 10].join(","));
    let short = vec![format!("\"{}\"", "y".repeat(150)); 20].join(",");
    let mixed = format!(r#"["{x}",{short}]"#);
    for place in PLACES {
        for whole in [&x, &in_json, &strings, &mixed] {
            for most_bytes in (6_000..12_000).step_by(97) {
                let cut = cut_of(place(whole), most_bytes);
                let bytes = cut.encoded_len();
                assert!(bytes > most_bytes * 2 / 3, "{bytes} bytes of {most_bytes}");
                let texts = texts(&cut);
                let kept = texts.iter().find(|text| text.contains(" bytes cut]")).expect("a part of the text");
                let marks: Vec<&str> = kept.split("… [").skip(1).collect();
                let counts = marks.iter().map(|mark| mark.split(' ').next()?.parse::<i64>().ok());
                assert_eq!(counts.sum::<Option<i64>>(), cut_bytes(&cut), "{kept}");
                let marks: usize = marks.iter().map(|mark| mark.find(']').expect("a mark") + "… [".len() + 1).sum();
                assert_eq!((kept.len() - marks) as i64 + cut_bytes(&cut).unwrap_or(0), whole.len() as i64);
                assert_eq!(cut.events.len(), place("").events.len(), "an event that has room stays");
            }
        }
    }
}

#[test]
fn what_fits_is_left_alone_to_the_byte() {
    let spans = vec![PLACES[1](&"x".repeat(3_000)), PLACES[0](&"x".repeat(2_000))];
    let bytes: usize = spans.iter().map(Message::encoded_len).sum();
    let body = body_of(spans);
    assert_eq!(cut_body(&body, bytes + ENVELOPE_BYTES), None);
    assert!(cut_body(&body, bytes + ENVELOPE_BYTES - 1).is_some_and(|cut| cut.len() < bytes));
}

#[test]
fn a_cut_that_makes_a_request_less_than_a_sixteenth_smaller_is_not_made() {
    // A resource is not sent again, so its bytes are what can be saved here.
    let of = |saved: usize| {
        let resource = Resource { attributes: vec![text("host", &"h".repeat(saved))], ..Resource::default() };
        body_in(Some(resource), vec![PLACES[1](&"x".repeat(1_000))])
    };
    let without = cut_body(&of(1_000), usize::MAX).expect("the resource is saved").len();
    let mut exactly_a_sixteenth = 0;
    for saved in 1..200 {
        let body = of(saved);
        let is_smaller = without < body.len() - body.len() / 16;
        exactly_a_sixteenth += usize::from(without == body.len() - body.len() / 16);
        assert_eq!(cut_body(&body, usize::MAX).is_some(), is_smaller, "{without} bytes of {}", body.len());
    }
    assert!(exactly_a_sixteenth > 0);
}

#[test]
fn of_several_spans_the_largest_are_cut_and_the_others_arrive_as_they_are() {
    let lengths = [500, 10_000, 100, 8_000];
    let spans: Vec<Span> = lengths.iter().map(|length| PLACES[1](&"x".repeat(*length))).collect();
    let body = cut_body(&body_of(spans.clone()), 9_000).expect("it is cut");
    assert!((6_750..=9_000).contains(&body.len()), "{}", body.len());
    let cut = spans_of(&body);
    assert_eq!((&cut[0], &cut[2]), (&spans[0], &spans[2]));
    for index in [1, 3] {
        assert!((3_000..4_500).contains(&cut[index].encoded_len()), "{}", cut[index].encoded_len());
    }
}

#[test]
fn all_else_of_a_span_that_is_cut_arrives_as_it_is() {
    let scalars = || {
        let int = pair("int", Any::IntValue(-7));
        vec![int, pair("double", Any::DoubleValue(0.5)), pair("bool", Any::BoolValue(true)), text("short", "kept")]
    };
    let long = text(KEY, &"x".repeat(9_000));
    let mut whole = span(scalars());
    whole.events = vec![event(scalars())];
    let cut = cut_of(Span { attributes: [vec![long], scalars()].concat(), ..whole.clone() }, 2_000);
    assert_eq!(cut.attributes.first().map(|pair| pair.key.as_str()), Some(KEY));
    let rest = cut.attributes[1..].iter().filter(|pair| pair.key != CUT);
    assert_eq!(Span { attributes: rest.cloned().collect(), ..cut }, whole);
}

#[test]
fn what_was_cut_before_is_counted_with_what_is_cut_now() {
    let attributes = vec![text("first", &"x".repeat(500)), pair(CUT, Any::IntValue(1_000)), text("last", &list(700))];
    let whole = Span { events: vec![event(Vec::new()); 3], ..span(attributes) };
    let events: usize = whole.events.iter().map(Message::encoded_len).sum();
    let cut = spans_of(&cut_body(&body_of(vec![whole]), 0).expect("it is cut"));
    assert_eq!(cut_bytes(&cut[0]), Some(372 + 1_000 + 700 + events as i64), "with the events that are taken out");
    assert!(cut[0].events.is_empty());
}

/// A span of so many bytes: with texts, and with a list as long as it takes.
fn filled(bytes: usize, texts: &[&str]) -> Span {
    let of = |filler: usize| {
        let texts = texts.iter().map(|value| text("text", value));
        span(texts.chain([text("filler", &list(filler))]).collect())
    };
    let filler = 1_000 + bytes - of(1_000).encoded_len();
    let filled = of(filler);
    assert_eq!(filled.encoded_len(), bytes);
    filled
}

fn is_whole(span: &Span, number: usize) -> bool {
    !texts_of(&span.attributes).nth(number).expect("a text").contains(" bytes cut]")
}

#[test]
fn a_list_stays_as_long_as_a_quarter_of_the_room_is_left_to_texts() {
    for length in 2_990..3_020 {
        // Limits fall by eighths: 7,000 of 8,000. So the list and the least of everything else may need 5,250.
        let cut = cut_of(filled(8_000, &[&"x".repeat(length)]), 7_000 + ENVELOPE_BYTES);
        let stays = 8_000 - (length - 256) <= 5_250;
        assert_eq!((is_whole(&cut, 0), is_whole(&cut, 1)), (!stays, stays), "{length}");
    }
}

#[test]
fn of_two_lists_the_longer_goes_first_and_the_other_only_if_that_is_not_enough() {
    let longer = list(4_286);
    for length in 590..610 {
        // Four eighths from 8,192 are 4,802, of which 3,602 may not be texts; 40 bytes stay of what is taken out.
        let cut = cut_of(filled(8_192, &[&"x".repeat(length), &longer]), 4_802 + ENVELOPE_BYTES);
        let stays = 8_192 - (length - 256) - (longer.len() - 40) <= 3_602;
        assert_eq!([0, 1, 2].map(|number| is_whole(&cut, number)), [true, false, stays], "{length}");
    }
    let cut = cut_of(span(vec![text("shorter", &list(3_999)), text("longer", &list(4_000))]), 7_000);
    assert_eq!([0, 1].map(|number| is_whole(&cut, number)), [true, false], "one byte decides");
}

#[test]
fn texts_stay_whole_that_have_room_once_a_list_is_taken_out() {
    let with_list = |bytes: usize| {
        let texts = vec![text("text", &"x".repeat(1_000)); 20];
        span([texts, vec![text("list", &list(bytes))]].concat())
    };
    let others = with_list(20_000).encoded_len() - 40_000;
    // Room for the texts and what is kept free, but not for a mark in each of them.
    let room = others + 256 + 20 * 1_000 + 799;
    // Limits fall by eighths, so that only some lengths of the list leave nearly all of it.
    let mut cuts = (20_000..24_000).step_by(40).map(|bytes| (bytes, cut_of(with_list(bytes), room + ENVELOPE_BYTES)));
    let whole = cuts.find(|(_, cut)| (0..20).all(|number| is_whole(cut, number)));
    let (bytes, cut) = whole.expect("texts that stay whole");
    assert_eq!(cut_bytes(&cut), Some(bytes as i64));
}
