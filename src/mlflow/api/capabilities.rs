//! What a server can do: one or two questions before the first spans, and what follows from the
//! responses to those and to spans.

use std::rc::Rc;

use super::request::{Request, RequestId, RequestKind};
use crate::mlflow::names;
use crate::mlflow::response::{
    BUSY, FAILING, NOT_MLFLOW, Peer, REDIRECTED, Response, ResponseAction, TIMED_OUT, UNREACHABLE, classify_response,
};
use crate::trace::MonotonicNanos;
use crate::trace::value::read_digits;

/// The first version whose OTLP endpoint takes several traces in one request, compressed bodies, and
/// values as they are sent (before that they stay quoted twice).
const OTLP_SINCE: (u64, u64) = (3, 7);
/// How long traces go as files, in milliseconds, before OTLP is tried again at a server that should have it.
const FALLBACK_MS: u64 = 300_000;
/// How long a server that says that it takes only files is believed, in milliseconds: it may be upgraded.
const FILES_BELIEVED_MS: u64 = 3_600_000;
/// How often in a row spans must get no response, with a question right after that is answered, before a browser is
/// taken to refuse OTLP.
const BLOCKED_LIMIT: u8 = 2;

/// How spans get to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// `POST /v1/traces`, any number of spans of any traces.
    #[default]
    Otlp,
    /// `POST` of each whole trace's info, then its spans as a file: for servers before MLflow 3.7,
    /// those that keep their data in files, and for a while those whose OTLP endpoint cannot be used.
    Artifact,
}

/// What follows from a refusal of OTLP as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtlpRefusal {
    /// The server is asked again what it can do, at once: it may be in the middle of a deploy.
    AskAgain,
    /// The server is asked again after a wait: it was before, and does not answer like MLflow.
    AskLater,
    /// Traces go as files for a while.
    FallBack,
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

/// What is known of a server.
#[derive(Debug, Default)]
pub struct Capabilities {
    step: Step,
    protocol: Protocol,
    workspaces: bool,
    /// The workspace that is wanted, if it has such; empty: none.
    workspace: String,
    /// Whether it has answered the questions as MLflow does.
    is_mlflow: bool,
    /// Whether spans have just got no response, and a browser may have refused to send them: the question that follows
    /// at once tells whether the server is there.
    may_be_blocked: bool,
    /// How often in a row spans got no response although the question right after was answered.
    blocked: u8,
    /// Whether spans were ever answered, well or not: a browser that refuses to send them always does.
    is_proven: bool,
    /// Whether OTLP was refused as such since it last took spans.
    otlp_refused: bool,
    /// Whether traces go as files although the server says that it takes OTLP.
    is_fallback: bool,
    /// While traces go as files: when the server is asked again.
    files_until: MonotonicNanos,
}

impl Capabilities {
    /// What is known of a server that was not asked yet, and of which this workspace is wanted; empty: none.
    #[must_use]
    pub fn new(workspace: &str) -> Self {
        Self { workspace: workspace.to_owned(), ..Self::default() }
    }

    /// The workspace that requests name: the one that is wanted, if the server has workspaces. Others answer
    /// every request that names one with an error.
    #[must_use]
    pub fn workspace(&self) -> Option<&str> {
        let is_named = self.workspaces && !self.workspace.is_empty();
        is_named.then_some(self.workspace.as_str())
    }

    /// Whether it has yet to be found out if requests name the workspace.
    #[must_use]
    pub fn is_workspace_pending(&self) -> bool {
        !self.workspace.is_empty() && self.is_pending()
    }

