//! The info of a trace for a server that derives nothing from spans: one without an OTLP endpoint, or
//! whose endpoint cannot be used. What MLflow reads off spans that came by OTLP is read off the encoded
//! spans here (mlflow/store/tracking/sqlalchemy_store.py, `_log_spans_once`).

use std::rc::Rc;

use super::trace_info::{TraceInfo, TraceState};
use crate::mlflow::attributes::usage_json;
use crate::mlflow::names;
use crate::mlflow::otlp::decode::{Any, DecodedSpan, each_span};
use crate::trace::limits::{PREVIEW_CHARACTERS, truncate};
use crate::trace::value::read_digits;
use crate::trace::{TokenUsage, UnixNanos};

/// What is found on the spans.
#[derive(Debug, Default)]
struct Found<'a> {
    root: Option<DecodedSpan<'a>>,
    usage: Option<TokenUsage>,
    /// Spans whose tokens are counted above them, or on them.
    counted: Vec<&'a [u8]>,
    conversation: Option<&'a str>,
}

impl TraceInfo {
    /// All that is known of a trace whose spans are in these OTLP bodies; `beyond_spans` is what they do
    /// not carry.
    #[must_use]
    pub fn with_spans(beyond_spans: Option<Self>, bodies: &[&[u8]]) -> Self {
        let mut found = Found::default();
        for body in bodies {
            each_span(body, &mut |encoded| {
                found.take_in(DecodedSpan::read(encoded));
            });
        }
        let root = found.root.unwrap_or_default();
        let mut info = beyond_spans.unwrap_or_else(|| of_root(&root));
        let usage = found.usage.map(|usage| usage_json(&usage).text());
        let (mut session, mut user) = (None, None);
        for (key, value) in root.attributes() {
            let Any::Text(text) = value else { continue };
            match key {
                names::SPAN_INPUTS => preview(&mut info.request_preview, text),
                names::SPAN_OUTPUTS => preview(&mut info.response_preview, text),
                names::SESSION_ID => session = Some(text),
                names::USER_ID => user = Some(text),
                _ => {
                    let tag = key.strip_prefix(names::TRACE_TAG_PREFIX);
                    info.tags.extend(tag.map(|tag| (tag.into(), text.into())));
                }
            }
        }
        info.add_metadata(names::TRACE_SCHEMA, Some("3"));
        info.add_metadata(names::TRACE_TOKEN_USAGE, usage.as_deref());
        info.add_metadata(names::TRACE_SESSION, session.or(found.conversation));
        info.add_metadata(names::TRACE_USER, user);
        info
    }
}

fn of_root(root: &DecodedSpan<'_>) -> TraceInfo {
    let start = UnixNanos(root.start_ns);
    TraceInfo {
        start,
        duration_ns: UnixNanos(root.end_ns).nanos_since(start),
        state: match root.status {
            // The program ended before the trace did.
            _ if root.id.is_empty() || !root.parent.is_empty() => TraceState::InProgress,
            2 => TraceState::Error,
            _ => TraceState::Ok,
        },
        ..TraceInfo::default()
    }
}

/// As the server cuts it (mlflow/tracing/utils/truncation.py), unless the program gave a preview.
fn preview(known: &mut Option<Rc<str>>, text: &str) {
    if known.is_none() {
        let short = truncate(text, PREVIEW_CHARACTERS, "...");
        *known = Some(short.as_deref().unwrap_or(text).into());
    }
}

impl<'a> Found<'a> {
    fn take_in(&mut self, span: DecodedSpan<'a>) {
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
        cache_creation_input_tokens_above_1h: count("\"cache_creation_input_tokens_above_1hr\""),
    }
}

/// What stands behind the first such words. (The standard library's search is quicker, and 2 kB.)
fn behind<'t>(text: &'t str, words: &str) -> Option<&'t [u8]> {
    let (text, words) = (text.as_bytes(), words.as_bytes());
    let found = text.windows(words.len()).position(|some| some == words)?;
    text.get(found + words.len()..)
}
