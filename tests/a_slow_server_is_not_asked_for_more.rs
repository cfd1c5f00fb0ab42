//! Many clients before one server that stores fewer spans than they make: a simulation with a clock of its own. What
//! a server stores without that its client learns of it is stored again, which makes it slower still.

// Prints the numbers that it measured.
#![allow(clippy::disallowed_macros)]

mod common;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use common::*;
use mlflow_ag2::export::Limits;
use mlflow_ag2::mlflow::response::TIMED_OUT;
use mlflow_ag2::mlflow::{Request, RequestId, RequestKind, Response};

/// As an MLflow on SQLite.
const STORED_PER_SECOND: u64 = 320;
const CLIENTS: usize = 60;
/// Spans of a trace.
const SPANS: usize = 9;
/// The default of `timeoutMs`.
const TIMEOUT_MS: u64 = 10_000;
const LONGEST_TIMEOUT_MS: u64 = 60_000;
/// What a server needs for any request, in microseconds.
const REQUEST_MICROS: u64 = 2_000;

/// What happens next, in microseconds since the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A client makes a trace.
    Trace(usize),
    /// A client may have something to send.
    Wake(usize),
    /// The server has stored what a request carried, and answers.
    Answer { client: usize, request: u32, sent: u64 },
    /// A client waits no longer.
    TimeOut { client: usize, request: u32 },
}

struct Client {
    tracer: TestTracer,
    /// Requests without a response.
    open: HashMap<u32, (Request, u64)>,
}

/// One server that works on requests in their order, and on all of them to their end.
struct Simulation {
    clients: Vec<Client>,
    events: BinaryHeap<Reverse<(u64, Event)>>,
    /// When the server has nothing left to do.
    busy_until: u64,
    requests: u64,
    timeouts: u64,
    /// Until when it takes no connections.
    down_until: u64,
    /// When each request came after that, to the 100 ms.
    arrivals: HashMap<u64, u64>,
}

fn spans_in(request: &Request) -> u64 {
    let mut spans = 0;
    mlflow_ag2::mlflow::otlp::decode::each_span(&request.body, &mut |_| spans += 1);
    spans
}

impl Simulation {
    fn new() -> Self {
        Self {
            clients: (0..CLIENTS)
                .map(|number| {
                    let mut tracer = with_server();
                    // Each has other random numbers.
                    for _ in 0..number {
                        tracer.unrecorded_context();
                    }
                    Client { tracer, open: HashMap::new() }
                })
                .collect(),
            events: BinaryHeap::new(),
            busy_until: 0,
            requests: 0,
            timeouts: 0,
            down_until: 0,
            arrivals: HashMap::new(),
        }
    }

    fn at(&mut self, micros: u64, event: Event) {
        self.events.push(Reverse((micros, event)));
    }

    fn send_due(&mut self, client: usize, micros: u64) {
        while let Some(request) = due_request(&mut self.clients[client].tracer, micros / 1_000) {
            self.requests += 1;
            let id = request.id.0;
            if micros < self.down_until {
                self.clients[client].open.insert(id, (request, micros));
                self.at(micros + 1_000, Event::TimeOut { client, request: id });
                continue;
            }
            *self.arrivals.entry(micros / 100_000).or_default() += 1;
            let work = REQUEST_MICROS + spans_in(&request) * 1_000_000 / STORED_PER_SECOND;
            self.busy_until = self.busy_until.max(micros) + work;
            let allowed = (TIMEOUT_MS << request.timeout_doublings).min(LONGEST_TIMEOUT_MS) * 1_000;
            self.at(self.busy_until, Event::Answer { client, request: id, sent: micros });
            self.at(micros + allowed, Event::TimeOut { client, request: id });
            self.clients[client].open.insert(id, (request, micros));
        }
        if let Some(due) = self.clients[client].tracer.next_due() {
            let due = due.nanos_since(at(0)).div_ceil(1_000_000) * 1_000;
            self.at(due.max(micros + 1_000), Event::Wake(client));
        }
    }

    fn answer(&mut self, client: usize, id: u32, response: Response, micros: u64) {
        self.clients[client].tracer.on_response(RequestId(id), response, at(micros / 1_000));
        self.send_due(client, micros);
    }

    /// Runs until a time.
    fn run(&mut self, until: u64, trace_every: u64) {
        while let Some(Reverse((micros, event))) = self.events.pop() {
            if micros > until {
                self.events.push(Reverse((micros, event)));
                return;
            }
            match event {
                Event::Trace(client) => {
                    trace_of(&mut self.clients[client].tracer, SPANS, micros / 1_000);
                    self.at(micros + trace_every, Event::Trace(client));
                    self.send_due(client, micros);
                }
                Event::Wake(client) => self.send_due(client, micros),
                Event::Answer { client, request, sent } => {
                    let open = self.clients[client].open.remove(&request);
                    let Some((request, _)) = open else { continue };
                    let allowed = (TIMEOUT_MS << request.timeout_doublings).min(LONGEST_TIMEOUT_MS) * 1_000;
                    let time_used = ((micros - sent) * u64::from(TIMED_OUT) / allowed) as u8;
                    let response = Response { time_used, ..success(request.kind) };
                    self.answer(client, request.id.0, response, micros);
                }
                Event::TimeOut { client, request } => {
                    let Some((request, sent)) = self.clients[client].open.remove(&request) else { continue };
                    self.timeouts += 1;
                    let time_used = if micros - sent > 1_000 { TIMED_OUT } else { 0 };
                    self.answer(client, request.id.0, Response { time_used, ..status(0) }, micros);
                }
            }
        }
    }

