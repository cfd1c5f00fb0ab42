//! The exporter: asks the core for requests, sends them, hands the responses back, and sets one timer for the
//! next time something is due. The core decides what is sent when; the host (`ExporterHost` of
//! src/js/export/exporter.ts) says whether anything may be sent, and performs `fetch`.
//!
//! Requests start in [`pump`], which returns at once; each finishes in a task of its own, which pumps again.

use std::cell::{Cell, OnceCell, RefCell};

use js_sys::Function;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::exporter_host::ExporterHost;
use super::host::{is_loopback, is_offline, is_request_bound, now};
use super::instance::{Guard, lock};
use super::request::Call;
use super::settings;
use super::timer::{Timer, settle};
use super::views;
use crate::export::NextRequest;
use crate::mlflow::{Request, RequestId, Response};
use crate::trace::MonotonicNanos;

const NANOS_PER_MILLI: u64 = 1_000_000;

/// A request in flight.
pub(super) struct InFlight {
    number: u32,
    /// The flush that started it, 0 for none: in hosts that bind requests to an incoming request, only that
    /// one can wait for it.
    pub flush: u32,
    /// When it times out.
    pub deadline: MonotonicNanos,
    /// Breaks it off.
    end_wait: Function,
}

/// What sends spans.
#[derive(Default)]
pub(super) struct Exporter {
    host: OnceCell<ExporterHost>,
    on_timer: OnceCell<Function>,
    timer: Cell<Option<Timer>>,
    /// When the timer fires; `None` without a timer.
    timer_due: Cell<Option<MonotonicNanos>>,
    /// Whether requests end with the incoming request that began them.
    pub is_request_bound: Cell<bool>,
    /// The requests in flight.
    pub in_flight: RefCell<Vec<InFlight>>,
    /// Flushes that wait for the end of a request, by number.
    pub waiting: RefCell<Vec<(u32, Function)>>,
    last_number: Cell<u32>,
    /// The number of the last flush.
    pub last_flush: Cell<u32>,
}

thread_local! {
    /// Leaked, since the module lives as long as its memory; made by the first use.
    static EXPORTER: Cell<Option<&'static Exporter>> = const { Cell::new(None) };
}

/// The only exporter.
#[inline(never)]
pub(super) fn exporter() -> &'static Exporter {
    EXPORTER.get().unwrap_or_else(|| {
        let exporter = &*Box::leak(Box::default());
        EXPORTER.set(Some(exporter));
        exporter
    })
}

/// Begins to send, by means of this host. The first one stays.
#[wasm_bindgen(js_name = startExporter)]
pub fn start_exporter(host: ExporterHost) {
    let exporter = exporter();
    exporter.is_request_bound.set(is_request_bound());
    let on_timer = Closure::<dyn FnMut()>::new(|| {
        self::exporter().timer_due.set(None);
        pump(0);
    });
    let _ = exporter.on_timer.set(on_timer.into_js_value().unchecked_into());
    let _ = exporter.host.set(host);
}

/// The host, once there is one.
pub fn host() -> Option<&'static ExporterHost> {
    exporter().host.get()
}

/// Sees to it that what is due is sent. Cheap enough for every end of a span. Does nothing in hosts whose timers end
/// with an incoming request: only `flush` sends there.
pub fn schedule(state: Guard, now_ms: f64) {
    let due = state.tracer.next_due();
    drop(state);
    match due {
        Some(due) => wake_by(due, now_ms),
        None if exporter().timer_due.get().is_some() => exporter().stop_timer(),
        None => {}
    }
}

/// As [`schedule`], for the end of a span whose trace goes on: nothing new is queued, so that only what waits in
/// traces in progress is looked at.
pub fn schedule_open(state: Guard, now_ms: f64) {
    let due = state.tracer.open_due();
    drop(state);
    if let Some(due) = due {
        wake_by(due, now_ms);
    }
}

fn wake_by(due: MonotonicNanos, now_ms: f64) {
    let exporter = exporter();
    if exporter.timer_due.get().is_none_or(|known| due < known) {
        exporter.set_timer(due, MonotonicNanos::from_millis(now_ms));
    }
}

/// As the end of a span does: for changes of the configuration.
#[wasm_bindgen(js_name = wake)]
pub fn schedule_now() {
    let now_ms = now().as_millis();
    schedule(lock(), now_ms);
}

/// Sends what is due now.
#[wasm_bindgen(js_name = sendDue)]
pub fn send_due() {
    pump(0);
}

/// Sends everything that waits, due or not.
#[wasm_bindgen(js_name = sendAll)]
pub fn send_all() {
    if let Some(host) = host() {
        host.before_export();
        lock().tracer.flush_now();
        pump(0);
    }
}

