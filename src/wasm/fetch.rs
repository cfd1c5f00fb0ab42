//! Performs a request with the host's `fetch` and turns what comes back into an [`Answer`]. The only
//! file that knows what a response looks like.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Response};

use crate::mlflow::otlp_answer::partial_success;
use crate::mlflow::{Answer, AnswerBody, Request};
use crate::trace::value::read_digits;

/// Sends `request` by calling `send(url, init)` at once, which must return a promise of a `Response`.
///
/// # Errors
/// Whatever the call throws; [`answer`] makes an answer of it.
pub fn begin(request: &Request, send: &js_sys::Function) -> Result<js_sys::Promise, JsValue> {
    let init = RequestInit::new();
    init.set_method(request.method);
    let headers = js_sys::Object::new();
    for (name, value) in &request.headers {
        js_sys::Reflect::set(
            &headers,
            &JsValue::from_str(name),
            &JsValue::from_str(value),
        )?;
    }
    init.set_headers(&headers);
    if !request.body.is_empty() {
        init.set_body(&js_sys::Uint8Array::from(request.body.as_slice()));
    }
    let promise = send.call2(&JsValue::UNDEFINED, &JsValue::from_str(&request.url), &init)?;
    Ok(js_sys::Promise::resolve(&promise))
}

/// The answer to what was begun. No answer at all (network, CORS, timeout, an exception) is status 0.
pub async fn answer(url: &str, begun: Result<js_sys::Promise, JsValue>) -> Answer {
    match try_answer(begun).await {
        Ok(answer) => answer,
        Err(error) => Answer {
            may_be_blocked: is_of_another_origin(url),
            body: AnswerBody {
                message: message_of(&error),
                ..AnswerBody::default()
            },
            ..Answer::default()
        },
    }
}

async fn try_answer(begun: Result<js_sys::Promise, JsValue>) -> Result<Answer, JsValue> {
    let response: Response = JsFuture::from(begun?).await?.unchecked_into();
    let headers = response.headers();
    let header = |name: &str| headers.get(name).ok().flatten();
    let kind = header("content-type").unwrap_or_default();
    let kind = kind.trim_start().to_ascii_lowercase();
    let is_page = kind.starts_with("text/html") || kind.starts_with("application/xhtml");
    let may_be_anything = kind.is_empty() || kind.starts_with("text/plain");
    let is_protobuf = kind.contains("protobuf");
    // Read to the end even where nobody looks: browsers count an unread body against the page's
    // keepalive quota, and Workers hold the connection.
    let body = JsFuture::from(response.array_buffer()?).await.ok();
    let body = body.map(|body| js_sys::Uint8Array::new(&body));
    let is_empty = body.as_ref().is_none_or(|body| body.length() == 0);
    let body = body.and_then(|body| read_body(&body, is_protobuf));
    let is_nonsense = body.is_none() && !is_empty && !may_be_anything;
    let body = body.unwrap_or_default();
    Ok(Answer {
        status: response.status(),
        retry_after_ms: header("retry-after").and_then(|text| retry_after_ms(&text)),
        // MLflow calls the number of its version a page.
        is_page: is_nonsense || (is_page && body.version.is_none()),
        redirected: text_field(&response, "type").as_deref() == Some("opaqueredirect"),
        body,
        ..Answer::default()
    })
}

/// The header `Retry-After` (RFC 9110, 10.2.3): seconds, or a date.
fn retry_after_ms(text: &str) -> Option<u64> {
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(read_digits(text.as_bytes())?.saturating_mul(1000));
    }
    let wait = js_sys::Date::parse(text) - js_sys::Date::now();
    // Casts stop at 0; what is no date is NaN.
    (!wait.is_nan()).then_some(wait as u64)
}

/// Whether a browser has a say in requests from here to there: pages and their workers have a place.
fn is_of_another_origin(url: &str) -> bool {
    let place = field(&js_sys::global(), "location").unwrap_or(JsValue::UNDEFINED);
    let origin = text_field(&place, "origin");
    origin.is_some_and(|origin| !url.starts_with(&origin))
}

/// Longer answers are none of those that are waited for.
const MAX_BODY_BYTES: u32 = 1 << 20;

/// The few fields the core asks about; `None` if the body is neither JSON nor OTLP's nor a version.
fn read_body(bytes: &js_sys::Uint8Array, is_protobuf: bool) -> Option<AnswerBody> {
    if bytes.length() > MAX_BODY_BYTES {
        return None;
    }
    let bytes = bytes.to_vec();
    let text = std::str::from_utf8(&bytes).unwrap_or_default().trim();
    let Ok(body) = js_sys::JSON::parse(text) else {
        if is_protobuf {
            return Some(partial_success(&bytes));
        }
        return is_version(text).then(|| AnswerBody {
            version: Some(text.to_owned()),
            ..AnswerBody::default()
        });
    };
    let inside = |value: &JsValue, name: &str| field(value, name).unwrap_or(JsValue::UNDEFINED);
    let experiment = inside(&body, "experiment");
    let tags = inside(&inside(&inside(&body, "trace"), "trace_info"), "tags");
    let partial = inside(&body, "partialSuccess");
    // 64-bit numbers are text in protobuf's JSON.
    let rejected =
        text_field(&partial, "rejectedSpans").and_then(|digits| read_digits(digits.as_bytes()));
    Some(AnswerBody {
        // `create` answers with the id alone, `get` and `get-by-name` with the whole experiment.
        experiment_id: text_field(&experiment, "experiment_id")
            .or_else(|| text_field(&body, "experiment_id")),
        experiment_name: text_field(&experiment, "name"),
        lifecycle_stage: text_field(&experiment, "lifecycle_stage"),
        error_code: text_field(&body, "error_code"),
        message: text_field(&body, "message")
            .or_else(|| text_field(&body, "detail"))
            .or_else(|| text_field(&partial, "errorMessage")),
        artifact_location: text_field(&tags, "mlflow.artifactLocation"),
        store_type: text_field(&body, "store_type"),
        workspaces_enabled: field(&body, "workspaces_enabled").and_then(|value| value.as_bool()),
        version: None,
        rejected_spans: rejected.unwrap_or(0),
    })
}

fn is_version(text: &str) -> bool {
    text.len() < 40 && text.starts_with(|first: char| first.is_ascii_digit())
}

fn field(value: &JsValue, name: &str) -> Option<JsValue> {
    value
        .is_object()
        .then(|| js_sys::Reflect::get(value, &JsValue::from_str(name)).ok())
        .flatten()
}

fn text_field(value: &JsValue, name: &str) -> Option<String> {
    field(value, name)?.as_string()
}

fn message_of(error: &JsValue) -> Option<String> {
    error.as_string().or_else(|| text_field(error, "message"))
}