    fn delivered(&self) -> u64 {
        self.clients.iter().map(|client| client.tracer.stats().delivered).sum()
    }
}

#[test]
fn clients_learn_of_most_of_what_an_overloaded_server_stores() {
    for times in [2, 5] {
        let mut simulation = Simulation::new();
        // Microseconds between two traces of a client.
        let offered = times * STORED_PER_SECOND;
        let trace_every = CLIENTS as u64 * SPANS as u64 * 1_000_000 / offered;
        for client in 0..CLIENTS {
            simulation.at(client as u64 * trace_every / CLIENTS as u64, Event::Trace(client));
        }
        println!("at {times} times of what the server stores:");
        for minute in 1..=3_u64 {
            let micros = minute * 60_000_000;
            simulation.run(micros, trace_every);
            // The server has worked on all that was sent but for what still waits there.
            let worked = micros.min(simulation.busy_until) * STORED_PER_SECOND / 1_000_000;
            let known = simulation.delivered() * 100 / worked;
            println!(
                "  after {minute} min: {} spans delivered of {worked} that it had time to store ({known} %), {} \
                requests, {} timeouts",
                simulation.delivered(),
                simulation.requests,
                simulation.timeouts,
            );
            assert!(known >= 80, "clients know of {known} % of what the server stores");
        }
        for client in &simulation.clients {
            assert_balanced(&client.tracer.stats());
        }
    }
}

#[test]
fn clients_do_not_come_back_all_at_once_after_an_outage() {
    let mut simulation = Simulation::new();
    simulation.down_until = 120_000_000;
    for client in 0..CLIENTS {
        simulation.at(0, Event::Trace(client));
    }
    simulation.run(200_000_000, 1_000_000_000);
    let busiest = simulation.arrivals.values().max().copied().unwrap_or(0);
    println!("at most {busiest} requests of {CLIENTS} clients within 100 ms after the outage");
    assert!(busiest < CLIENTS as u64 / 3, "{busiest} requests within 100 ms");
    assert_eq!(simulation.delivered(), CLIENTS as u64 * SPANS as u64);
}

#[test]
fn a_quick_server_gets_whole_batches_and_each_span_once() {
    let mut simulation = Simulation::new();
    let offered = STORED_PER_SECOND / 2;
    let trace_every = CLIENTS as u64 * SPANS as u64 * 1_000_000 / offered;
    for client in 0..CLIENTS {
        simulation.at(client as u64 * trace_every / CLIENTS as u64, Event::Trace(client));
    }
    simulation.run(60_000_000, trace_every);
    assert_eq!(simulation.timeouts, 0);
    assert!(simulation.clients.iter().all(|client| client.tracer.stats().retries == 0));
}

#[test]
fn a_request_that_timed_out_gets_more_time_and_less_to_carry_until_the_server_is_quick_again() {
    let mut tracer = with_server();
    for _ in 0..100 {
        trace_of(&mut tracer, SPANS, 0);
    }
    let mut now = 10_000;
    let first = next(&mut tracer, now);
    assert_eq!((first.timeout_doublings, spans_in(&first)), (0, 504));
    let timed_out = || Response { time_used: TIMED_OUT, ..status(0) };
    tracer.on_response(first.id, timed_out(), at(now));
    now += 100_000;
    let second = next(&mut tracer, now);
    assert_eq!(second.timeout_doublings, 1);
    assert!(spans_in(&second) <= 128, "{}", spans_in(&second));
    tracer.on_response(second.id, timed_out(), at(now));
    now += 100_000;
    assert_eq!(next(&mut tracer, now).timeout_doublings, 2);
    // The requests that find out what the server can do get the usual time.
    let mut spans = 0;
    let mut doublings = 9;
    while tracer.stats().buffered > 0 {
        now += 100_000;
        tracer.requeue_in_flight();
        let request = next(&mut tracer, now);
        assert_eq!(request.kind, RequestKind::Spans);
        spans = spans.max(spans_in(&request));
        doublings = request.timeout_doublings;
        tracer.on_response(request.id, success(request.kind), at(now));
        trace_of(&mut tracer, SPANS, now);
        if doublings == 0 && spans > 256 {
            return;
        }
    }
    panic!("{spans} spans, {doublings} doublings");
}

