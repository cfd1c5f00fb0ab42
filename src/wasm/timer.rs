//! Waiting: timers of the host, which JavaScript's event loop runs, and the tasks that they wake.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

use super::host::start_timer;

/// A running timer. Dropping it stops it.
pub struct Timer(Function);

impl Timer {
    /// Calls `callback` after `wait_ms` milliseconds.
    pub fn start(callback: &Function, wait_ms: f64, keeps_alive: bool) -> Self {
        Self(start_timer(callback, wait_ms, keeps_alive))
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        settle(&self.0, &JsValue::UNDEFINED);
    }
}

/// A promise and what settles it. A timer may resolve it, so that a wait needs no closure of Rust. Dropping it resolves
/// the promise: a `JsFuture` of a promise that is never settled keeps its closures for ever.
pub struct Deferred {
    /// What is waited for.
    pub promise: Promise,
    /// Ends the wait, with a value.
    pub resolve: Function,
    /// Ends the wait, with an error.
    pub reject: Function,
}

impl Deferred {
    /// A promise that is not settled yet.
    #[inline(never)]
    pub fn new() -> Self {
        let (mut resolve, mut reject) = (JsValue::UNDEFINED, JsValue::UNDEFINED);
        // As `future_to_promise` makes one, which shares the import.
        let promise = Promise::new_typed::<JsValue>(&mut |one, other| {
            resolve = one.into();
            reject = other.into();
        });
        Self { promise, resolve: resolve.unchecked_into(), reject: reject.unchecked_into() }
    }
}

impl Drop for Deferred {
    fn drop(&mut self) {
        settle(&self.resolve, &JsValue::UNDEFINED);
    }
}

/// Calls a function that never throws: what settles a promise, or stops a timer.
#[inline(never)]
pub fn settle(by: &Function, value: &JsValue) {
    let _ = by.call1(&JsValue::UNDEFINED, value);
}

/// The output of the future that is ready first.
pub async fn either<T>(one: impl Future<Output = T>, other: impl Future<Output = T>) -> T {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|context| match one.as_mut().poll(context) {
        Poll::Pending => other.as_mut().poll(context),
        ready => ready,
    })
    .await
}
