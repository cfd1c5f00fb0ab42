//! What came back: status, `Retry-After` and a bounded body, read into the few fields that the core looks at.

use js_sys::{Array, Date, JSON, JsString, Object, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::host::{call, property, text_property};
use crate::mlflow::{JsonFields, Response, ResponseBody};
use crate::trace::text::has_text;
use crate::trace::value::read_digits;

/// More than any response about spans or an experiment.
const LIMIT_BYTES: usize = 1 << 20;
/// How much of a text that is no JSON the core gets: it may be a version, or quoted.
const TEXT_CHARACTERS: usize = 300;
/// Shorter texts are no secrets, and taking them out would make any message unreadable.
const SHORTEST_SECRET: u32 = 4;
/// Where the info of a trace names its experiment.
const TRACE_EXPERIMENT: [&str; 5] = ["trace", "trace_info", "trace_location", "mlflow_experiment", "experiment_id"];
const CONCEALED: &str = "***";

/// The response, if it looks like one: a `fetch` of the program may give anything.
pub fn checked(response: JsValue) -> Result<web_sys::Response, JsValue> {
    let has_status = property(&response, "status").as_f64().is_some();
    let headers = property(&response, "headers");
    if has_status && property(&headers, "get").is_function() {
        return Ok(response.unchecked_into());
    }
    Err(JsError::new("the function given as `fetch` gave no Response").into())
}

/// The value of a header.
pub fn header(response: &web_sys::Response, name: &str) -> Option<String> {
    let headers = property(response, "headers");
    call(&headers, "get", &name.into()).ok()?.as_string()
}

/// Leaves the body unread. Not waited for: a server that goes on sending need not be polite about being stopped.
pub fn discard(response: &web_sys::Response) {
    call_without_waiting(&property(response, "body"), "cancel");
}

fn call_without_waiting(object: &JsValue, method: &str) {
    if let Ok(promise) = call(object, method, &JsValue::UNDEFINED) {
        wasm_bindgen_futures::spawn_local(async move {
            // No other code would handle a rejection.
            let _ = JsFuture::from(js_sys::Promise::resolve(&promise)).await;
        });
    }
}

/// Reads a response for the core.
pub async fn read(response: &web_sys::Response, secrets: &Array) -> Result<Response, JsValue> {
    let content_type = header(response, "content-type").unwrap_or_default();
    let content_type = content_type.trim_ascii_start().to_ascii_lowercase();
    let bytes = read_bytes(response).await?;
    Ok(Response {
        status: response.status(),
        retry_after_ms: header(response, "retry-after").and_then(|text| retry_after_ms(&text)),
        body: body(&content_type, bytes, secrets),
        ..Response::default()
    })
}

fn body(content_type: &str, bytes: Vec<u8>, secrets: &Array) -> ResponseBody {
    let is_html = ["text/html", "application/xhtml"].iter().any(|kind| content_type.starts_with(kind));
    if has_text(content_type, "protobuf") && !is_html {
        return ResponseBody::Protobuf(concealed_bytes(bytes, secrets));
    }
    if bytes.is_empty() && !is_html && !content_type.starts_with("text/") {
        return ResponseBody::Empty;
    }
    let text = String::from_utf8(bytes).unwrap_or_default();
    let trimmed = text.trim_ascii();
    // Other JSON than an object has none of the fields.
    if trimmed.as_bytes().first() == Some(&b'{')
        && !is_html
        && let Ok(parsed) = JSON::parse(trimmed)
    {
        return ResponseBody::Json(fields(&parsed, has_text(content_type, "json"), secrets));
    }
    // A secret that is cut would not be found.
    let text = shown(trimmed.to_owned(), secrets);
    ResponseBody::Text { text: text.chars().take(TEXT_CHARACTERS).collect(), is_html }
}

fn fields(body: &JsValue, is_json: bool, secrets: &Array) -> JsonFields {
    let text = |paths: &[&[&str]]| paths.iter().find_map(|path| at(body, path).as_string());
    let listed = at(body, &["experiments", "0"]);
    let experiment = if listed.is_object() { listed } else { property(body, "experiment") };
    let message = text(&[&["message"], &["detail"], &["partialSuccess", "errorMessage"]]);
    let keys = Object::keys(body.unchecked_ref::<Object>());
    let rejected = at(body, &["partialSuccess", "rejectedSpans"]);
    let rejected_spans = count(&rejected);
    JsonFields {
        // `create` answers with the id alone, `get` and `get-by-name` with the whole experiment, `search` with a list.
        experiment_id: text(&[&["experiment_id"], &TRACE_EXPERIMENT])
            .or_else(|| text_property(&experiment, "experiment_id")),
        experiment_name: text_property(&experiment, "name"),
        lifecycle_stage: text_property(&experiment, "lifecycle_stage"),
        error_code: text(&[&["error_code"]]),
        message: message.map(|message| shown(message, secrets)),
        artifact_location: text(&[&["trace", "trace_info", "tags", "mlflow.artifactLocation"]]),
        store_type: text(&[&["store_type"]]),
        workspaces_enabled: at(body, &["workspaces_enabled"]).as_bool(),
        rejected_spans,
        is_empty: is_json && keys.length() == 0,
        is_otlp: is_json
            && keys.iter().all(|key| key == "partialSuccess")
            && is_partial_success(&at(body, &["partialSuccess"]))
            && (rejected_spans.is_some() || is_missing(&rejected)),
        has_trace_info: at(body, &["trace", "trace_info", "trace_id"]).is_string(),
    }
}

/// Whether it is an object, or missing: an array or a scalar is no message of protobuf's.
fn is_partial_success(value: &JsValue) -> bool {
    is_missing(value) || value.is_object() && !Array::is_array(value)
}

fn is_missing(value: &JsValue) -> bool {
    value.is_undefined() || value.is_null()
}

/// The value that the names lead to, one within the other.
#[inline(never)]
fn at(body: &JsValue, path: &[&str]) -> JsValue {
    path.iter().fold(body.clone(), |value, name| property(&value, name))
}

/// 64-bit numbers are text in protobuf's JSON. Below 0 they say nothing.
fn count(value: &JsValue) -> Option<u64> {
    let number = value.as_f64().map(|number| number as u64);
    number.or_else(|| read_digits(value.as_string()?.as_bytes()))
}

/// The header `Retry-After` (RFC 9110, 10.2.3): seconds, or a date; `None` for anything else.
fn retry_after_ms(text: &str) -> Option<u64> {
    let text = text.trim_ascii();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(u64::from(seconds) * 1000);
    }
    let date_ms = Date::parse(text);
    (!date_ms.is_nan()).then(|| (date_ms - Date::now()).max(0.0) as u64)
}

