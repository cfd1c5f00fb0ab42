//! JSON that the core writes itself is read by somebody else's parser, and says the same.

use arbitrary::{Result, Unstructured};
use mlflow_ag2::trace::{History, Json, JsonWriter, Value};

const DEPTH: usize = 6;

pub fn run(data: &[u8]) {
    let mut input = Unstructured::new(data);
    while !input.is_empty() {
        let Ok((json, expected)) = array(&mut input, DEPTH) else {
            return;
        };
        let text = json.to_string();
        assert_eq!(json.len_bytes(), text.len(), "the length that is reported");
        let mut pieces = String::new();
        json.each_piece(|piece| pieces.push_str(piece));
        assert_eq!(pieces, text, "the pieces are the text");
        let read: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(read, expected);
    }
}

/// An array as a rope, and what it means.
fn array(input: &mut Unstructured, depth: usize) -> Result<(Json, serde_json::Value)> {
    let mut writer = JsonWriter::new();
    let mut expected = Vec::new();
    writer.literal("[");
    for index in 0..input.int_in_range(0..=5)? {
        if index > 0 {
            writer.literal(",");
        }
        if depth > 0 && input.ratio(1, 3)? {
            let (inner, meaning) = inner(input, depth - 1)?;
            writer.json(&inner);
            expected.push(meaning);
        } else {
            let (value, meaning) = scalar(input)?;
            writer.value(&value);
            expected.push(meaning);
        }
    }
    writer.literal("]");
    Ok((writer.finish(), expected.into()))
}

/// The messages of a conversation, which branches off another one.
fn conversation(input: &mut Unstructured, depth: usize) -> Result<(Json, serde_json::Value)> {
    let mut history: Option<History> = None;
    let mut expected = Vec::new();
    for _ in 0..input.int_in_range(1..=4)? {
        let (message, meaning) = array(input, depth)?;
        // Who branches off does not change what is before.
        drop(History::append(history.clone(), "{}".into()));
        history = Some(History::append(history, message.to_string().into()));
        expected.push(meaning);
    }
    match history {
        Some(history) => Ok((JsonWriter::new().messages(history).finish(), expected.into())),
        None => array(input, depth),
    }
}

/// An array, a conversation, or an object whose members were written once and taken out of their braces.
fn inner(input: &mut Unstructured, depth: usize) -> Result<(Json, serde_json::Value)> {
    if input.arbitrary()? {
        return array(input, depth);
    }
    if input.ratio(1, 4)? {
        return conversation(input, depth);
    }
    let key: &str = input.arbitrary()?;
    let (content, meaning) = array(input, depth)?;
    let object = JsonWriter::new().literal("{").string(key).literal(":").json(&content).literal("}").finish();
    let mut writer = JsonWriter::new();
    writer.literal("{");
    // Only an object in one piece has members to take.
    let whole = Json::from_text(object.to_string().into());
    assert!(!writer.members(&JsonWriter::new().literal("[]").finish()));
    assert!(writer.members(&whole));
    writer.literal("}");
    let mut expected = serde_json::Map::new();
    expected.insert(key.to_owned(), meaning);
    Ok((writer.finish(), expected.into()))
}

fn scalar(input: &mut Unstructured) -> Result<(Value, serde_json::Value)> {
    Ok(match input.int_in_range(0..=4)? {
        0 => (Value::Null, serde_json::Value::Null),
        1 => {
            let truth: bool = input.arbitrary()?;
            (Value::Bool(truth), truth.into())
        }
        2 => {
            let number: i64 = input.arbitrary()?;
            (Value::Int(number), number.into())
        }
        3 => {
            let number: f64 = input.arbitrary()?;
            (Value::Double(number), whole(number))
        }
        _ => {
            let text: &str = input.arbitrary()?;
            (text.into(), text.into())
        }
    })
}

/// What becomes of a float: a whole number within 2^53 stays, nothing else does.
fn whole(number: f64) -> serde_json::Value {
    if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 {
        (number as i64).into()
    } else {
        serde_json::Value::Null
    }
}
