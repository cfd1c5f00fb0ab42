//! The experiments of one server that traces go to: the current one, and those of traces that wait.

use std::rc::Rc;

use super::context::{ExportContext, Moment};
use super::endpoint::Endpoint;
use crate::mlflow::api::experiment::ExperimentLookup;
use crate::mlflow::response::{NOT_MLFLOW, REDIRECTED, UNAUTHORIZED, UNREACHABLE};
use crate::mlflow::retry::{Backoff, MAX_ATTEMPTS};
use crate::mlflow::{ExperimentRef, ExperimentState, Request, RequestId, Response, names};
use crate::trace::{MonotonicNanos, Route, TraceId};

/// Which experiment spans go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted<'a> {
    /// The one that is set; `None`: the default one.
    Set(Option<&'a ExperimentRef>),
    /// The one that a record of a previous session names by its id.
    Restored(&'a str),
    /// The one that the server keeps this trace in. The spans were sent by the route before.
    OfTrace(TraceId, &'a Route),
}

/// Where an experiment is known from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    Set,
    Restored,
    /// The server names it. While it is asked, the route that the spans were sent by.
    Trace(Option<Route>),
}

/// What follows when the server does not know an experiment any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ExperimentGone {
    /// Its spans go to this one.
    GoTo(Route),
    /// It is looked for again at once.
    LookUp,
    /// It is looked for again after a wait.
    Wait,
}

/// The experiments of one server, each with the route of the spans that go to it.
#[derive(Debug, Default)]
pub(super) struct Experiments {
    targets: Vec<ExperimentTarget>,
}

impl Experiments {
    /// The route to an experiment; if there is none, a new one, with the number after `last_route`.
    pub(super) fn select(&mut self, wanted: Wanted<'_>, last_route: &mut u32) -> Route {
        let mut targets = self.targets.iter();
        if let Some(target) = targets.find(|target| target.is_for(wanted)) {
            return target.route.clone();
        }
        *last_route = last_route.wrapping_add(1);
        let route = Route::new(*last_route);
        self.targets.push(ExperimentTarget::new(wanted, route.clone()));
        route
    }

    /// The experiment that a route leads to; `None` if that leads elsewhere.
    #[must_use]
    pub(super) fn get(&self, route: &Route) -> Option<&ExperimentTarget> {
        self.targets.iter().find(|target| target.route == *route)
    }

    /// The id of the experiment that a route leads to, once it is known.
    #[must_use]
    pub(super) fn id(&self, route: &Route) -> Option<&str> {
        self.get(route)?.lookup.id()
    }

    /// The id of the experiment that a route leads to, or, with `true`, its name as long as that is all that is known.
    /// While the server is asked for the experiment of a trace, it is the one that the spans were meant for.
    #[must_use]
    pub(super) fn id_or_name(&self, route: &Route) -> (&str, bool) {
        let Some(target) = self.get(route) else { return ("", false) };
        match (target.lookup.id(), target.lookup.which(), &target.source) {
            (Some(id), _, _) => (id, false),
            (None, Some(ExperimentRef::Id(id)), _) => (id, false),
            (None, Some(ExperimentRef::Name(name)), _) => (name, true),
            (None, None, Source::Trace(Some(origin))) => self.id_or_name(origin),
            (None, None, _) => ("", false),
        }
    }

    /// The experiment that a route leads to, to be changed.
    pub(super) fn get_mut(&mut self, route: &Route) -> Option<&mut ExperimentTarget> {
        let mut targets = self.targets.iter_mut();
        targets.find(|target| target.route == *route)
    }

