//! Flushes: everything is sent at once, and again as long as there is time. The number of a flush tells which requests
//! it may wait for, in hosts that bind requests to an incoming request.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::exporter::{InFlight, abort_requests, exporter, host, may_send, pump};
use super::exporter_host::ExporterHost;
use super::host::now;
use super::instance::lock;
use super::timer::{Deferred, Timer, either};
use super::views;
use crate::mlflow::ExperimentState;
use crate::trace::{MonotonicNanos, SpanKey};

/// How long a flush waits before it looks again whether a trace has ended, or another incoming request has sent
/// everything.
const LOOK_AGAIN_MS: u64 = 50;
/// The longest wait of a flush before it tries again, whatever the backoff says.
const LONGEST_WAIT_MS: u64 = 2_000;
/// With less time than this left, nothing is sent again.
const LAST_ATTEMPT_MS: u64 = 100;
const NANOS_PER_MILLI: u64 = 1_000_000;

/// What a flush is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Goal {
    /// That nothing waits any more.
    Delivery,
    /// That the experiment is known, or cannot be found out now.
    Experiment,
    /// As `Delivery`; then nothing more is sent.
    Shutdown,
}

/// What a flush waits for next.
struct Wait {
    until: MonotonicNanos,
    /// Whether everything is made due then, whatever it waits for.
    hurries: bool,
}

/// Sends everything that waits, due or not, and waits for the responses, retrying where that makes sense, until
/// nothing is left or `timeout_ms` are over; if `waits_for_open`, also until the traces have ended that are in
/// progress now. Resolves with `{ delivered, pending, dropped }`.
#[wasm_bindgen]
pub fn flush(timeout_ms: f64, waits_for_open: bool) -> Promise {
    // Those that begin before the flush is first polled are not meant.
    let open = lock().tracer.newest_open_trace().filter(|_| waits_for_open);
    flush_and(timeout_ms, open, Goal::Delivery)
}

/// As [`flush`], but only until it is known which experiment traces go to, or one attempt to find that out has failed.
#[wasm_bindgen(js_name = awaitExperiment)]
pub fn await_experiment(timeout_ms: f64) -> Promise {
    flush_and(timeout_ms, None, Goal::Experiment)
}

/// As [`flush`], and then drops what is left, breaks off what is in flight, and ends traces in progress.
#[wasm_bindgen]
pub fn shutdown(timeout_ms: f64) -> Promise {
    flush_and(timeout_ms, None, Goal::Shutdown)
}

fn flush_and(timeout_ms: f64, open: Option<SpanKey>, goal: Goal) -> Promise {
    future_to_promise(async move {
        let (delivered, dropped) = lock().tracer.delivered_and_dropped();
        // The timer keeps the process alive: a program that awaits a flush needs it until then. It ends the flush
        // even if the clock stands still or is wrong.
        let over = Deferred::new();
        let timer = Timer::start(&over.resolve, timeout_ms, true);
        let is_over = async {
            let _ = JsFuture::from(over.promise.clone()).await;
        };
        either(flush_within(timeout_ms, open, goal), is_over).await;
        drop(timer);
        if goal == Goal::Shutdown {
            let now = now();
            lock().tracer.shut_down(now);
            abort_requests("the tracer was shut down");
        }
        let state = lock();
        let (delivered_by_now, dropped_by_now) = state.tracer.delivered_and_dropped();
        let pending = state.tracer.buffered_spans();
        drop(state);
        let (delivered, dropped) = (delivered_by_now - delivered, dropped_by_now - dropped);
        Ok(views::flush_result(delivered, pending, dropped).into_js())
    })
}

async fn flush_within(timeout_ms: f64, mut open: Option<SpanKey>, goal: Goal) {
    let Some(host) = host() else { return };
    let deadline = now().plus_millis(timeout_ms as u64);
    let last_flush = &exporter().last_flush;
    let flush = last_flush.get() + 1;
    last_flush.set(flush);
    let mut hurries = true;
    loop {
        requeue_orphaned();
        if has_ended(open) {
            (open, hurries) = (None, true);
        }
        if hurries {
            host.before_export();
            lock().tracer.flush_now();
        }
        if goal == Goal::Experiment && !is_looked_up() {
            return;
        }
        pump(flush);
        let Some(wait) = next_wait(host, flush, open, deadline) else {
            return;
        };
        let wait_ms = wait.until.nanos_since(now()).div_ceil(NANOS_PER_MILLI);
        let wake = Deferred::new();
        let timer = Timer::start(&wake.resolve, wait_ms as f64, true);
        exporter().waiting.borrow_mut().push((flush, wake.resolve.clone()));
        let _ = JsFuture::from(wake.promise.clone()).await;
        drop(timer);
        hurries = wait.hurries;
    }
}

/// Whether the experiment is being looked up, and no attempt has failed since everything was made due.
fn is_looked_up() -> bool {
    lock().tracer.experiment() == ExperimentState::Waiting
}

fn has_ended(open: Option<SpanKey>) -> bool {
    open.is_some_and(|open| !lock().tracer.has_open_trace(open))
}

/// What a flush waits for at most before it pumps again; `None` if it can do no more.
fn next_wait(host: &ExporterHost, flush: u32, open: Option<SpanKey>, deadline: MonotonicNanos) -> Option<Wait> {
    let now = now();
    let left_ms = deadline.nanos_since(now) / NANOS_PER_MILLI;
    let due = lock().tracer.request_due();
    let due = due.filter(|_| may_send(host));
    let exporter = exporter();
    let in_flight = exporter.in_flight.borrow();
    let is_own = |request: &InFlight| !exporter.is_request_bound.get() || request.flush == flush;
    let look_again = Wait { until: now.plus_millis(LOOK_AGAIN_MS), hurries: false };
    if left_ms == 0 {
        return None;
    }
    if in_flight.iter().any(is_own) {
        return Some(Wait { until: due.unwrap_or(deadline), hurries: false });
    }
    if !in_flight.is_empty() {
        // A flush is not woken when a request of another incoming request ends.
        return Some(look_again);
    }
    let Some(due) = due else {
        return open.map(|_| look_again);
    };
    // A longer wait is cut, to half of the time that is left at most, so that the last attempt is made shortly before
    // its end.
    let soon = now.plus_millis(LONGEST_WAIT_MS.min(left_ms / 2));
    let hurries = due > soon;
    let is_late = hurries && left_ms < LAST_ATTEMPT_MS;
    (!is_late).then_some(Wait { until: due.min(soon), hurries })
}

/// Requeues spans whose request belonged to an incoming request that has ended: its response never comes, not
/// even as a timeout.
fn requeue_orphaned() {
    let exporter = exporter();
    let is_over = |request: &InFlight| now() > request.deadline.plus_millis(LOOK_AGAIN_MS);
    if exporter.is_request_bound.get() && exporter.in_flight.borrow().iter().any(is_over) {
        exporter.in_flight.take();
        let mut state = lock();
        state.tracer.requeue_in_flight();
        state.tracer.flush_now();
    }
}
