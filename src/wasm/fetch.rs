//! Performs a request with the host's `fetch` and turns what comes back into an [`Answer`]. The only
//! file that knows what a response looks like.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Response};

use crate::mlflow::{Answer, AnswerBody, Request};

/// Sends `request` by calling `send(url, init)`, which must return a promise of a `Response`.
/// No answer at all (network, CORS, timeout, an exception) is status 0.
pub async fn perform(request: &Request, send: &js_sys::Function) -> Answer {
    match try_perform(request, send).await {
        Ok(answer) => answer,
        Err(error) => Answer {
            status: 0,
            retry_after_ms: None,
            body: AnswerBody {
                message: message_of(&error),
                ..AnswerBody::default()
            },
        },
    }
}

async fn try_perform(request: &Request, send: &js_sys::Function) -> Result<Answer, JsValue> {
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
    let response: Response = JsFuture::from(js_sys::Promise::resolve(&promise))
        .await?
        .unchecked_into();
    let status = response.status();
    let retry_after = response.headers().get("retry-after").ok().flatten();
    // Read to the end even where nobody looks: browsers count an unread body against the page's
    // keepalive quota, and Workers hold the connection.
    let text = JsFuture::from(response.text()?)
        .await
        .ok()
        .and_then(|text| text.as_string());
    Ok(Answer {
        status,
        retry_after_ms: retry_after
            .and_then(|seconds| seconds.trim().parse::<u32>().ok())
            .map(|seconds| u64::from(seconds) * 1000),
        body: text.as_deref().map(read_body).unwrap_or_default(),
    })
}

/// The few fields the core asks about; anything that is not such JSON has none of them.
fn read_body(text: &str) -> AnswerBody {
    let Ok(body) = js_sys::JSON::parse(text) else {
        return AnswerBody::default();
    };
    let experiment = field(&body, "experiment").unwrap_or(JsValue::UNDEFINED);
    AnswerBody {
        // `create` answers with the id alone, `get` and `get-by-name` with the whole experiment.
        experiment_id: text_field(&experiment, "experiment_id")
            .or_else(|| text_field(&body, "experiment_id")),
        experiment_name: text_field(&experiment, "name"),
        lifecycle_stage: text_field(&experiment, "lifecycle_stage"),
        error_code: text_field(&body, "error_code"),
        message: text_field(&body, "message").or_else(|| text_field(&body, "detail")),
    }
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
