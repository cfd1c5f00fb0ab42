//! What goes wrong between us and the server, in sentences for people.

use super::endpoint::Endpoint;
use super::stats::{LastError, Notice};
use crate::mlflow::Response;
use crate::mlflow::response::{
    BUSY, EXPERIMENT_GONE, FAILING, FEATURE_OFF, NOT_MLFLOW, OTLP_UNSUPPORTED, REDIRECTED, TOO_LARGE, UNAUTHORIZED,
    UNREACHABLE,
};
use crate::trace::MonotonicNanos;
use crate::trace::value::write_count;

/// Code of spans that go to the experiment that has their trace.
const EXPERIMENT_MISMATCH: &str = "experiment_mismatch";

/// How much of the server's own words fits a console.
const QUOTE_CHARACTERS: usize = 300;

/// Codes that are remembered as reported at most.
const REPORTED_CODES: usize = 100;

/// The newest error, and the notices that the program has not read yet.
#[derive(Debug, Default)]
pub(super) struct Report {
    last_error: Option<LastError>,
    /// The destination that the newest error is about.
    last_error_uri: String,
    /// The destination of new traces.
    current_uri: String,
    /// The time of the response that is being taken in.
    now: MonotonicNanos,
    notices: Vec<Notice>,
    /// Codes that were reported, each with the server or experiment it was about; empty: none in particular.
    reported: Vec<(&'static str, String)>,
}

impl Report {
    /// The newest error.
    pub(super) const fn last_error(&self) -> Option<&LastError> {
        self.last_error.as_ref()
    }

    /// The time of the response that is being taken in.
    pub(super) const fn now(&self) -> MonotonicNanos {
        self.now
    }

    /// Sets the time of errors from now on.
    pub(super) const fn set_now(&mut self, now: MonotonicNanos) {
        self.now = now;
    }

    /// Sets the destination of new traces: its errors last until they are over, whatever fails elsewhere meanwhile.
    pub(super) fn set_current(&mut self, endpoint: &Endpoint) {
        endpoint.uri().clone_into(&mut self.current_uri);
    }

    /// Marks the newest error as over if it is about this destination: nothing there fails any more.
    pub(super) fn mark_over(&mut self, uri: &str) {
        if let Some(error) = self.last_error.as_mut().filter(|_| self.last_error_uri == uri) {
            error.is_over = true;
        }
    }

    /// The notices since the last call.
    pub(super) fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Allows each code to be reported once more.
    pub(super) fn clear_reported(&mut self) {
        self.reported.clear();
    }

    /// Tells a person, unless the code was reported already.
    pub(super) fn notify(&mut self, code: &'static str, message: String) {
        self.notify_of(code, "", message);
    }

    /// Tells a person something about a server or experiment, unless the code was reported of it already.
    fn notify_of(&mut self, code: &'static str, subject: &str, message: String) {
        let is_reported = |(known, its): &(&str, String)| *known == code && its == subject;
        if !self.reported.iter().any(is_reported) {
            if self.reported.len() >= REPORTED_CODES {
                self.reported.remove(0);
            }
            self.reported.push((code, subject.to_owned()));
            self.notices.push(Notice { code, message });
        }
    }

    /// Notes an error and tells a person.
    pub(super) fn error(&mut self, endpoint: &Endpoint, code: &'static str, message: String) {
        self.error_of(endpoint, code, "", message);
    }

    /// Notes an error about a server or experiment and tells a person.
    pub(super) fn error_of(&mut self, endpoint: &Endpoint, code: &'static str, subject: &str, message: String) {
        self.notify_of(code, subject, message.clone());
        self.set_last_error(endpoint, code, message);
    }

    fn set_last_error(&mut self, endpoint: &Endpoint, code: &'static str, message: String) {
        let is_same = self.last_error_uri == endpoint.uri();
        let lasting = self.last_error.as_ref().is_some_and(|error| !error.is_over);
        if lasting && !is_same && self.last_error_uri == self.current_uri {
            return;
        }
        let before = self.last_error.take().filter(|_| lasting && is_same);
        let since = before.map_or(self.now, |error| error.since);
        endpoint.uri().clone_into(&mut self.last_error_uri);
        self.last_error = Some(LastError { notice: Notice { code, message }, at: self.now, since, is_over: false });
    }

