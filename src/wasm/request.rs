//! One HTTP request: `fetch` with a deadline, redirects followed to the same host only, and nothing secret
//! in what is said of its failure.

use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestInit, RequestRedirect};

use super::exporter::ExporterHost;
use super::host::{is_cross_origin, property};
use super::response;
use super::timer::{Signal, either};
use crate::mlflow::redirect::{Redirect, redirect};
use crate::mlflow::{Request, Response};
use crate::trace::value::write_count;

/// 303 is not among them: it says that the response lies elsewhere, not that the request should go there.
const REDIRECTS: [u16; 4] = [301, 302, 307, 308];
const MAX_REDIRECTS: usize = 5;
/// What a page is told of a redirect that it asked to see: nothing, not even the status.
const OPAQUE_REDIRECT: &str = "opaqueredirect";

/// A request that has been handed to `fetch`.
pub struct Call {
    host: ExporterHost,
    url: String,
    /// What `fetch` gets; the host adds credentials, compression and the like (src/js/export/send-request.ts).
    init: RequestInit,
    controller: Option<AbortController>,
    sent: Result<Promise, JsValue>,
    /// Ends the wait even if the `fetch` of the program knows no signals.
    end_wait: Signal,
}

impl Call {
    /// Hands a request of the core to `fetch` before this returns. `is_unload`: it is to outlive its page.
    pub fn start(host: &ExporterHost, request: &Request, is_unload: bool) -> Self {
        let init = RequestInit::new();
        let headers = Object::new();
        for (name, value) in &request.headers {
            set(&headers, name, value);
        }
        init.set_method(request.method);
        init.set_headers(&headers);
        if !request.body.is_empty() {
            init.set_body(&Uint8Array::from(&request.body[..]));
        }
        // `fetch` by itself turns a POST into a GET at 301 and 302, which loses the spans, and takes every header but
        // `Authorization` along to other servers.
        init.set_redirect(RequestRedirect::Manual);
        // A host without AbortController has no fetch either, but a program may bring its own.
        let controller = AbortController::new().ok();
        if let Some(controller) = &controller {
            init.set_signal(Some(&controller.signal()));
        }
        set(&init, "trackingUri", &*request.tracking_uri);
        set(&init, "isUnload", is_unload);
        set(&init, "secrets", Array::new());
        Self {
            sent: host.send(&request.url, &init),
            host: host.clone(),
            url: request.url.clone(),
            init,
            controller,
            end_wait: Signal::default(),
        }
    }

    /// Breaks the request off when it is sent.
    pub fn end_wait(&self) -> Signal {
        self.end_wait.clone()
    }

    /// What the core needs to know of the response, or of why there is none.
    pub async fn response(mut self) -> Response {
        let timeout_ms = self.host.timeout_ms();
        let mut reason = String::from("there was no whole response within ");
        write_count(timeout_ms as u64, &mut reason);
        reason.push_str(" ms");
        let end_wait = self.end_wait.clone();
        let controller = self.controller.clone();
        let _timer = end_wait.send_after(timeout_ms, reason);
        let ended = async {
            let error = JsValue::from(js_sys::Error::new(&end_wait.sent().await));
            if let Some(controller) = &controller {
                controller.abort_with_reason(&error);
            }
            Err(error)
        };
        let received = either(self.receive(), ended).await;
        received.unwrap_or_else(|error| Response {
            error: Some(response::shown(response::reason(&error), &self.secrets())),
            may_be_blocked: is_cross_origin(&self.url),
            ..Response::default()
        })
    }

    async fn receive(&mut self) -> Result<Response, JsValue> {
        let mut origin = None;
        for _ in 0..MAX_REDIRECTS {
            let response = JsFuture::from(self.sent.clone()?).await?;
            let response = response::checked(response)?;
            let is_opaque = property(&response, "type") == OPAQUE_REDIRECT;
            if !is_opaque && !REDIRECTS.contains(&response.status()) {
                return response::read(&response, &self.secrets()).await;
            }
            response::discard(&response);
            let Some(location) = response::header(&response, "location") else {
                break;
            };
            match redirect(&self.url, &location) {
                Redirect::Follow(url) => {
                    self.sent = self.host.send(&url, &self.init);
                    self.url = url;
                }
                Redirect::Refuse { origin: elsewhere } => {
                    origin = Some(elsewhere);
                    break;
                }
            }
        }
        Ok(Response {
            status: REDIRECTS[0],
            redirect_origin: origin,
            ..Response::default()
        })
    }

    /// What the host has put into the request that must not be shown.
    fn secrets(&self) -> Array {
        Array::from(&property(&self.init, "secrets"))
    }
}

/// A plain object takes every property.
fn set(object: &Object, name: &str, value: impl Into<JsValue>) {
    let _ = Reflect::set(object, &name.into(), &value.into());
}

/// Where a redirect of a response from `from` leads; `undefined` if that is another host.
#[wasm_bindgen(js_name = redirectTarget)]
pub fn redirect_target(from: &str, location: &str) -> Option<String> {
    match redirect(from, location) {
        Redirect::Follow(url) => Some(url),
        Redirect::Refuse { .. } => None,
    }
}
