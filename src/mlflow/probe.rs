//! What the server can do: one or two questions before the first spans, and what follows from the
//! answers.

use super::names;
use super::request::{Answer, Request, RequestId, RequestKind};
use super::verdict::{Verdict, judge};
use crate::trace::value::read_digits;

/// The first version whose OTLP endpoint takes several traces in one request, compressed bodies, and
/// values as they are sent (before that they stay quoted twice).
const OTLP_SINCE: (u64, u64) = (3, 7);

/// How spans get to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// `POST /v1/traces`, any number of spans of any traces.
    #[default]
    Otlp,
    /// `POST` of each whole trace's info, then its spans as a file: for servers before MLflow 3.7,
    /// those that keep their data in files, and those whose OTLP endpoint a page may not use.
    Files,
}

/// How much is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Step {
    /// Nothing: its information is to be asked for.
    #[default]
    Information,
    /// It has no such information, being older than MLflow 3.9 or not MLflow.
    Version,
    /// All there is to know.
    Known,
}

/// What is known of the server.
#[derive(Debug, Default)]
pub struct Probe {
    step: Step,
    way: Way,
    workspaces: bool,
    /// How often in a row spans were not answered although the server answers questions.
    blocked: u8,
    /// Whether spans were ever answered, well or not: a browser that refuses to send them always does.
    is_proven: bool,
}

impl Probe {
    /// Whether something is to be asked before spans are sent.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.step != Step::Known
    }

    /// How spans get there.
    #[must_use]
    pub const fn way(&self) -> Way {
        self.way
    }

    /// Whether the server has workspaces.
    #[must_use]
    pub const fn workspaces(&self) -> bool {
        self.workspaces
    }

    /// Forgets everything, because it is another server or another configuration.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Knows without asking: what is there speaks OTLP.
    pub fn skip(&mut self) {
        self.step = Step::Known;
        self.way = Way::Otlp;
    }

    /// The question.
    #[must_use]
    pub fn request(&self, id: RequestId, server: &str) -> Request {
        let path = match self.step {
            Step::Version => names::VERSION_PATH,
            _ => names::SERVER_INFO_PATH,
        };
        Request::get(id, RequestKind::Probe, [server, path].concat())
    }

    /// Takes in the answer. On [`Verdict::Wait`] nothing has changed; whatever else the server says
    /// is no reason to send it nothing: if it is not what it seems, the first answer to spans shows.
    pub fn settle(&mut self, answer: &Answer) -> Verdict {
        let verdict = judge(RequestKind::Probe, answer);
        if let Verdict::Wait { .. } = verdict {
            return verdict;
        }
        let (body, delivered) = (&answer.body, verdict == Verdict::Delivered);
        self.step = match self.step {
            Step::Information if delivered && body.workspaces_enabled.is_some() => {
                self.workspaces = body.workspaces_enabled == Some(true);
                if body.store_type.as_deref() == Some(names::FILE_STORE) {
                    self.way = Way::Files;
                }
                Step::Known
            }
            Step::Information => Step::Version,
            Step::Version | Step::Known => {
                let version = body.version.as_deref().filter(|_| delivered);
                if version.is_some_and(is_before_otlp) {
                    self.way = Way::Files;
                }
                Step::Known
            }
        };
        Verdict::Delivered
    }

    /// Spans were not answered. Whether the server is there at all is asked before they are sent
    /// again; if it is, time after time, and a browser may have refused to send them, the page may
    /// not use this way. (MLflow's basic-auth app answers the browser's question whether OTLP is
    /// allowed with 401: mlflow/server/auth.)
    pub fn no_answer(&mut self, answer: &Answer) {
        if self.step == Step::Known
            && answer.may_be_blocked
            && self.way == Way::Otlp
            && !self.is_proven
        {
            self.blocked += 1;
        }
        if self.blocked >= 2 {
            self.way = Way::Files;
        } else {
            self.step = Step::Information;
        }
    }

    /// Spans were answered: the way is open.
    pub fn answered(&mut self) {
        self.blocked = 0;
        self.is_proven = true;
    }

    /// Nobody takes spans on this way. Tells whether there is another.
    pub fn no_such_way(&mut self) -> bool {
        let other = self.way == Way::Otlp;
        self.way = Way::Files;
        other
    }
}

fn is_before_otlp(version: &str) -> bool {
    let mut numbers = version.as_bytes().split(|byte| *byte == b'.');
    let mut number = || read_digits(numbers.next()?);
    let (Some(major), Some(minor)) = (number(), number()) else {
        return false;
    };
    (major, minor) < OTLP_SINCE
}
