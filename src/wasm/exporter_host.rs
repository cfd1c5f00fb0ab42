//! What the exporter asks of JavaScript. Methods are called by name, which takes fewer imports, and so fewer bytes,
//! than one import each.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use web_sys::RequestInit;

use super::host::call;

#[wasm_bindgen]
extern "C" {
    /// What the exporter needs of JavaScript: `ExporterHost` of src/js/export/exporter.ts. No method throws.
    #[derive(Clone)]
    pub type ExporterHost;

    /// Performs one request, before this returns as far as nothing has to be waited for.
    #[wasm_bindgen(method, catch)]
    pub fn send(this: &ExporterHost, url: &str, init: &RequestInit) -> Result<Promise, JsValue>;
}

impl ExporterHost {
    /// How long one request may take.
    pub fn timeout_ms(&self) -> f64 {
        self.number("timeoutMs")
    }

    /// Whether tracing is switched on.
    pub fn is_enabled(&self) -> bool {
        self.ask("isEnabled").as_bool() == Some(true)
    }

    /// Called before anything that has ended may be sent.
    pub fn before_export(&self) {
        self.ask("beforeExport");
    }

    /// Called after each response, with what a person should know.
    pub fn after_response(&self, notices: &JsValue) {
        let _ = call(self, "afterResponse", notices);
    }

    /// Where the program runs (src/js/util/source.ts).
    pub fn source(&self) -> Option<String> {
        self.ask("source").as_string()
    }

    /// How many bytes of bodies a page that is being left may still send.
    pub fn unload_budget_bytes(&self) -> f64 {
        self.number("unloadBudgetBytes")
    }

    /// Whether a request is in flight that ends with the page.
    pub fn has_non_keepalive_requests(&self) -> bool {
        self.ask("hasNonKeepaliveRequests").as_bool() == Some(true)
    }

    #[inline(never)]
    fn number(&self, method: &str) -> f64 {
        self.ask(method).as_f64().unwrap_or_default()
    }

    #[inline(never)]
    fn ask(&self, method: &str) -> JsValue {
        call(self, method, &JsValue::UNDEFINED).unwrap_or_default()
    }
}
