//! The messages of a conversation, which every span that saw them shares.

use mlflow_ag2::trace::{History, JsonWriter};

fn json_of(history: &History) -> String {
    JsonWriter::new().messages(history.clone()).finish().to_string()
}

#[test]
fn each_part_of_a_conversation_is_the_array_of_the_messages_up_to_there() {
    let one = History::append(None, r#"{"role":"user"}"#.into());
    let two = History::append(Some(one.clone()), "null".into());
    let other = History::append(Some(one.clone()), r#""ünï""#.into());
    assert_eq!(json_of(&one), r#"[{"role":"user"}]"#);
    assert_eq!(json_of(&two), r#"[{"role":"user"},null]"#);
    assert_eq!(json_of(&other), r#"[{"role":"user"},"ünï"]"#);
    for history in [one, two, other] {
        assert_eq!(history.len_bytes(), json_of(&history).len());
    }
}

#[test]
fn a_conversation_stands_between_other_text() {
    let history = History::append(None, "1".into());
    let json = JsonWriter::new().literal("{\"messages\":").messages(history).literal("}").finish();
    assert_eq!(json.to_string(), "{\"messages\":[1]}");
    assert_eq!(json.len_bytes(), json.to_string().len());
}

#[test]
fn a_very_long_conversation_is_forgotten_without_a_deep_stack() {
    let mut history = None;
    for _ in 0..300_000 {
        history = Some(History::append(history, "0".into()));
    }
    let middle = history.clone();
    drop(history);
    let bytes = middle.map(|history| history.len_bytes());
    assert_eq!(bytes, Some(2 * 300_000 + 1));
}