/// What failed while nothing could arrive says nothing about now: sends everything again.
#[wasm_bindgen(js_name = sendAgain)]
pub fn send_again() {
    exporter().stop_timer();
    let mut state = lock();
    state.tracer.configuration_changed();
    state.tracer.flush_now();
    drop(state);
    schedule_now();
}

impl Exporter {
    fn set_timer(&self, due: MonotonicNanos, now: MonotonicNanos) {
        if self.is_request_bound.get() {
            return;
        }
        let Some(callback) = self.on_timer.get() else {
            return;
        };
        let wait_ms = due.nanos_since(now).div_ceil(NANOS_PER_MILLI);
        // What waits must not hold a program open: its end is seen to elsewhere. What is due now is another thing:
        // a program that awaits `setExperiment` lives by nothing but this timer.
        let keeps_alive = wait_ms == 0;
        let timer = Timer::start(callback, wait_ms as f64, keeps_alive);
        self.timer_due.set(Some(due));
        self.timer.set(Some(timer));
    }

    fn stop_timer(&self) {
        self.timer_due.set(None);
        self.timer.set(None);
    }
}

/// Starts every request that is due, and sets the timer for the next.
#[inline(never)]
pub(super) fn pump(flush: u32) {
    let Some(host) = host() else { return };
    loop {
        if !may_send(host) {
            return exporter().stop_timer();
        }
        host.before_export();
        // Asked before the core is borrowed: the clock may tell the core that the wall clock was set.
        let now = now();
        let next = lock().tracer.next_request(now);
        match next {
            NextRequest::Send(request) => start(host, &request, flush, false),
            NextRequest::WaitUntil(due) => return exporter().set_timer(due, now),
            NextRequest::Idle => return exporter().stop_timer(),
        }
    }
}

/// Switched off means no request, but what was recorded before is still delivered. Without a network nothing is
/// tried, since each failure would count.
pub(super) fn may_send(host: &ExporterHost) -> bool {
    let state = lock();
    let has_spans = state.tracer.buffered_spans() > 0;
    let is_loopback = is_loopback(state.tracer.tracking_uri());
    drop(state);
    (is_loopback || !is_offline()) && (has_spans || host.is_enabled())
}

/// Starts a request; the response is taken in later.
#[inline(never)]
fn start(host: &'static ExporterHost, request: &Request, flush: u32, is_unload: bool) {
    let id = request.id;
    let call = Call::start(host, request, is_unload);
    let end_wait = call.end_wait();
    let deadline = call.deadline();
    let exporter = exporter();
    let number = exporter.last_number.get().wrapping_add(1);
    exporter.last_number.set(number);
    exporter.in_flight.borrow_mut().push(InFlight { number, flush, deadline, end_wait });
    spawn_local(async move {
        let response = call.response().await;
        finish(id, number, flush, response);
    });
}

#[inline(never)]
fn finish(id: RequestId, number: u32, flush: u32, response: Response) {
    let exporter = exporter();
    exporter.in_flight.borrow_mut().retain(|request| request.number != number);
    let now = now();
    let mut state = lock();
    state.tracer.on_response(id, response, now);
    let notices = state.tracer.take_notices();
    drop(state);
    if let Some(host) = host() {
        host.after_response(&views::notices(&notices).into_js());
    }
    settings::resolve_experiment();
    pump(flush);
    let is_bound = exporter.is_request_bound.get();
    exporter.waiting.borrow_mut().retain(|(waiting, resolve)| {
        let is_done = !is_bound || *waiting == flush;
        if is_done {
            settle(resolve, &JsValue::UNDEFINED);
        }
        !is_done
    });
}

/// Sends the most important spans of a page that is being left: the requests are out when this returns. Compressed
/// they may take less than the core assumed, so that there may be room for more.
#[wasm_bindgen(js_name = sendBeforeUnload)]
pub fn send_before_unload() {
    let Some(host) = host() else { return };
    host.before_export();
    if !host.has_non_keepalive_requests() {
        lock().tracer.mark_in_flight_keepalive();
    }
    loop {
        let budget_bytes = host.unload_budget_bytes();
        if budget_bytes <= 0.0 {
            return;
        }
        let now = now();
        let requests = lock().tracer.unload_requests(budget_bytes as usize, now);
        if requests.is_empty() {
            return;
        }
        for request in &requests {
            start(host, request, 0, true);
        }
        lock().tracer.mark_in_flight_keepalive();
    }
}

/// Breaks off every request in flight; each counts as failed for this reason.
#[wasm_bindgen(js_name = abortRequests)]
pub fn abort_requests(reason: &str) {
    let in_flight = exporter().in_flight.borrow();
    for request in in_flight.iter() {
        settle(&request.end_wait, &reason.into());
    }
}
