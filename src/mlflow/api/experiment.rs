//! Finds the experiment that traces go to, and creates it if it is missing: a state machine over
//! responses.

use std::rc::Rc;

use super::request::{Request, RequestId, RequestKind};
use super::urls::{self, percent_encode};
use crate::mlflow::json::{Json, Object, to_json};
use crate::mlflow::names;
use crate::mlflow::response::{
    FAILING, JsonFields, NOT_MLFLOW, OTLP_UNSUPPORTED, Peer, Response, ResponseAction, classify_response,
};
use crate::trace::value::write_count;
use crate::trace::{FormatF64, TraceId};

/// How often the steps may start over: once is enough when somebody else created the experiment
/// between our look-up and our creation.
const MAX_ROUNDS: u8 = 3;

/// Which experiment the user wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExperimentRef {
    /// By name; created if it is missing.
    Name(String),
    /// By id; it must exist.
    Id(String),
}

/// What is known about the experiment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExperimentState {
    /// The program set none: traces go to the experiment with the id 0.
    Unset,
    /// It is being looked up.
    Waiting,
    /// It is being looked up; the last attempt failed, and another one follows.
    Delayed,
    /// It is there.
    Ready {
        /// Its id.
        id: String,
        /// Its name.
        name: String,
    },
    /// It cannot be had now. Traces are buffered, and it is looked for again while any are.
    Failed {
        /// A stable name for programs.
        code: &'static str,
        /// The reason and its remedy.
        message: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Which experiment the trace is in.
    Locate(TraceId),
    /// By a search, which finds nothing without an error: browsers show each 404 in red.
    Search,
    LookUp,
    Create,
    Done,
}

/// The search for one experiment.
#[derive(Debug)]
pub struct ExperimentLookup {
    which: Option<ExperimentRef>,
    step: Step,
    rounds: u8,
    state: ExperimentState,
    is_refused: bool,
}

impl ExperimentLookup {
    /// The search for an experiment; `None` is the default one, which every server has.
    #[must_use]
    pub fn new(which: Option<ExperimentRef>) -> Self {
        let mut lookup = Self { which, step: Step::Done, rounds: 0, state: ExperimentState::Unset, is_refused: false };
        lookup.start_over();
        lookup
    }

    /// An experiment that is known to be there.
    #[must_use]
    pub fn known(id: &str) -> Self {
        Self {
            step: Step::Done,
            state: ExperimentState::Ready { id: id.to_owned(), name: String::new() },
            ..Self::new(Some(ExperimentRef::Id(id.to_owned())))
        }
    }

    /// The search for the experiment that a trace is in. Once the server has named it, [`Self::which`] does.
    #[must_use]
    pub fn of_trace(trace: TraceId) -> Self {
        Self { step: Step::Locate(trace), state: ExperimentState::Waiting, ..Self::new(None) }
    }

    /// The trace whose experiment is being asked for.
    #[must_use]
    pub const fn trace(&self) -> Option<TraceId> {
        match self.step {
            Step::Locate(trace) => Some(trace),
            Step::Search | Step::LookUp | Step::Create | Step::Done => None,
        }
    }

    /// What is known so far.
    #[must_use]
    pub const fn state(&self) -> &ExperimentState {
        &self.state
    }

    /// Which experiment is wanted.
    #[must_use]
    pub const fn which(&self) -> Option<&ExperimentRef> {
        self.which.as_ref()
    }

    /// Whether there is a request to be made, at least as long as spans wait for the experiment.
    #[must_use]
    pub fn is_searching(&self) -> bool {
        self.step != Step::Done
    }

    /// Whether the server has answered that the experiment cannot be had: then it is looked for again only
    /// while spans wait for it.
    #[must_use]
    pub const fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// Searches again, because the server or the wish has changed.
    pub fn start_over(&mut self) {
        if self.which.is_some() {
            self.rounds = 0;
            self.go_on(self.first_step());
        }
    }

    /// A search for a name that has quotes of both kinds cannot be spelled.
    fn first_step(&self) -> Step {
        match &self.which {
            Some(ExperimentRef::Name(name)) if quote(name).is_some() => Step::Search,
            _ => Step::LookUp,
        }
    }

