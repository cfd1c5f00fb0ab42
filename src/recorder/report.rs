//! What goes wrong between us and the server, in sentences for people.

use super::stats::Notice;
use super::tracking::Target;
use crate::mlflow::Answer;
use crate::mlflow::verdict::{
    BUSY, EXPERIMENT_GONE, FAILING, FEATURE_OFF, NOT_MLFLOW, OTLP_UNSUPPORTED, REDIRECTED,
    TOO_LARGE, UNAUTHORIZED, UNREACHABLE,
};
use crate::trace::value::write_count;

/// How much of the server's own words fits a console.
const QUOTE_CHARACTERS: usize = 300;

/// The newest error, and the notices that nobody has read yet.
#[derive(Default)]
pub struct Report {
    last_error: Option<Notice>,
    notices: Vec<Notice>,
    told: Vec<&'static str>,
}

impl Report {
    /// The newest error.
    pub const fn last_error(&self) -> Option<&Notice> {
        self.last_error.as_ref()
    }

    /// The notices since the last call.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Allows each code to be told once more.
    pub fn forget_what_was_told(&mut self) {
        self.told.clear();
    }

    /// Tells a person, unless that was done already.
    pub fn notify(&mut self, code: &'static str, message: String) {
        if !self.told.contains(&code) {
            self.told.push(code);
            self.notices.push(Notice { code, message });
        }
    }

    /// Notes an error and tells a person.
    pub fn error(&mut self, code: &'static str, message: String) {
        self.notify(code, message.clone());
        self.error_in_passing(code, message);
    }

    /// Notes an error that may pass.
    pub fn error_in_passing(&mut self, code: &'static str, message: String) {
        self.last_error = Some(Notice { code, message });
    }

    /// Notes that nothing could be sent now; returns the sentence. A server that is away or broken is
    /// told of at once: a short program would otherwise end before anybody knows. One that asks for
    /// patience is not: that passes.
    pub fn no_luck(&mut self, target: &Target, answer: &Answer, reason: &'static str) -> String {
        let what = match reason {
            UNREACHABLE => "did not answer",
            REDIRECTED => "sends elsewhere",
            NOT_MLFLOW => "answered with a web page",
            _ => "cannot take traces now",
        };
        let message = sentence(target, what, answer, cure(reason));
        if reason == BUSY || answer.status == 408 {
            self.error_in_passing(BUSY, message.clone());
        } else {
            self.error(reason, message.clone());
        }
        message
    }

    /// Notes that the server refused a trace, told or not.
    pub fn refused(
        &mut self,
        target: &Target,
        answer: &Answer,
        reason: &'static str,
        for_good: bool,
    ) {
        let message = sentence(
            target,
            "refused a part of what was sent",
            answer,
            cure(reason),
        );
        if for_good {
            self.notify(reason, message.clone());
        }
        self.error_in_passing(reason, message);
    }

    /// Notes that the server takes nothing until something changes.
    pub fn stopped(&mut self, target: &Target, answer: &Answer, reason: &'static str) {
        self.error(
            reason,
            sentence(target, "does not take traces", answer, cure(reason)),
        );
    }
}

fn sentence(target: &Target, what: &str, answer: &Answer, cure: &str) -> String {
    let mut sentence = ["the tracking server `", target.uri(), "` ", what].concat();
    if answer.status != 0 {
        sentence.push_str(" (status ");
        write_count(u64::from(answer.status), &mut sentence);
        sentence.push(')');
    }
    if let Some(said) = &answer.body.message {
        sentence.push_str(": ");
        sentence.extend(said.chars().take(QUOTE_CHARACTERS));
    }
    sentence.push_str("; ");
    sentence.push_str(cure);
    sentence
}

fn cure(reason: &str) -> &'static str {
    match reason {
        UNAUTHORIZED => {
            "set its credentials (`init({ token })`, or `username` and `password`), or allow this host (`--allowed-hosts`)"
        }
        OTLP_UNSUPPORTED => {
            "set the address of MLflow 3.0 or newer, or the whole address of an OTLP endpoint"
        }
        FEATURE_OFF => "take out the setting it names",
        EXPERIMENT_GONE => "set an experiment that exists",
        TOO_LARGE => "allow larger requests in the proxy before it, or record less",
        UNREACHABLE => {
            "start it, correct the tracking URI, or allow this origin (`--cors-allowed-origins`)"
        }
        REDIRECTED => "set the address that it leads to",
        NOT_MLFLOW => "set the address of an MLflow server, or log in where the page asks for it",
        BUSY | FAILING => "look at its log if this goes on",
        _ => "look at the reason it gives",
    }
}