    /// Notes that nothing could be sent now; returns the sentence. A server that is away, broken or refuses
    /// everything is reported at once: a short program would otherwise end before the user knows. One that
    /// asks for patience is not: that passes.
    pub(super) fn transient_failure(
        &mut self,
        endpoint: &Endpoint,
        response: &Response,
        reason: &'static str,
    ) -> String {
        let what = match reason {
            UNREACHABLE => "did not answer",
            REDIRECTED => return self.redirect(endpoint, response.redirect_origin.as_deref()),
            NOT_MLFLOW if response.is_page() => "answered with a web page",
            NOT_MLFLOW => "gave a response that is none of MLflow's or OTLP's",
            UNAUTHORIZED | OTLP_UNSUPPORTED | FEATURE_OFF | EXPERIMENT_GONE => "does not take traces",
            _ => "cannot take traces now",
        };
        let message = sentence(endpoint, what, response, hint(reason));
        if reason == BUSY || response.status == 408 {
            self.set_last_error(endpoint, BUSY, message.clone());
        } else {
            self.error_of(endpoint, reason, endpoint.uri(), message.clone());
        }
        message
    }

    /// The status is left out, because browsers hide it from pages.
    fn redirect(&mut self, endpoint: &Endpoint, origin: Option<&str>) -> String {
        let mut message = ["the tracking server `", endpoint.uri(), "` redirects"].concat();
        if let Some(origin) = origin {
            message.push_str(" to `");
            message.extend(origin.chars().take(QUOTE_CHARACTERS));
            message.push('`');
        }
        message.push_str("; ");
        message.push_str(hint(REDIRECTED));
        self.error_of(endpoint, REDIRECTED, endpoint.uri(), message.clone());
        message
    }

    /// Tells that spans go to another experiment than they were meant for, once for each pair.
    pub(super) fn experiment_mismatch(&mut self, endpoint: &Endpoint, meant: &str, name: &str) {
        let subject = [meant, "\n", name].concat();
        let message = [
            "the tracking server `",
            endpoint.uri(),
            "` has got spans of the same trace for two experiments: those for `",
            meant,
            "` go to `",
            name,
            "`, which got the first; set the same experiment in both programs",
        ]
        .concat();
        self.notify_of(EXPERIMENT_MISMATCH, &subject, message);
    }

    /// Notes that the server refused spans, reported or not.
    pub(super) fn refusal(&mut self, endpoint: &Endpoint, response: &Response, reason: &'static str, is_final: bool) {
        let what = "refused a part of what was sent";
        let message = sentence(endpoint, what, response, hint(reason));
        if is_final {
            self.notify_of(reason, endpoint.uri(), message.clone());
        }
        self.set_last_error(endpoint, reason, message);
    }
}

fn sentence(endpoint: &Endpoint, what: &str, response: &Response, hint: &str) -> String {
    let mut sentence = ["the tracking server `", endpoint.uri(), "` ", what].concat();
    if response.status != 0 {
        sentence.push_str(" (status ");
        write_count(u64::from(response.status), &mut sentence);
        sentence.push(')');
    }
    if let Some(message) = response.message() {
        sentence.push_str(": ");
        sentence.extend(message.chars().take(QUOTE_CHARACTERS));
    }
    sentence.push_str("; ");
    sentence.push_str(hint);
    sentence
}

fn hint(reason: &str) -> &'static str {
    match reason {
        UNAUTHORIZED => {
            "set its credentials (`init({ token })`, `MLFLOW_TRACKING_TOKEN`, or `username` and `password`), \
            or allow this host (`--allowed-hosts`)"
        }
        OTLP_UNSUPPORTED => "set the address of MLflow 3.0 or newer, or the whole address of an OTLP endpoint",
        FEATURE_OFF => "take out the setting it names",
        EXPERIMENT_GONE => "set an experiment that exists",
        TOO_LARGE => "allow larger requests in the proxy before it, or record less",
        UNREACHABLE => "start it, correct the tracking URI, or allow this origin (`--cors-allowed-origins`)",
        REDIRECTED => "set the tracking URI to the address at which MLflow itself answers",
        NOT_MLFLOW => "set the address of an MLflow server, or log in where the page asks for it",
        BUSY | FAILING => "look at its log if this goes on",
        _ => "look at the reason it gives",
    }
}