    /// The experiments.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut ExperimentTarget> {
        self.targets.iter_mut()
    }

    /// Whether the search for any of them has failed.
    #[must_use]
    pub(super) fn has_failed(&self) -> bool {
        self.targets.iter().any(ExperimentTarget::has_failed)
    }

    /// When an experiment is to be looked for next.
    #[must_use]
    pub(super) fn due(&self, is_awaited: &dyn Fn(&Route) -> bool) -> Option<MonotonicNanos> {
        let targets = self.targets.iter();
        targets.filter_map(|target| target.due(is_awaited)).min()
    }

    /// Takes out what the server has answered about the experiment of a trace: the route by which the spans of the
    /// trace wait, and the one by which they go on. If there is no such trace, that is the one they came from.
    pub(super) fn take_located(&mut self) -> Option<(Route, Route)> {
        let (index, origin) = self.targets.iter_mut().enumerate().find_map(|(index, target)| {
            let is_asked = target.lookup.trace().is_some();
            let Source::Trace(origin) = &mut target.source else { return None };
            if is_asked { None } else { Some((index, origin.take()?)) }
        })?;
        let from = self.targets[index].route.clone();
        let Some(ExperimentRef::Id(id)) = self.targets[index].lookup.which().cloned() else {
            return Some((from, origin));
        };
        let is_same = |target: &ExperimentTarget| match target.source {
            Source::Trace(None) => target.lookup.which() == Some(&ExperimentRef::Id(id.clone())),
            _ => target.lookup.id() == Some(&id),
        };
        let meant = self.get(&origin).map(ExperimentTarget::name).unwrap_or_default();
        // The one that was just found fits as well.
        let target = self.targets.iter_mut().find(|target| is_same(target))?;
        if !target.meant.contains(&meant) {
            target.meant.push(meant);
        }
        Some((from, target.route.clone()))
    }

    /// Drops the experiments that nothing goes to any more; tells whether any are left.
    pub(super) fn drop_unused(&mut self) -> bool {
        self.targets.retain(|target| target.route.is_in_use());
        !self.targets.is_empty()
    }
}

/// An experiment that traces go to, and the search for it.
#[derive(Debug)]
pub(super) struct ExperimentTarget {
    route: Route,
    lookup: ExperimentLookup,
    in_flight: Option<RequestId>,
    backoff: Backoff,
    /// How often the server did not know it since it last took spans for it.
    gone: u32,
    source: Source,
    /// The names of the experiments that spans were meant for that go to this one, because their traces are in it.
    meant: Vec<String>,
}

impl ExperimentTarget {
    fn new(wanted: Wanted<'_>, route: Route) -> Self {
        let (lookup, source) = match wanted {
            Wanted::Set(which) => (ExperimentLookup::new(which.cloned()), Source::Set),
            Wanted::Restored(id) => (ExperimentLookup::known(id), Source::Restored),
            Wanted::OfTrace(id, origin) => (ExperimentLookup::of_trace(id), Source::Trace(Some(origin.clone()))),
        };
        Self { route, lookup, in_flight: None, backoff: Backoff::default(), gone: 0, source, meant: Vec::new() }
    }

    fn is_for(&self, wanted: Wanted<'_>) -> bool {
        match wanted {
            Wanted::Set(which) => self.source == Source::Set && self.lookup.which() == which,
            Wanted::Restored(id) => self.source == Source::Restored && self.lookup.id() == Some(id),
            Wanted::OfTrace(id, _) => self.lookup.trace() == Some(id),
        }
    }

    /// Its name, or its id where that is all there is.
    fn name(&self) -> String {
        match (self.lookup.state(), self.lookup.which()) {
            (ExperimentState::Ready { name, .. }, _) if !name.is_empty() => name.clone(),
            (_, Some(ExperimentRef::Name(what) | ExperimentRef::Id(what))) => what.clone(),
            (_, None) => names::DEFAULT_EXPERIMENT_NAME.to_owned(),
        }
    }

    /// Tells whose spans go to it instead of to the experiment that they were meant for, once its name is known.
    pub(super) fn report_meant(&mut self, endpoint: &Endpoint, context: &mut ExportContext) {
        if self.lookup.id().is_some() {
            let name = self.name();
            for meant in std::mem::take(&mut self.meant) {
                context.report.experiment_mismatch(endpoint, &meant, &name);
            }
        }
    }

    /// The route to it.
    #[must_use]
    pub(super) const fn route(&self) -> &Route {
        &self.route
    }

