//! NUL in recorded text: PostgreSQL stores it in no text.

use mlflow_ag2::trace::nul::{replace_escaped_nuls, without_nuls};

fn json_without_nuls(json: &str) -> String {
    let mut bytes = json.as_bytes().to_vec();
    replace_escaped_nuls(&mut bytes);
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn nul_becomes_what_a_lone_surrogate_becomes() {
    assert_eq!(without_nuls("no such character"), None);
    assert_eq!(without_nuls("\0").as_deref(), Some("\u{fffd}"));
    assert_eq!(without_nuls("ä\0\0€\0").as_deref(), Some("ä\u{fffd}\u{fffd}€\u{fffd}"));
}

#[test]
fn escapes_of_nul_in_json_text_become_those_of_that_character() {
    for (json, expected) in [
        (r#"{"a":"b\u0000c"}"#, r#"{"a":"b\ufffdc"}"#),
        (r#"{"\u0000":"\u0000\u0000"}"#, r#"{"\ufffd":"\ufffd\ufffd"}"#),
        // Backslashes that are themselves escaped.
        (r#"["\\u0000"]"#, r#"["\\u0000"]"#),
        (r#"["\\\u0000"]"#, r#"["\\\ufffd"]"#),
        (r#"["\\\\u0000"]"#, r#"["\\\\u0000"]"#),
        (r#"["\u00001","\u0001","\u000"]"#, r#"["\ufffd1","\u0001","\u000"]"#),
        (r#"["\"#, r#"["\"#),
        ("", ""),
    ] {
        assert_eq!(json_without_nuls(json), expected);
    }
}
