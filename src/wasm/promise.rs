//! Promises of asynchronous work.

use std::future::Future;
use std::pin::Pin;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

/// Work behind a pointer, so that the code around it is compiled once for all kinds of work.
pub type BoxFuture<T = JsValue> = Pin<Box<dyn Future<Output = Result<T, JsValue>>>>;

/// Runs the work; the promise settles with its result.
#[inline(never)]
pub fn promise(work: BoxFuture) -> Promise {
    future_to_promise(work)
}