    /// What is known of it.
    #[must_use]
    pub(super) const fn lookup(&self) -> &ExperimentLookup {
        &self.lookup
    }

    /// Whether the last attempt to look for it failed.
    #[must_use]
    pub(super) const fn is_delayed(&self) -> bool {
        self.backoff.failures() > 0
    }

    /// When it is to be looked for next. If the server has refused it, it is looked for only while
    /// `is_awaited` holds of its route.
    #[must_use]
    pub(super) fn due(&self, is_awaited: &dyn Fn(&Route) -> bool) -> Option<MonotonicNanos> {
        let is_wanted = self.in_flight.is_none()
            && self.lookup.is_searching()
            && (!self.lookup.is_refused() || is_awaited(&self.route));
        is_wanted.then(|| self.backoff.until())
    }

    /// The next request that looks for it.
    pub(super) fn next_request(&mut self, server: &Rc<str>, context: &mut ExportContext) -> Option<Request> {
        let id = context.new_request_id();
        let request = self.lookup.request(id, server, context.format_f64)?;
        self.in_flight = Some(id);
        Some(request)
    }

    /// Takes in a response, if it is to its request; tells whether it was.
    pub(super) fn on_response(
        &mut self,
        (id, response): (RequestId, &Response),
        endpoint: &Endpoint,
        context: &mut ExportContext,
        moment: Moment,
    ) -> bool {
        if self.in_flight != Some(id) {
            return false;
        }
        self.in_flight = None;
        match (self.lookup.on_response(response), self.lookup.state()) {
            (None, ExperimentState::Failed { code, message }) => {
                let which = match self.lookup.which() {
                    Some(ExperimentRef::Name(what) | ExperimentRef::Id(what)) => what,
                    None => "",
                };
                context.report.error_of(endpoint, code, which, message.clone());
                moment.back_off(&mut self.backoff, response);
            }
            (None, _) => self.backoff.reset(),
            (Some(reason), _) => {
                context.stats.retries += 1;
                moment.back_off(&mut self.backoff, response);
                let message = context.report.transient_failure(endpoint, response, reason);
                // Programs that await the experiment get an error at once if no server answers, or another one:
                // short programs end before a later attempt. The search goes on, and the spans wait for it.
                if [UNREACHABLE, REDIRECTED, NOT_MLFLOW, UNAUTHORIZED].contains(&reason) {
                    self.lookup.show_failure(reason, message);
                } else if self.backoff.failures() >= MAX_ATTEMPTS {
                    self.lookup.show_failure(UNREACHABLE, message);
                }
            }
        }
        true
    }

    /// Notes that the server does not know it, though spans were sent to it. `current` is the route that
    /// new traces take at this server.
    pub(super) fn on_gone(&mut self, current: Option<&Route>) -> ExperimentGone {
        self.gone = self.gone.saturating_add(1);
        // What cannot be looked for goes to where new traces go.
        if self.source == Source::Restored || self.lookup.which().is_none() {
            let other = current.filter(|current| **current != self.route);
            return other.map_or(ExperimentGone::Wait, |other| ExperimentGone::GoTo(other.clone()));
        }
        self.lookup.start_over();
        if self.gone > 1 { ExperimentGone::Wait } else { ExperimentGone::LookUp }
    }

    /// Notes that the server has taken spans for it.
    pub(super) const fn on_stored(&mut self) {
        self.gone = 0;
    }

    /// Looks for it at once if it is still to be found, even if a request is in flight whose response will
    /// never come.
    pub(super) fn reset(&mut self, is_response_lost: bool) {
        self.backoff.reset();
        if is_response_lost {
            self.in_flight = None;
        }
    }

    const fn has_failed(&self) -> bool {
        matches!(self.lookup.state(), ExperimentState::Failed { .. })
    }

    /// Starts the search over if it has failed; tells whether it had.
    pub(super) fn retry_if_failed(&mut self) -> bool {
        let has_failed = self.has_failed();
        if has_failed {
            self.lookup.start_over();
            self.reset(true);
        }
        has_failed
    }
}