    /// Whether something is to be asked before spans are sent.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.step != Step::Known
    }

    /// How spans get there.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Forgets everything, because the configuration has changed.
    pub fn forget(&mut self) {
        *self = Self::new(&std::mem::take(&mut self.workspace));
    }

    /// The question.
    #[must_use]
    pub fn request(&self, id: RequestId, server: &Rc<str>) -> Request {
        let path = match self.step {
            Step::Version => names::VERSION_PATH,
            _ => names::SERVER_INFO_PATH,
        };
        Request::get(id, RequestKind::Probe, server, [server, path].concat())
    }

    /// Whether the question is to be asked at once, because spans have just got no response: a moment later the server
    /// may be there again.
    #[must_use]
    pub const fn is_urgent(&self) -> bool {
        self.may_be_blocked
    }

    /// Takes in the response to the question. Gives the reason if it has to be asked again later; whatever
    /// else the server says is no reason to send it nothing: if it is not what it seems, the first response
    /// to spans shows.
    pub fn on_response(&mut self, response: &Response, now: MonotonicNanos) -> Option<&'static str> {
        let action = classify_response(RequestKind::Probe, Peer::Mlflow, response);
        let may_be_blocked = std::mem::take(&mut self.may_be_blocked);
        match action {
            ResponseAction::RetryUnbounded { reason }
                if [UNREACHABLE, BUSY, REDIRECTED, NOT_MLFLOW].contains(&reason) =>
            {
                // This is why spans got no response.
                self.blocked = 0;
                return Some(reason);
            }
            // Without the workspace's name spans would go to another one.
            ResponseAction::Retry if !self.workspace.is_empty() => return Some(FAILING),
            _ => {}
        }
        if may_be_blocked {
            self.blocked += 1;
            if self.blocked >= BLOCKED_LIMIT {
                self.use_files(now.plus_millis(FALLBACK_MS), true);
            }
        }
        let is_answered = action == ResponseAction::Accept;
        let information = response.json().filter(|_| is_answered);
        let version = response.version().filter(|_| is_answered);
        match self.step {
            Step::Information => match information {
                // MLflow 3.9 says how it stores, 3.10 and later also whether it has workspaces.
                Some(fields) if fields.store_type.is_some() || fields.workspaces_enabled.is_some() => {
                    self.workspaces = fields.workspaces_enabled == Some(true);
                    self.learn(fields.store_type.as_deref() == Some(names::FILE_STORE), now);
                }
                _ => self.step = Step::Version,
            },
            Step::Version | Step::Known => match version.and_then(read_version) {
                Some(version) => self.learn(version < OTLP_SINCE, now),
                None => self.step = Step::Known,
            },
        }
        None
    }

    /// The server has reported its capabilities.
    fn learn(&mut self, takes_only_files: bool, now: MonotonicNanos) {
        self.step = Step::Known;
        self.is_mlflow = true;
        if takes_only_files {
            self.use_files(now.plus_millis(FILES_BELIEVED_MS), false);
        } else if !self.is_fallback {
            self.protocol = Protocol::Otlp;
        }
    }

    /// A request got no response: the server is asked whether it is there before anything is sent again.
    pub const fn on_no_response(&mut self) {
        if matches!(self.step, Step::Known) {
            self.step = Step::Information;
        }
    }

    /// Spans got no response. If a browser may have refused to send them, the server is asked at once whether it is
    /// there. If it is, time after time, the page may not use OTLP. (MLflow's basic-auth app answers the browser's
    /// question whether OTLP is allowed with 401: mlflow/server/auth.) A server that takes long is no such refusal.
    pub fn on_spans_without_response(&mut self, response: &Response) {
        let may_be_blocked = response.may_be_blocked && response.time_used < TIMED_OUT;
        if self.step == Step::Known && self.protocol == Protocol::Otlp {
            self.may_be_blocked = may_be_blocked && !self.is_proven;
        }
        self.on_no_response();
    }

    /// Spans were answered, well or not: the page may use the protocol.
    pub const fn on_answer(&mut self) {
        self.blocked = 0;
        self.is_proven = true;
    }

    /// Spans were taken: the server has the endpoint.
    pub const fn on_success(&mut self) {
        self.otlp_refused = false;
    }

    /// The OTLP endpoint is not there. The server is asked again what it can do; only one that has answered
    /// like MLflow since the last refusal gets files from now on.
    pub fn on_otlp_unsupported(&mut self, now: MonotonicNanos) -> OtlpRefusal {
        let is_second = std::mem::replace(&mut self.otlp_refused, true);
        if is_second && self.is_mlflow {
            self.step = Step::Known;
            self.use_files(now.plus_millis(FALLBACK_MS), true);
            return OtlpRefusal::FallBack;
        }
        self.ask_again();
        if is_second { OtlpRefusal::AskLater } else { OtlpRefusal::AskAgain }
    }

    /// Files are refused as such: everything is found out anew.
    pub fn on_artifact_unsupported(&mut self) {
        self.otlp_refused = false;
        self.try_otlp();
    }

    /// Ends the time in which traces go as files, if it is over: the server is asked again.
    pub fn expire_files(&mut self, now: MonotonicNanos) {
        if self.protocol == Protocol::Artifact && self.files_until <= now {
            // Once more is enough to know that nothing has changed.
            self.blocked = self.blocked.min(BLOCKED_LIMIT - 1);
            self.try_otlp();
        }
    }

    const fn try_otlp(&mut self) {
        self.protocol = Protocol::Otlp;
        self.is_fallback = false;
        self.ask_again();
    }

    const fn ask_again(&mut self) {
        self.step = Step::Information;
        self.is_mlflow = false;
    }

    const fn use_files(&mut self, until: MonotonicNanos, is_fallback: bool) {
        self.protocol = Protocol::Artifact;
        self.files_until = until;
        self.is_fallback = is_fallback;
    }
}

/// Major and minor number.
fn read_version(version: &str) -> Option<(u64, u64)> {
    let mut numbers = version.as_bytes().split(|byte| *byte == b'.');
    let mut number = || read_digits(numbers.next()?);
    Some((number()?, number()?))
}
