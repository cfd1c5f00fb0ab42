//! Texts, numbers and ropes become the JSON that a reader of JSON reads back, and their lengths are those of the text.

use mlflow_ag2::trace::value::write_json_string;
use mlflow_ag2::trace::{Json, JsonWriter, Value};

fn rope(pieces: &[&str]) -> Json {
    let mut writer = JsonWriter::new();
    for piece in pieces {
        writer.shared((*piece).into());
    }
    writer.finish()
}

#[test]
fn every_character_is_escaped_as_serde_escapes_it() {
    let characters = (0..0x100).chain([0x2028, 0xd7ff, 0xfffd, 0x1_f916]).filter_map(char::from_u32);
    for character in characters {
        for text in [character.to_string(), format!("a{character}{character}é"), format!("é{character}")] {
            let mut written = String::new();
            write_json_string(&text, &mut written);
            assert_eq!(written, serde_json::to_string(&text).expect("JSON"), "{text:?}");
        }
    }
}

#[test]
fn values_are_written_by_their_kind_and_only_whole_numbers_below_2_to_the_53_as_such() {
    for (value, text) in [
        (Value::Null, "null"),
        (Value::Bool(true), "true"),
        (Value::Bool(false), "false"),
        (Value::Int(i64::MIN), "-9223372036854775808"),
        (Value::Int(0), "0"),
        (Value::Double(-3.0), "-3"),
        (Value::Double(9_007_199_254_740_991.0), "9007199254740991"),
        (Value::Double(-9_007_199_254_740_991.0), "-9007199254740991"),
        (Value::Double(9_007_199_254_740_992.0), "null"),
        (Value::Double(1e300), "null"),
        (Value::Double(1.5), "null"),
        (Value::Double(f64::NAN), "null"),
        (Value::Double(f64::INFINITY), "null"),
        (Value::Text("a\"b".into()), "\"a\\\"b\""),
        (Value::Json(rope(&["[1", ",2]"])), "[1,2]"),
    ] {
        let json = JsonWriter::new().value(&value).finish();
        assert_eq!(json.text(), text);
        assert_eq!(json.len_bytes(), text.len(), "{text}");
    }
}

#[test]
fn ropes_are_equal_and_null_by_their_text_however_it_is_cut() {
    let ropes = [&["null"][..], &["nu", "ll"], &["NULL"], &["nul"], &["nulls"], &["", "null", ""]];
    for one in ropes {
        assert_eq!(rope(one).is_null(), one.concat() == "null", "{one:?}");
        for other in ropes {
            assert_eq!(rope(one) == rope(other), one.concat() == other.concat(), "{one:?} {other:?}");
        }
    }
}

#[test]
fn ropes_know_their_length_and_the_memory_of_what_they_share() {
    let shared = rope(&["{\"a\":1}", "[2]"]);
    assert_eq!((shared.len_bytes(), shared.memory_bytes()), (10, 10));
    let mut writer = JsonWriter::new();
    writer.literal("[").json(&shared).string("é").int(-12).literal("]");
    let json = writer.finish();
    assert_eq!(json.text(), "[{\"a\":1}[2]\"é\"-12]");
    assert_eq!((json.len_bytes(), json.memory_bytes()), (json.text().len(), 10 + 4 + 3));
    let mut bytes = b"x".to_vec();
    json.write_to(&mut bytes);
    assert_eq!(bytes, format!("x{json}").as_bytes());
    // A writer can be used again.
    assert_eq!(writer.finish().len_bytes(), 0);
}

#[test]
fn the_members_of_an_object_are_taken_over_and_of_nothing_else() {
    for (pieces, members) in [
        (&["{\"a\":1}"][..], Some("\"a\":1")),
        (&["{1}"], Some("1")),
        (&["{}"], None),
        (&["[1,2]"], None),
        (&["\"{}\""], None),
        (&["{\"a\":", "1}"], None),
    ] {
        let mut writer = JsonWriter::new();
        writer.literal("<");
        assert_eq!(writer.members(&rope(pieces)), members.is_some(), "{pieces:?}");
        let json = writer.literal(">").finish();
        assert_eq!(json.text(), format!("<{}>", members.unwrap_or_default()));
        assert_eq!(json.len_bytes(), json.text().len());
        assert_eq!(json.memory_bytes(), members.map_or(0, |_| pieces.concat().len()), "{pieces:?}");
    }
}
