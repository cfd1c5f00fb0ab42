//! What lists of traces show of a conversation: its opening message and its answer, as people read them.
//!
//! MLflow itself finds messages only in the formats of models (mlflow/tracing/utils/truncation.py,
//! `_try_extract_messages`); of a chat of AG2 it shows the beginning of the JSON. Both are read off the values of the
//! root as they are exported, so that they show nothing that was masked, redacted or left out.

use std::rc::Rc;

use crate::trace::limits::{PREVIEW_CHARACTERS, truncate};
use crate::trace::{Span, SpanKind, Value};

/// Steps to the first and to the last element of an array; all others are keys.
const FIRST: &str = "";
const LAST: &str = " ";
/// Where the inputs of a chat, of several chats or of a reply have the opening message.
const REQUESTS: [&[&str]; 3] = [&["message"], &["chat_queue", FIRST, "message"], &["messages", LAST]];
/// Where the outputs of a chat have it, if its inputs do not: it was made by a function, or typed.
const OPENING: [&[&str]; 1] = [&["chat_history", FIRST]];
/// Where the outputs have the answer.
const RESPONSES: [&[&str]; 4] = [&["summary"], &["chat_history", LAST], &[LAST, "summary"], &["message"]];
/// How the inputs show a function that makes the message.
const FUNCTION: &str = "<function ";
/// How deep the text of a message is at most: a message, its content, a part, the text of that.
const MOST_LEVELS: usize = 4;

/// The previews of the request and of the response of a trace with this root; `None` for what is no conversation of
/// agents, or has no text.
#[must_use]
pub fn previews(root: &Span) -> [Option<Rc<str>>; 2] {
    let is_conversation = matches!(root.kind, SpanKind::Chain | SpanKind::Chats | SpanKind::Agent);
    let json = |value: &Value| match value {
        Value::Json(json) if is_conversation => json.text(),
        _ => String::new(),
    };
    let (inputs, outputs) = (json(&root.inputs), json(&root.outputs));
    let opening = if inputs.is_empty() { "" } else { &outputs };
    let request = preview(&inputs, &REQUESTS).or_else(|| preview(opening, &OPENING));
    [request, preview(&outputs, &RESPONSES)]
}

/// The first text that one of the paths leads to.
fn preview(json: &str, paths: &[&[&str]]) -> Option<Rc<str>> {
    for path in paths {
        let mut value = json;
        for step in *path {
            value = part(value, step);
        }
        let mut text = String::new();
        write_text(value, MOST_LEVELS, &mut text);
        if !text.trim_ascii().is_empty() && !text.starts_with(FUNCTION) {
            // As MLflow cuts it.
            return Some(truncate(&text, PREVIEW_CHARACTERS, "...").unwrap_or(text).into());
        }
    }
    None
}

/// The member or element that a step leads to; empty if there is none.
fn part<'a>(json: &'a str, step: &str) -> &'a str {
    let mut parts = Parts { rest: json, is_inside: false };
    let mut found = "";
    while let Some((key, value)) = parts.next() {
        let is_meant = match step {
            FIRST | LAST => key.is_empty(),
            _ => key.get(1..key.len().saturating_sub(1)) == Some(step),
        };
        if is_meant {
            found = value;
            if step != LAST {
                break;
            }
        }
    }
    found
}

/// The members of an object, each with its key in quotes, or the elements of an array, each with an empty one.
struct Parts<'a> {
    rest: &'a str,
    is_inside: bool,
}

impl<'a> Parts<'a> {
    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        let opens = |byte| if self.is_inside { matches!(byte, b',') } else { matches!(byte, b'{' | b'[') };
        let mut key = "";
        if !self.rest.bytes().next().is_some_and(opens) {
            return None;
        }
        self.is_inside = true;
        loop {
            let inside = self.rest.get(1..)?;
            let (value, rest) = inside.split_at_checked(value_bytes(inside))?;
            self.rest = rest;
            if rest.as_bytes().first() != Some(&b':') {
                return (!value.is_empty()).then_some((key, value));
            }
            key = value;
        }
    }
}

/// The length of the value at the beginning of a text: up to what separates it from the next one, or encloses it.
fn value_bytes(json: &str) -> usize {
    let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
    for (at, byte) in json.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_text,
            b'"' => is_text = !is_text,
            _ if is_text => {}
            b'{' | b'[' => depth += 1,
            b',' | b':' | b'}' | b']' if depth == 0 => return at,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    json.len()
}

/// Appends the text of a message: itself, its content, or the texts of its parts, each in a line of its own.
fn write_text(json: &str, levels: usize, text: &mut String) {
    match json.as_bytes().first() {
        Some(b'"') => {
            if !text.is_empty() {
                text.push('\n');
            }
            write_unescaped(json, text);
        }
        Some(b'{') if levels > 0 => {
            let content = part(json, "content");
            write_text(if content.is_empty() { part(json, "text") } else { content }, levels - 1, text);
        }
        Some(b'[') if levels > 0 => {
            let mut parts = Parts { rest: json, is_inside: false };
            while let Some((_, value)) = parts.next() {
                write_text(value, levels - 1, text);
            }
        }
        _ => {}
    }
}

/// Appends the text of a JSON string.
fn write_unescaped(json: &str, text: &mut String) {
    let mut characters = json.get(1..json.len().saturating_sub(1)).unwrap_or_default().chars();
    while let Some(mut character) = characters.next() {
        if character == '\\' {
            character = match characters.next() {
                Some('b') => '\u{8}',
                Some('f') => '\u{c}',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some('u') => {
                    let mut unit = 0;
                    for _ in 0..4 {
                        let digit = characters.next().and_then(|digit| digit.to_digit(16));
                        unit = unit << 4 | digit.unwrap_or(0);
                    }
                    // The engine escapes no pairs of surrogates.
                    char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)
                }
                other => other.unwrap_or('\\'),
            };
        }
        text.push(character);
    }
}