    /// The id to send spans to, once it is known.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match &self.state {
            ExperimentState::Unset => Some(names::DEFAULT_EXPERIMENT_ID),
            ExperimentState::Ready { id, .. } => Some(id),
            ExperimentState::Waiting | ExperimentState::Delayed | ExperimentState::Failed { .. } => None,
        }
    }

    /// The next request of the search; `None` when it is over.
    #[must_use]
    pub fn request(&self, id: RequestId, server: &Rc<str>, format_f64: FormatF64) -> Option<Request> {
        let kind = RequestKind::Experiment;
        if let Step::Locate(trace) = self.step {
            return Some(Request::get(id, kind, server, urls::trace_info_url(server, &trace)));
        }
        let mut body = Object::default();
        let (path, what) = match (self.step, self.which.as_ref()?) {
            (Step::Done | Step::Locate(_), _) => return None,
            // `SearchExperiments` and `CreateExperiment` of mlflow/protos/service.proto.
            (Step::Search, ExperimentRef::Name(name)) => {
                let quote = quote(name).unwrap_or_default();
                body.text("filter", &["name = ", quote, name, quote].concat());
                body.text("view_type", "ALL");
                body.set("max_results", Json::Int(1));
                (names::EXPERIMENT_SEARCH_PATH, None)
            }
            (Step::Create, ExperimentRef::Name(name)) => {
                body.text("name", name);
                (names::EXPERIMENT_CREATE_PATH, None)
            }
            (Step::LookUp, ExperimentRef::Name(name)) => (names::EXPERIMENT_BY_NAME_PATH, Some(name)),
            (_, ExperimentRef::Id(wanted)) => (names::EXPERIMENT_BY_ID_PATH, Some(wanted)),
        };
        let mut url = [server, path].concat();
        let Some(what) = what else {
            let body = to_json(&body.done(), format_f64);
            return Some(Request::post(id, kind, server, url, (names::JSON, body)));
        };
        percent_encode(what, b"", &mut url);
        Some(Request::get(id, kind, server, url))
    }

    /// Takes in the response to [`Self::request`] and goes to the next step. Gives the reason if the same
    /// has to be asked again later.
    pub fn on_response(&mut self, response: &Response) -> Option<&'static str> {
        let action = classify_response(RequestKind::Experiment, Peer::Mlflow, response);
        if let Step::Locate(_) = self.step {
            return self.on_location(action, response);
        }
        let which = self.which.clone()?;
        if self.step == Step::Search
            && let Some(next) = after_search(action, response, &which)
        {
            self.go_on(next);
            return None;
        }
        let is_taken = response.error_code() == Some(names::RESOURCE_ALREADY_EXISTS);
        match (action, which) {
            (ResponseAction::Retry, _) => return Some(FAILING),
            (ResponseAction::RetryUnbounded { reason }, _) => return Some(reason),
            // MLflow names its errors: another server is behind this address.
            (ResponseAction::EndpointUnsupported, _) if response.error_code().is_none() => return Some(NOT_MLFLOW),
            (ResponseAction::Accept, which) => self.found(response, which),
            (_, ExperimentRef::Name(_)) if self.step == Step::LookUp && response.status == 404 => {
                self.go_on(Step::Create);
            }
            (ResponseAction::Bisect, ExperimentRef::Name(_))
                if self.step == Step::Create && self.rounds < MAX_ROUNDS && is_taken =>
            {
                self.rounds += 1;
                self.go_on(Step::LookUp);
            }
            (_, ExperimentRef::Id(id)) if response.status == 404 => {
                self.refuse(
                    "experiment_not_found",
                    ["no experiment has the id `", &id, "`; set one that exists, or set a name and it is created"]
                        .concat(),
                );
            }
            (_, ExperimentRef::Name(what) | ExperimentRef::Id(what)) => {
                self.refuse("experiment_refused", refusal(&what, response));
            }
        }
        None
    }

    /// Takes in which experiment the trace is in. If there is no such trace, the search ends without one.
    fn on_location(&mut self, action: ResponseAction, response: &Response) -> Option<&'static str> {
        match action {
            ResponseAction::Retry => return Some(FAILING),
            ResponseAction::RetryUnbounded { reason } => return Some(reason),
            ResponseAction::EndpointUnsupported if response.error_code() != Some(names::DOES_NOT_EXIST) => {
                return Some(OTLP_UNSUPPORTED);
            }
            _ => {}
        }
        let id = response.json().filter(|_| action == ResponseAction::Accept);
        self.which = id.and_then(|fields| fields.experiment_id.clone()).map(ExperimentRef::Id);
        self.go_on(if self.which.is_some() { Step::LookUp } else { Step::Done });
        None
    }

    fn go_on(&mut self, step: Step) {
        self.step = step;
        self.state = ExperimentState::Waiting;
        self.is_refused = false;
    }

    fn found(&mut self, response: &Response, which: ExperimentRef) {
        let fields = response.json().cloned().unwrap_or_default();
        if fields.lifecycle_stage.as_deref() == Some(names::DELETED) {
            let (ExperimentRef::Name(what) | ExperimentRef::Id(what)) = which;
            self.refuse(
                "experiment_deleted",
                ["the experiment `", &what, "` is deleted; restore it in MLflow, or set another one"].concat(),
            );
            return;
        }
        let name = match (fields.experiment_name, which) {
            (Some(name), _) | (None, ExperimentRef::Name(name)) => name,
            (None, ExperimentRef::Id(_)) => String::new(),
        };
        self.step = Step::Done;
        self.is_refused = false;
        self.state = ExperimentState::Ready { id: fields.experiment_id.unwrap_or_default(), name };
    }

    /// The server says that the experiment cannot be had. That may change: it may be created or restored.
    fn refuse(&mut self, code: &'static str, message: String) {
        self.step = self.first_step();
        self.rounds = 0;
        self.is_refused = true;
        self.state = ExperimentState::Failed { code, message };
    }

    /// Shows the search as failed because the server does not answer it now, but lets it go on.
    pub fn show_failure(&mut self, code: &'static str, message: String) {
        self.state = ExperimentState::Failed { code, message };
    }
}

