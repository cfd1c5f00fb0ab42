//! Finds the experiment that traces go to, and creates it if it is missing: a state machine over
//! answers.

use super::names;
use super::request::{Answer, Request, RequestId, RequestKind, percent_encode};
use super::verdict::{UNAUTHORIZED, Verdict, judge};
use crate::trace::value::write_count;
use crate::trace::value::write_json_string;

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
    /// Nobody asked for one: traces go to the experiment with the id 0.
    Unset,
    /// It is being looked up.
    Waiting,
    /// It is there.
    Ready {
        /// Its id.
        id: String,
        /// Its name.
        name: String,
    },
    /// It cannot be had. Traces are kept until it can.
    Failed {
        /// A stable name for programs.
        code: &'static str,
        /// What is wrong and how to cure it.
        message: String,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    LookUp,
    Create,
    Done,
}

/// The search for the experiment.
pub struct Experiment {
    which: Option<ExperimentRef>,
    step: Step,
    rounds: u8,
    state: ExperimentState,
}

impl Default for Experiment {
    fn default() -> Self {
        Self {
            which: None,
            step: Step::Done,
            rounds: 0,
            state: ExperimentState::Unset,
        }
    }
}

impl Experiment {
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

    /// Wants another experiment; tells whether that changes anything. The same one again does not,
    /// unless its search had failed.
    pub fn set(&mut self, which: ExperimentRef) -> bool {
        let failed = matches!(self.state, ExperimentState::Failed { .. });
        let changes = failed || self.which.as_ref() != Some(&which);
        if changes {
            self.which = Some(which);
            self.start_over();
        }
        changes
    }

    /// Whether there is a request to be made.
    #[must_use]
    pub fn searching(&self) -> bool {
        self.step != Step::Done
    }

    /// Searches again, because the server or its mind has changed.
    pub fn start_over(&mut self) {
        if self.which.is_some() {
            self.step = Step::LookUp;
            self.rounds = 0;
            self.state = ExperimentState::Waiting;
        }
    }

    /// The id to send spans to, once it is known.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match &self.state {
            ExperimentState::Unset => Some(names::DEFAULT_EXPERIMENT_ID),
            ExperimentState::Ready { id, .. } => Some(id),
            ExperimentState::Waiting | ExperimentState::Failed { .. } => None,
        }
    }

    /// The next request of the search; `None` when it is over.
    #[must_use]
    pub fn request(&self, id: RequestId, server: &str) -> Option<Request> {
        let mut url = server.to_owned();
        let mut look_up = |path: &str, what: &str| {
            url.push_str(path);
            percent_encode(what, b"", &mut url);
        };
        match (self.step, self.which.as_ref()?) {
            (Step::Done, _) => return None,
            (Step::Create, ExperimentRef::Name(name)) => {
                url.push_str(names::EXPERIMENT_CREATE_PATH);
                let mut body = String::from("{\"name\":");
                write_json_string(name, &mut body);
                body.push('}');
                return Some(Request::post(
                    id,
                    RequestKind::Experiment,
                    url,
                    names::JSON,
                    body.into_bytes(),
                ));
            }
            (Step::LookUp, ExperimentRef::Name(name)) => {
                look_up(names::EXPERIMENT_BY_NAME_PATH, name)
            }
            (_, ExperimentRef::Id(wanted)) => look_up(names::EXPERIMENT_BY_ID_PATH, wanted),
        }
        Some(Request::get(id, RequestKind::Experiment, url))
    }

    /// Takes in the answer to [`Self::request`] and goes to the next step. On
    /// [`Verdict::TryAgain`] nothing has changed.
    pub fn settle(&mut self, answer: &Answer) -> Verdict {
        let Some(which) = self.which.clone() else {
            return Verdict::Delivered;
        };
        let verdict = judge(RequestKind::Experiment, answer);
        match (verdict, which) {
            (Verdict::TryAgain | Verdict::Wait { .. }, _) => {}
            (Verdict::Delivered, which) => self.found(answer, which),
            (_, ExperimentRef::Name(_)) if self.step == Step::LookUp && answer.status == 404 => {
                return self.go_on(Step::Create);
            }
            (Verdict::Split, ExperimentRef::Name(_))
                if self.step == Step::Create
                    && self.rounds < MAX_ROUNDS
                    && answer.body.error_code.as_deref()
                        == Some(names::RESOURCE_ALREADY_EXISTS) =>
            {
                self.rounds += 1;
                return self.go_on(Step::LookUp);
            }
            (_, ExperimentRef::Id(id)) if answer.status == 404 => {
                self.fail(
                    "experiment_not_found",
                    [
                        "no experiment has the id `",
                        &id,
                        "`; set one that exists, or set a name and it is created",
                    ]
                    .concat(),
                );
            }
            (
                Verdict::Stop {
                    reason: UNAUTHORIZED,
                },
                _,
            ) => {
                self.fail(UNAUTHORIZED, "the tracking server refused to look up the experiment; set its credentials as a request header".to_owned());
            }
            (_, which) => {
                let (ExperimentRef::Name(what) | ExperimentRef::Id(what)) = which;
                let said = answer.body.message.as_deref().unwrap_or("no reason given");
                let said = said.chars().take(300).collect::<String>();
                let mut status = String::new();
                write_count(u64::from(answer.status), &mut status);
                self.fail(
                    "experiment_refused",
                    [
                        "the tracking server refused the experiment `",
                        &what,
                        "` with status ",
                        &status,
                        ": ",
                        &said,
                        "; set another one, or another tracking URI",
                    ]
                    .concat(),
                );
            }
        }
        verdict
    }

    fn go_on(&mut self, step: Step) -> Verdict {
        self.step = step;
        self.state = ExperimentState::Waiting;
        Verdict::Delivered
    }

    fn found(&mut self, answer: &Answer, which: ExperimentRef) {
        let Some(id) = &answer.body.experiment_id else {
            // Any web server answers 200 with a page of its own.
            self.fail("not_mlflow", "the tracking URI leads to something that is not MLflow; set the address of an MLflow server".to_owned());
            return;
        };
        if answer.body.lifecycle_stage.as_deref() == Some(names::DELETED) {
            let (ExperimentRef::Name(what) | ExperimentRef::Id(what)) = which;
            self.fail(
                "experiment_deleted",
                [
                    "the experiment `",
                    &what,
                    "` is deleted; restore it in MLflow, or set another one",
                ]
                .concat(),
            );
            return;
        }
        let name = match (&answer.body.experiment_name, which) {
            (Some(name), _) => name.clone(),
            (None, ExperimentRef::Name(name)) => name,
            (None, ExperimentRef::Id(_)) => String::new(),
        };
        self.step = Step::Done;
        self.state = ExperimentState::Ready {
            id: id.clone(),
            name,
        };
    }

    fn fail(&mut self, code: &'static str, message: String) {
        self.step = Step::Done;
        self.state = ExperimentState::Failed { code, message };
    }

    /// Shows the search as failed because the server does not answer, but lets it go on.
    pub fn away(&mut self, code: &'static str, message: String) {
        self.state = ExperimentState::Failed { code, message };
    }
}
