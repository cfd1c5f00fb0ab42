//! All there is to tell of a trace to a server that reads nothing off its spans: one without an OTLP
//! endpoint, or whose endpoint cannot be used. What MLflow reads off spans that came by OTLP is read
//! off the encoded spans here (mlflow/store/tracking/sqlalchemy_store.py, `_log_spans_once`).

use super::attributes::usage_json;
use super::names;
use super::trace_info::{
    END, METADATA, REQUEST_PREVIEW, RESPONSE_PREVIEW, TraceInfo, begin, map, member,
};
use super::wire::{Any, WireSpan, each_span};
use crate::trace::limits::{PREVIEW_CHARACTERS, cut};
use crate::trace::value::read_digits;
use crate::trace::{TokenUsage, TraceId, UnixNanos};

/// What is found on the spans.
#[derive(Default)]
struct Found<'a> {
    root: Option<WireSpan<'a>>,
    usage: Option<TokenUsage>,
    /// Spans whose tokens are counted above them, or on them.
    counted: Vec<&'a [u8]>,
    conversation: Option<&'a str>,
}

/// The body of the request for a trace whose spans are in these OTLP bodies; `said` is what the
/// program said of the trace as a whole.
#[must_use]
pub fn body(
    trace: TraceId,
    bodies: &[&[u8]],
    experiment: &str,
    said: Option<&TraceInfo>,
) -> Vec<u8> {
    let mut found = Found::default();
    for body in bodies {
        each_span(body, &mut |encoded| found.take_in(WireSpan::read(encoded)));
    }
    let root = found.root.unwrap_or_default();
    let mut info = said.cloned().map_or_else(
        || {
            let (start, end) = (UnixNanos(root.start_ns), UnixNanos(root.end_ns));
            let state = match root.status {
                // The program ended before the trace did.
                _ if root.id.is_empty() || !root.parent.is_empty() => "IN_PROGRESS",
                2 => "ERROR",
                _ => "OK",
            };
            begin(trace, start, Some(end), state)
        },
        |mut said| {
            let open = said.after.strip_suffix(END).unwrap_or("");
            said.after.truncate(open.len());
            said
        },
    );
    // Only an object that ends can end so: a text would end with a quote.
    let metadata_said = said.is_some() && info.after.ends_with('}');
    if metadata_said {
        info.after.pop();
    }
    let usage = found.usage.map(|usage| usage_json(&usage).text());
    let mut user = None;
    let mut session = None;
    let mut previews = [(REQUEST_PREVIEW, None), (RESPONSE_PREVIEW, None)];
    let mut tags = Vec::new();
    for (key, value) in root.attributes() {
        let Any::Text(text) = value else { continue };
        match key {
            names::SPAN_INPUTS => previews[0].1 = Some(text),
            names::SPAN_OUTPUTS => previews[1].1 = Some(text),
            names::SESSION_ID => session = Some(text),
            names::USER_ID => user = Some(text),
            _ => tags.extend(key.strip_prefix(names::TRACE_TAG_PREFIX).zip(Some(text))),
        }
    }
    let metadata = [
        (names::TRACE_SCHEMA, Some("3")),
        (names::TRACE_TOKEN_USAGE, usage.as_deref()),
        (names::TRACE_SESSION, session.or(found.conversation)),
        (names::TRACE_USER, user),
    ];
    let metadata = metadata.iter();
    let mut metadata = metadata.filter_map(|(key, value)| Some((*key, (*value)?)));
    let before = if metadata_said { "," } else { METADATA };
    map(&mut info.after, before, &mut metadata);
    map(&mut info.after, ",\"tags\":{", &mut tags.into_iter());
    for (key, text) in previews {
        if let Some(text) = text.filter(|_| behind(&info.after, key).is_none()) {
            // As the server cuts it (mlflow/tracing/utils/truncation.py).
            let preview = cut(text, PREVIEW_CHARACTERS, "...");
            member(&mut info.after, key, preview.as_deref().unwrap_or(text));
        }
    }
    info.after.push_str(END);
    info.body(experiment)
}

impl<'a> Found<'a> {
    fn take_in(&mut self, span: WireSpan<'a>) {
        if self.root.is_none() || span.parent.is_empty() {
            self.root = Some(span);
        }
        // Parents come before their children, whose tokens are among those of the parents.
        let mut counted = self.counted.contains(&span.parent);
        for (key, value) in span.attributes() {
            match (key, value) {
                (names::TOKEN_USAGE, Any::Text(text)) if !counted => {
                    let usage = read_usage(text);
                    self.usage = Some(self.usage.map_or(usage, |sum| sum.plus(usage)));
                    counted = true;
                }
                (names::CONVERSATION_ID, Any::Text(id)) => {
                    self.conversation = self.conversation.or(Some(id));
                }
                _ => {}
            }
        }
        if counted {
            self.counted.push(span.id);
        }
    }
}

/// Token counts out of the JSON that [`usage_json`] writes, or a program of its own.
fn read_usage(json: &str) -> TokenUsage {
    let count = |key: &str| {
        let behind = behind(json, key)?;
        let digits = behind.trim_ascii_start().strip_prefix(b":")?;
        read_digits(digits.trim_ascii_start())
    };
    TokenUsage {
        input_tokens: count("\"input_tokens\"").unwrap_or(0),
        output_tokens: count("\"output_tokens\"").unwrap_or(0),
        total_tokens: count("\"total_tokens\"").unwrap_or(0),
        cache_read_input_tokens: count("\"cache_read_input_tokens\""),
        cache_creation_input_tokens: count("\"cache_creation_input_tokens\""),
    }
}

/// What stands behind the first such words. (The standard library's search is quicker, and 2 kB.)
fn behind<'t>(text: &'t str, words: &str) -> Option<&'t [u8]> {
    let (text, words) = (text.as_bytes(), words.as_bytes());
    let found = text.windows(words.len()).position(|some| some == words)?;
    text.get(found + words.len()..)
}
