//! Spans that are too large for a request: their largest values are cut, and all else is kept. Works on encoded spans,
//! so that it serves both protocols, and spans of earlier sessions too.

use std::collections::BinaryHeap;

use super::decode::each_span;
use super::encode::{encode_spans, looks_like_json};
use super::protobuf::{Content, Writer, fields};
use crate::mlflow::names;
use crate::trace::value::write_count;

/// Texts of up to this many bytes are never cut: ids, names of models, token counts.
const SHORTEST_CUT_BYTES: usize = 256;
/// The bytes of the words that take the place of what is cut, at most.
const MARK_BYTES: usize = 40;

/// What is cut of a span.
#[derive(Clone, Copy)]
struct Cut {
    /// Values that would still be longer with all their strings cut are taken out whole: long lists of numbers.
    value_bytes: usize,
    /// Of each text so many bytes are kept; of JSON text, of each string in it.
    text_bytes: usize,
    /// Whether events are taken out.
    drops_events: bool,
}

/// The spans of an `ExportTraceServiceRequest` cut so that the body needs at most about `most_bytes`, the largest
/// values of the largest spans first; `None` if that makes it hardly smaller.
#[must_use]
pub fn cut_body(body: &[u8], most_bytes: usize) -> Option<Vec<u8>> {
    let mut spans = Vec::new();
    each_span(body, &mut |span| spans.push(span));
    let lengths: Vec<usize> = spans.iter().map(|span| span.len()).collect();
    let most = largest_limit(&lengths, 0, 0, most_bytes.saturating_sub(super::encode::ENVELOPE_BYTES));
    let cut: Vec<Vec<u8>> = spans.iter().map(|span| cut_span(span, most)).collect();
    let cut: Vec<&[u8]> = cut.iter().map(Vec::as_slice).collect();
    let cut = encode_spans(&cut);
    (cut.len() < body.len() - body.len() / 16).then_some(cut)
}

/// The limit of each length with which their sum is at most `most`; not below `least`. A length that is cut to the
/// limit gets `mark` longer.
fn largest_limit(lengths: &[usize], mark: usize, least: usize, most: usize) -> usize {
    let mut limit = lengths.iter().copied().max().unwrap_or(0);
    let needed = |limit: usize| -> usize {
        let lengths = lengths.iter();
        lengths.map(|length| if *length > limit + mark { limit + mark } else { *length }).sum()
    };
    while limit > least && needed(limit) > most {
        limit -= limit.div_ceil(8);
    }
    limit.max(least)
}

/// The encoded span with its largest values cut, so that it needs at most `most_bytes` if that can be.
fn cut_span(span: &[u8], most_bytes: usize) -> Vec<u8> {
    if span.len() <= most_bytes {
        return span.to_vec();
    }
    // A quarter is left to texts.
    let value_bytes = value_limit(span, most_bytes - most_bytes / 4);
    let text_bytes = text_limit(span, value_bytes, most_bytes);
    let cut = Cut { value_bytes, text_bytes, drops_events: false };
    let smaller = write_span(span, cut);
    if smaller.len() <= most_bytes {
        return smaller;
    }
    write_span(span, Cut { drops_events: true, ..cut })
}

/// The bytes of the largest value, with its strings cut, that need not be taken out for the span to fit, with all
/// strings cut, into `most_bytes`.
fn value_limit(span: &[u8], most_bytes: usize) -> usize {
    // Sorting would cost 3 kB of the module.
    let (mut least_bytes, mut rests) = (span.len(), BinaryHeap::new());
    each_value(span, &mut |text| {
        let rest = rest_bytes(text);
        least_bytes -= text.len() - rest;
        rests.push(rest);
    });
    let mut limit = usize::MAX;
    while let Some(rest) = rests.pop().filter(|rest| least_bytes > most_bytes && *rest > SHORTEST_CUT_BYTES) {
        least_bytes -= rest - MARK_BYTES;
        limit = rest - 1;
    }
    limit
}

/// The bytes that may be left of each string for the span to fit into `most_bytes`, once larger values than
/// `value_bytes` are taken out.
fn text_limit(span: &[u8], value_bytes: usize, most_bytes: usize) -> usize {
    let (mut others, mut lengths) = (span.len(), Vec::new());
    each_value(span, &mut |text| {
        others -= text.len();
        if rest_bytes(text) <= value_bytes {
            others += text.len();
            each_string(text, &mut |from, to| {
                others -= to - from;
                lengths.push(to - from);
            });
        }
    });
    let budget = most_bytes.saturating_sub(others + SHORTEST_CUT_BYTES);
    largest_limit(&lengths, MARK_BYTES, SHORTEST_CUT_BYTES / 2, budget)
}

/// How many bytes a text has at least, however much of its strings is cut.
fn rest_bytes(text: &str) -> usize {
    let mut rest = text.len();
    each_string(text, &mut |from, to| rest -= (to - from).saturating_sub(SHORTEST_CUT_BYTES));
    rest
}

/// Hands over the texts of a span that may be cut.
fn each_value(span: &[u8], take: &mut dyn FnMut(&str)) {
    for (number, content) in fields(span) {
        match number {
            5 => take(content.text()),
            9 => take(pair_text(content.bytes())),
            11 => {
                for attribute in fields(content.bytes()).each(3) {
                    take(pair_text(attribute));
                }
            }
            15 => {
                for message in fields(content.bytes()).each(2) {
                    take(std::str::from_utf8(message).unwrap_or_default());
                }
            }
            _ => {}
        }
    }
}