/// The body; what goes beyond `LIMIT_BYTES` is left unread.
async fn read_bytes(response: &web_sys::Response) -> Result<Vec<u8>, JsValue> {
    let body = property(response, "body");
    let mut bytes = Vec::new();
    // Some hosts give responses without a stream; `null` means that there is no body.
    if body.is_undefined() {
        let buffer = promised(response, "arrayBuffer")?.await?;
        bytes = Uint8Array::new(&buffer).to_vec();
    } else if body.is_object() {
        let reader = call(&body, "getReader", &JsValue::UNDEFINED)?;
        while bytes.len() < LIMIT_BYTES {
            let read = promised(&reader, "read")?.await?;
            if property(&read, "done").as_bool() != Some(false) {
                break;
            }
            bytes.extend_from_slice(&Uint8Array::new(&property(&read, "value")).to_vec());
        }
        call_without_waiting(&reader, "cancel");
    }
    bytes.truncate(LIMIT_BYTES);
    Ok(bytes)
}

/// What a method promises.
fn promised(object: &JsValue, method: &str) -> Result<JsFuture, JsValue> {
    let promise: js_sys::Promise = call(object, method, &JsValue::UNDEFINED)?.unchecked_into();
    Ok(promise.into())
}

/// What an error says of itself, and of its cause: Node says "fetch failed" and why in the cause.
pub fn reason(error: &JsValue) -> String {
    let own = message(error).or_else(|| error.as_string());
    let mut own = own.unwrap_or_else(|| String::from("unknown error"));
    if let Some(cause) = message(&property(error, "cause")) {
        own.push_str(" (");
        own.push_str(&cause);
        own.push(')');
    }
    own
}

fn message(error: &JsValue) -> Option<String> {
    text_property(error, "message").filter(|message| !message.is_empty()).or_else(|| text_property(error, "code"))
}

/// `text` as it may be shown: without secrets, with control characters as escapes.
pub fn shown(text: String, secrets: &Array) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in String::from(conceal(text.into(), secrets)).chars() {
        if character.is_ascii_control() && character != '\n' {
            shown.push_str("\\x");
            for digit in [character as u32 >> 4, character as u32 & 15] {
                shown.extend(char::from_digit(digit, 16));
            }
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Overwrites each of `secrets` in the texts of a protobuf message, whose lengths must stay.
fn concealed_bytes(mut bytes: Vec<u8>, secrets: &Array) -> Vec<u8> {
    for secret in secrets.iter() {
        let secret = secret.as_string().unwrap_or_default();
        let length = secret.len();
        if length < SHORTEST_SECRET as usize {
            continue;
        }
        for start in 0..bytes.len().saturating_sub(length - 1) {
            if bytes[start..].starts_with(secret.as_bytes()) {
                bytes[start..start + length].fill(b'*');
            }
        }
    }
    bytes
}

/// Takes out each of `secrets`, of which the longest is the first. The engine searches: searching texts for texts
/// takes 3 kB of the module.
#[wasm_bindgen]
pub fn conceal(mut text: JsString, secrets: &Array) -> JsString {
    for secret in secrets.iter() {
        let secret: JsString = secret.unchecked_into();
        if secret.length() >= SHORTEST_SECRET {
            text = text.split(&String::from(secret)).join(CONCEALED);
        }
    }
    text
}
