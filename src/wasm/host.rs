//! What the host offers: random bytes, decimal digits, clocks, and facts about where the module runs.

use std::rc::Rc;

use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;

use super::exporter::host;
use crate::trace::{Host, MonotonicNanos};

#[wasm_bindgen(raw_module = "../js/entry/host-imports.js")]
extern "C" {
    #[wasm_bindgen(js_name = fillRandom)]
    fn fill_random(bytes: &mut [u8]);

    #[wasm_bindgen(js_name = monotonicMs)]
    fn monotonic_ms() -> f64;

    /// Gives what stops the timer. `keeps_alive`: whether the process lives until the timer fires, where hosts know
    /// such a thing.
    #[wasm_bindgen(js_name = startTimer)]
    pub fn start_timer(callback: &Function, wait_ms: f64, keeps_alive: bool) -> Function;
}

/// Randomness and number formatting of the JavaScript engine.
#[derive(Debug)]
pub struct JsHost;

impl Host for JsHost {
    fn fill_random(&mut self, bytes: &mut [u8]) {
        fill_random(bytes);
    }

    fn source() -> Option<Rc<str>> {
        host()?.source().map(Into::into)
    }

    fn format_f64(number: f64) -> String {
        js_sys::JSON::stringify(&number.into()).map_or_else(|_| String::from("null"), String::from)
    }
}

/// The monotonic clock (src/js/util/clock.ts), which no change of the wall clock moves.
pub fn now() -> MonotonicNanos {
    MonotonicNanos::from_millis(monotonic_ms())
}

/// Whether timers and requests end with the incoming request that began them, as in Cloudflare's Workers, the
/// only host with such a pair of sockets.
pub fn is_request_bound() -> bool {
    global("WebSocketPair").is_function()
}

/// Whether the browser knows that there is no network.
pub fn is_offline() -> bool {
    let online = property(&global("navigator"), "onLine");
    online.as_bool() == Some(false)
}

/// Whether an address is on this computer, which needs no network.
pub fn is_loopback(uri: &str) -> bool {
    let loopback = ["localhost", "127.", "[::1]"];
    ["http://", "https://"].iter().any(|scheme| {
        let host = uri.strip_prefix(scheme).unwrap_or_default();
        loopback.iter().any(|start| host.starts_with(start))
    })
}

/// Whether a browser decides if a request to `url` may be made: it asks other origins than that of the page
/// or worker (Fetch standard, CORS).
pub fn is_cross_origin(url: &str) -> bool {
    let origin = property(&global("location"), "origin").as_string();
    origin.is_some_and(|origin| !url.starts_with(&origin))
}

fn global(name: &str) -> JsValue {
    property(&js_sys::global(), name)
}

/// A property of any value; `undefined` if there is none or reading it fails.
#[inline(never)]
pub fn property(value: &JsValue, name: &str) -> JsValue {
    if !value.is_object() && !value.is_function() {
        return JsValue::UNDEFINED;
    }
    Reflect::get(value, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// Calls a method with one argument; what takes none ignores it. Fails if there is no such method. One import for
/// methods of all kinds: each that is typed is an import of its own, 65 bytes gzipped, of module and glue.
#[inline(never)]
pub fn call(object: &JsValue, method: &str, argument: &JsValue) -> Result<JsValue, JsValue> {
    let method: Function = property(object, method).unchecked_into();
    method.call1(object, argument)
}

/// Sets a property. A plain object takes every one.
#[inline(never)]
pub fn set(object: &JsValue, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &name.into(), value);
}

/// A property that is text.
pub fn text_property(value: &JsValue, name: &str) -> Option<String> {
    property(value, name).as_string()
}
