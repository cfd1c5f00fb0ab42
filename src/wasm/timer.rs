//! Waiting: timers of the host, which JavaScript's event loop runs, and the tasks that they wake.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

use js_sys::Function;
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
        // The function never throws.
        let _ = self.0.call0(&JsValue::UNDEFINED);
    }
}

/// A flag with a text that ends a wait: a timeout, or the end of a request that somebody waits for.
#[derive(Clone, Default)]
pub struct Signal(Rc<RefCell<(Option<String>, Option<Waker>)>>);

impl Signal {
    /// Ends the wait.
    pub fn send(&self, reason: &str) {
        let waker = {
            let (sent, waker) = &mut *self.0.borrow_mut();
            sent.get_or_insert_with(|| reason.into());
            waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Waits for the signal, and gives its text.
    pub async fn sent(&self) -> String {
        poll_fn(|context| {
            let (sent, waker) = &mut *self.0.borrow_mut();
            match sent {
                Some(reason) => Poll::Ready(std::mem::take(reason)),
                None => {
                    *waker = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// Sends the signal after `wait_ms` milliseconds, unless the timer is dropped before.
    pub fn send_after(&self, wait_ms: f64, reason: String) -> Timer {
        let signal = self.clone();
        let callback = Closure::once_into_js(move || signal.send(&reason));
        Timer::start(callback.unchecked_ref(), wait_ms, true)
    }
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