/// The value of an attribute if it is text; else nothing.
fn pair_text(pair: &[u8]) -> &str {
    let value = fields(pair).each(2).next().unwrap_or_default();
    let text = fields(value).each(1).next().unwrap_or_default();
    std::str::from_utf8(text).unwrap_or_default()
}

/// Hands over where the strings of JSON text begin and end, without their quotes; of any other text, the whole.
fn each_string(text: &str, take: &mut dyn FnMut(usize, usize)) {
    if !looks_like_json(text) {
        return take(0, text.len());
    }
    let bytes = text.as_bytes();
    let mut from = None;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match (byte, from) {
            (b'"', None) => from = Some(at + 1),
            (b'"', Some(start)) => {
                take(start, at);
                from = None;
            }
            (b'\\', Some(_)) => at += 1,
            _ => {}
        }
        at += 1;
    }
}

/// Writes a span with what is cut of it, and how many bytes those were.
fn write_span(span: &[u8], cut: Cut) -> Vec<u8> {
    let mut writer = Writer::default();
    let mut cut_bytes = 0;
    for (number, content) in fields(span) {
        match (number, content) {
            (5, _) => writer.text(5, &cut_text(content.text(), cut, &mut cut_bytes)),
            (9, Content::Bytes(pair)) => match cut_bytes_before(pair) {
                Some(before) => cut_bytes += before,
                None => write_pair(&mut writer, 9, pair, cut, &mut cut_bytes),
            },
            (11, Content::Bytes(event)) if cut.drops_events => cut_bytes += event.len(),
            (11, Content::Bytes(event)) => writer.message_with_capacity(11, event.len(), |writer| {
                for (number, content) in fields(event) {
                    match (number, content) {
                        (3, Content::Bytes(pair)) => write_pair(writer, 3, pair, cut, &mut cut_bytes),
                        _ => copy(writer, number, content),
                    }
                }
            }),
            (15, Content::Bytes(status)) => writer.message(15, |writer| {
                for (number, content) in fields(status) {
                    match number {
                        2 => writer.text(2, &cut_text(content.text(), cut, &mut cut_bytes)),
                        _ => copy(writer, number, content),
                    }
                }
            }),
            _ => copy(&mut writer, number, content),
        }
    }
    if cut_bytes > 0 {
        writer.message(9, |pair| {
            pair.text(1, names::CUT_BYTES);
            pair.message(2, |value| value.number(3, cut_bytes as u64));
        });
    }
    writer.finish()
}

/// A field as it is. Numbers of a span are of eight bytes, but for the enumerations.
fn copy(writer: &mut Writer, number: u64, content: Content<'_>) {
    match content {
        Content::Bytes(bytes) => writer.bytes(number, bytes),
        Content::Number(value) if matches!(number, 1 | 7 | 8) => writer.fixed64(number, value),
        Content::Number(value) => writer.number(number, value),
    }
}

/// The count of an earlier cut, if the attribute is that.
fn cut_bytes_before(pair: &[u8]) -> Option<usize> {
    let key = fields(pair).each(1).next()?;
    if key != names::CUT_BYTES.as_bytes() {
        return None;
    }
    let value = fields(pair).each(2).next()?;
    fields(value).next().map(|(_, content)| content.number() as usize)
}

fn write_pair(writer: &mut Writer, field: u64, pair: &[u8], cut: Cut, cut_bytes: &mut usize) {
    let text = pair_text(pair);
    let shorter = cut_text(text, cut, cut_bytes);
    if shorter.len() == text.len() {
        return writer.bytes(field, pair);
    }
    let key = fields(pair).each(1).next().unwrap_or_default();
    writer.message_with_capacity(field, shorter.len() + key.len(), |writer| {
        writer.bytes(1, key);
        writer.message_with_capacity(2, shorter.len(), |value| value.text(1, &shorter));
    });
}

/// The text with its long strings cut, or with words in its place that say how much there was.
fn cut_text(text: &str, cut: Cut, cut_bytes: &mut usize) -> String {
    let mut shorter = String::new();
    if rest_bytes(text) > cut.value_bytes {
        *cut_bytes += text.len();
        write_mark(text.len(), &mut shorter);
        return shorter;
    }
    let mut from = 0;
    each_string(text, &mut |start, end| {
        if (end - start).saturating_sub(MARK_BYTES) > cut.text_bytes {
            let kept = boundary(text, start, cut.text_bytes);
            shorter.push_str(text.get(from..kept).unwrap_or_default());
            write_mark(end - kept, &mut shorter);
            *cut_bytes += end - kept;
            from = end;
        }
    });
    shorter.push_str(text.get(from..).unwrap_or_default());
    shorter
}

/// Where a string that begins at `start` may end after at most `most` bytes: neither within a character nor within an
/// escape of JSON.
fn boundary(text: &str, start: usize, most: usize) -> usize {
    let bytes = text.as_bytes();
    let (mut kept, mut next) = (start, start);
    while next <= start + most {
        kept = next;
        next += match (bytes.get(next), bytes.get(next + 1)) {
            (Some(b'\\'), Some(b'u')) => 6,
            (Some(b'\\'), _) => 2,
            _ => 1,
        };
    }
    while !text.is_char_boundary(kept) {
        kept -= 1;
    }
    kept
}

fn write_mark(bytes: usize, out: &mut String) {
    out.push_str("… [");
    write_count(bytes as u64, out);
    out.push_str(" bytes cut]");
}