/// Answers the next batch of a server for which enough waits; gives its spans, and how often its time was doubled.
fn answered(tracer: &mut TestTracer, now: &mut u64, code: u16, time_used: u8) -> (u64, u8) {
    for _ in 0..100 {
        trace_of(tracer, 1, *now);
    }
    *now += 1_000_000;
    let request = next(tracer, *now);
    tracer.on_response(request.id, Response { time_used, ..status(code) }, at(*now));
    (spans_in(&request), request.timeout_doublings)
}

#[test]
fn batches_get_as_small_as_the_server_takes_in_a_quarter_of_its_time_and_larger_when_it_is_quick() {
    let mut tracer = with_server();
    tracer.set_limits(Limits { batch_spans: 64, ..Limits::default() });
    let mut now = 0;
    // The status, the sixteenths of its time that a batch took, and the spans of the next one.
    let answers = [
        (200, 4, 64),
        (200, 8, 32),
        (200, 4, 32),
        (200, 2, 32),
        (200, 5, 16),
        (200, 16, 4),
        (200, 16, 4),
        (200, 1, 8),
        (200, 0, 16),
        (503, 0, 16),
        (200, 2, 16),
        (504, 0, 4),
        (200, 0, 8),
        (200, 0, 16),
        // What failed before is sent, since what fails twice is sent in halves.
        (200, 2, 16),
        (408, 1, 4),
        (200, 0, 8),
        (200, 0, 16),
        (200, 0, 32),
        (200, 0, 64),
        (200, 0, 64),
    ];
    let mut spans = 64;
    for (index, (code, time_used, next)) in answers.into_iter().enumerate() {
        assert_eq!(answered(&mut tracer, &mut now, code, time_used), (spans, 0), "answer {index}");
        spans = next;
    }
}

#[test]
fn a_server_that_is_slow_with_few_spans_gets_batches_of_fewer_and_one_that_takes_a_quarter_does_not() {
    for (time_used, expected) in [(4, 64), (5, 8)] {
        let mut tracer = with_server();
        tracer.set_limits(Limits { batch_spans: 64, ..Limits::default() });
        for _ in 0..10 {
            trace_of(&mut tracer, 1, 0);
        }
        let request = next(&mut tracer, 10_000);
        assert_eq!(spans_in(&request), 10);
        tracer.on_response(request.id, Response { time_used, ..status(200) }, at(10_000));
        assert_eq!(answered(&mut tracer, &mut 20_000, 200, 2).0, expected, "{time_used} sixteenths");
    }
}

#[test]
fn a_batch_of_a_slow_server_has_fewer_bytes_too_and_at_least_one_span() {
    let sizes = |batch_spans: usize, batch_bytes: usize| {
        let mut tracer = with_server();
        tracer.set_limits(Limits { batch_spans, batch_bytes, ..Limits::default() });
        let mut now = 0;
        [8, 16, 16].map(|time_used| answered(&mut tracer, &mut now, 200, time_used).0)
    };
    let [first, second, third] = sizes(40, 20_000);
    assert!((30..40).contains(&first), "{first}");
    assert!((first / 4 - 1..=first / 4).contains(&second), "{second} after {first}");
    assert!((1..=first / 16).contains(&third), "{third} after {second}");
    assert_eq!(sizes(4, 1_000_000), [4, 2, 1]);
}

#[test]
fn a_batch_that_is_full_by_its_bytes_is_halved_by_them_and_not_by_its_few_spans() {
    let mut tracer = with_server();
    tracer.set_limits(Limits { batch_bytes: 100_000, ..Limits::default() });
    for _ in 0..100 {
        let call = start(&mut tracer, tool_call(None, "tool"), 0);
        emit(&mut tracer, tool_call_end(call, &"x".repeat(9_500)), 0);
    }
    let mut now = 10_000;
    let full = answered(&mut tracer, &mut now, 200, 6).0;
    let half = answered(&mut tracer, &mut now, 200, 2).0;
    assert_eq!((full, half), (9, 4));
}

#[test]
fn the_time_of_a_request_doubles_when_it_was_over_and_halves_when_the_server_is_quick() {
    let mut tracer = with_server();
    let mut now = 0;
    let mut doublings = |code: u16, time_used: u8| answered(&mut tracer, &mut now, code, time_used).1;
    assert_eq!([0, 1, 2, 3, 4, 5, 6, 6].map(|_| doublings(0, TIMED_OUT)), [0, 1, 2, 3, 4, 5, 6, 6]);
    // Only a request that was broken off at the end of its time says that the time is too short.
    assert_eq!([(0, 15), (200, TIMED_OUT), (503, TIMED_OUT)].map(|(code, used)| doublings(code, used)), [6, 6, 6]);
    assert_eq!([2, 1, 0, 0, 0, 0, 0, 0].map(|used| doublings(200, used)), [6, 6, 5, 4, 3, 2, 1, 0]);
    assert_eq!([(0, 0), (0, 1), (0, 15)].map(|(code, used)| doublings(code, used)), [0, 0, 0]);
    assert_eq!(doublings(200, 0), 0);
}