/// The quotes that a name can stand in: the server knows no escapes (mlflow/utils/search_utils.py, `_strip_quotes`).
fn quote(name: &str) -> Option<&'static str> {
    let is_free = |quote: u8| !name.bytes().any(|byte| byte == quote);
    if is_free(b'\'') { Some("'") } else { is_free(b'"').then_some("\"") }
}

/// The step after a search that did not find the experiment; `None` if it did, or has to be repeated. A server or relay
/// that refuses the search, or finds another name, is asked for the experiment itself.
fn after_search(action: ResponseAction, response: &Response, which: &ExperimentRef) -> Option<Step> {
    let fields = response.json();
    let is_other = |fields: &JsonFields| match (&fields.experiment_name, which) {
        (Some(found), ExperimentRef::Name(name)) => found != name,
        _ => false,
    };
    match (action, response.status, fields) {
        (ResponseAction::Accept, ..) => fields.is_some_and(is_other).then_some(Step::LookUp),
        (_, 200, Some(fields)) => Some(if fields.is_empty { Step::Create } else { Step::LookUp }),
        (_, 403, _) => Some(Step::LookUp),
        (ResponseAction::Retry | ResponseAction::RetryUnbounded { .. }, ..) => None,
        _ => Some(Step::LookUp),
    }
}

/// What the server says of an experiment that it refuses, as a message for people.
fn refusal(what: &str, response: &Response) -> String {
    let message = response.message();
    let message = message.as_deref().unwrap_or("no reason given");
    let message = message.chars().take(300).collect::<String>();
    let mut status = String::new();
    write_count(u64::from(response.status), &mut status);
    [
        "the tracking server refused the experiment `",
        what,
        "` with status ",
        &status,
        ": ",
        &message,
        "; set another one, or another tracking URI",
    ]
    .concat()
}
