//! One HTTP request: `fetch` with a deadline, redirects followed to the same host only, and nothing secret
//! in the message about its failure.

use js_sys::{Array, Function, Object, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestInit};

use super::exporter_host::ExporterHost;
use super::host::{call, is_cross_origin, now, property, set, text_property};
use super::response;
use super::timer::{Deferred, Timer, either};
use crate::mlflow::redirect::{Redirect, redirect};
use crate::mlflow::response::TIMED_OUT;
use crate::mlflow::{Request, Response};
use crate::trace::MonotonicNanos;
use crate::trace::value::write_count;

/// 303 is not among them: it says that the response lies elsewhere, not that the request should go there.
const REDIRECTS: [u16; 4] = [301, 302, 307, 308];
const MAX_REDIRECTS: usize = 5;
/// The longest time in milliseconds that a request gets because the server is slow.
const LONGEST_TIMEOUT_MS: u64 = 60_000;
const NANOS_PER_MILLI: u64 = 1_000_000;
/// The response that a page gets for a redirect that it asked to see: not even the status is known.
const OPAQUE_REDIRECT: &str = "opaqueredirect";

/// A request that has been handed to `fetch`.
pub struct Call {
    host: &'static ExporterHost,
    url: String,
    /// What `fetch` gets; the host adds credentials, compression and the like (src/js/export/send-request.ts).
    init: RequestInit,
    /// What the host puts into the request that must not be shown.
    secrets: Array,
    controller: Option<AbortController>,
    /// When it was handed to `fetch`, and how long it may take.
    started: MonotonicNanos,
    timeout_ms: u64,
    sent: Result<Promise, JsValue>,
    /// Ends the wait even if the `fetch` of the program knows no signals: for a reason, or else because time is up.
    end_wait: Deferred,
}

impl Call {
    /// Hands a request of the core to `fetch` before this returns. `is_unload`: it is to outlive its page.
    pub fn start(host: &'static ExporterHost, request: &Request, is_unload: bool) -> Self {
        let init = RequestInit::new();
        let headers = Object::new();
        for (name, value) in &request.headers {
            set(&headers, name, &(&**value).into());
        }
        set(&init, "method", &request.method.into());
        set(&init, "headers", &headers);
        if !request.body.is_empty() {
            set(&init, "body", &Uint8Array::from(&request.body[..]));
        }
        // `fetch` by itself turns a POST into a GET at 301 and 302, which loses the spans, and takes every header but
        // `Authorization` along to other servers.
        set(&init, "redirect", &"manual".into());
        // A host without AbortController has no fetch either, but a program may bring its own.
        let controller = AbortController::new().ok();
        if let Some(controller) = &controller {
            set(&init, "signal", &property(controller, "signal"));
        }
        set(&init, "trackingUri", &(&*request.tracking_uri).into());
        set(&init, "isUnload", &is_unload.into());
        let secrets = Array::new();
        set(&init, "secrets", &secrets);
        Self {
            sent: host.send(&request.url, &init),
            host,
            url: request.url.clone(),
            init,
            secrets,
            controller,
            started: now(),
            timeout_ms: timeout_ms(host, request),
            end_wait: Deferred::new(),
        }
    }

    /// Breaks the request off when it is sent.
    pub fn end_wait(&self) -> Function {
        self.end_wait.resolve.clone()
    }

    /// When it times out.
    pub fn deadline(&self) -> MonotonicNanos {
        self.started.plus_millis(self.timeout_ms)
    }

    /// What the core needs to know of the response, or of why there is none.
    pub async fn response(mut self) -> Response {
        let (started, timeout_ms) = (self.started, self.timeout_ms);
        let controller = self.controller.clone();
        // Its socket keeps a process alive, for as long as the program waits for it (src/js/export/process-end.ts).
        let _timer = Timer::start(&self.end_wait.resolve, timeout_ms as f64, false);
        let ended = JsFuture::from(self.end_wait.promise.clone());
        let mut is_timeout = false;
        let ended = async {
            let reason = ended.await.unwrap_or_default().as_string();
            let reason = reason.unwrap_or_else(|| {
                is_timeout = true;
                let mut reason = String::from("there was no whole response within ");
                write_count(timeout_ms, &mut reason);
                reason.push_str(" ms");
                reason
            });
            let error = JsValue::from(JsError::new(&reason));
            if let Some(controller) = &controller {
                let _ = call(controller, "abort", &error);
            }
            Err(error)
        };
        let received = either(self.receive(), ended).await;
        let mut response = received.unwrap_or_else(|error| Response {
            error: Some(response::shown(response::reason(&error), &self.secrets)),
            may_be_blocked: is_cross_origin(&self.url),
            ..Response::default()
        });
        let used_ms = now().nanos_since(started) / NANOS_PER_MILLI;
        let used = used_ms * u64::from(TIMED_OUT) / timeout_ms.max(1);
        response.time_used = if is_timeout { TIMED_OUT } else { used.min(u64::from(TIMED_OUT) - 1) as u8 };
        response
    }

    async fn receive(&mut self) -> Result<Response, JsValue> {
        let mut origin = None;
        for _ in 0..MAX_REDIRECTS {
            let response = JsFuture::from(self.sent.clone()?).await?;
            let response = response::checked(response)?;
            // A `fetch` of the program may have followed one all the same.
            if property(&response, "redirected").as_bool() == Some(true)
                && let Some(url) = text_property(&response, "url")
                && let Redirect::Refuse { origin: elsewhere } = redirect(&self.url, &url)
            {
                response::discard(&response);
                origin = Some(elsewhere);
                break;
            }
            let is_opaque = property(&response, "type") == OPAQUE_REDIRECT;
            if !is_opaque && !REDIRECTS.contains(&response.status()) {
                return response::read(&response, &self.secrets).await;
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
        Ok(Response { status: REDIRECTS[0], redirect_origin: origin, ..Response::default() })
    }
}

/// How long a request may take, in milliseconds: what the program allows, or up to a minute for a slow server.
fn timeout_ms(host: &ExporterHost, request: &Request) -> u64 {
    let allowed = host.timeout_ms() as u64;
    if allowed < LONGEST_TIMEOUT_MS { (allowed << request.timeout_doublings).min(LONGEST_TIMEOUT_MS) } else { allowed }
}

/// Where a redirect of a response from `from` leads; `undefined` if that is another host.
#[wasm_bindgen(js_name = redirectTarget)]
pub fn redirect_target(from: &str, location: &str) -> JsValue {
    match redirect(from, location) {
        Redirect::Follow(url) => url.into(),
        Redirect::Refuse { .. } => JsValue::UNDEFINED,
    }
}
