//! Each failure of a request is one sentence: which server, what it did, what it says itself, and what helps.

mod common;

use common::*;
use mlflow_ag2::mlflow::{ExperimentRef, JsonFields, RequestKind, Response};

/// The newest error after the server has answered the first request with spans so: its code, and its sentence after
/// the name of the server.
fn error_after(tracer: &mut TestTracer, response: &Response) -> (&'static str, String) {
    trace_of(tracer, 1, 0);
    let mut request = next(tracer, 10_000);
    while request.kind != RequestKind::Spans {
        tracer.on_response(request.id, success(request.kind), at(10_000));
        request = next(tracer, 10_000);
    }
    tracer.on_response(request.id, response.clone(), at(10_000));
    let error = tracer.stats().last_error.expect("an error").notice;
    let subject = format!("the tracking server `{SERVER}` ");
    (error.code, error.message.strip_prefix(&subject).expect("the name of the server").to_owned())
}

fn away(reason: &str) -> Response {
    Response { error: Some(reason.to_owned()), ..status(0) }
}

fn says(code: u16, text: &str) -> Response {
    json_response(code, JsonFields { message: Some(text.to_owned()), ..JsonFields::default() })
}

#[test]
fn every_failure_names_the_server_what_it_did_and_what_helps() {
    let web_page = text_response(200, "<h1>Log in</h1>", true);
    let credentials = "set its credentials (`init({ token })`, `MLFLOW_TRACKING_TOKEN`, or `username` and `password`), \
         or allow this host (`--allowed-hosts`)";
    let address = "set the address of an MLflow server, or log in where the page asks for it";
    let reachable = "start it, correct the tracking URI, or allow this origin (`--cors-allowed-origins`)";
    let rows = [
        (away("fetch failed"), "unreachable", format!("did not answer: fetch failed; {reachable}")),
        (away(""), "unreachable", format!("did not answer; {reachable}")),
        (status(401), "unauthorized", format!("does not take traces (status 401); {credentials}")),
        (says(403, "not you"), "unauthorized", format!("does not take traces (status 403): not you; {credentials}")),
        (web_page, "not_mlflow", format!("answered with a web page (status 200); {address}")),
        (
            text_response(200, "hello", false),
            "not_mlflow",
            format!("gave a response that is none of MLflow's or OTLP's (status 200): hello; {address}"),
        ),
        (
            error(500, "FEATURE_DISABLED"),
            "feature_disabled",
            "does not take traces (status 500); take out the setting it names".to_owned(),
        ),
        (
            status(503),
            "server_busy",
            "cannot take traces now (status 503); look at its log if this goes on".to_owned(),
        ),
        (
            says(500, "out of disk"),
            "server_error",
            "cannot take traces now (status 500): out of disk; look at its log if this goes on".to_owned(),
        ),
        (
            status(408),
            "server_busy",
            "cannot take traces now (status 408); look at its log if this goes on".to_owned(),
        ),
        (
            status(413),
            "too_large",
            "refused a part of what was sent (status 413); allow larger requests in the proxy before it, or record less"
                .to_owned(),
        ),
        (
            says(400, "bad span"),
            "refused",
            "refused a part of what was sent (status 400): bad span; look at the reason it gives".to_owned(),
        ),
    ];
    for (response, code, sentence) in rows {
        assert_eq!(error_after(&mut with_server(), &response), (code, sentence), "{response:?}");
    }
}

#[test]
fn an_endpoint_that_is_not_there_and_an_experiment_that_is_not_are_named_with_what_helps() {
    let mut tracer = in_memory();
    tracer.set_otlp_endpoint("http://collector.test").expect("an address");
    trace_of(&mut tracer, 1, 0);
    exchange(&mut tracer, 404, 1_000);
    assert_eq!(
        tracer.take_notices().remove(0).message,
        "the tracking server `http://collector.test` does not take traces (status 404); set the address of MLflow 3.0 \
        or newer, or the whole address of an OTLP endpoint"
    );
    let gone = error_after(&mut with_server(), &error(404, "RESOURCE_DOES_NOT_EXIST"));
    assert_eq!(gone.0, "experiment_gone");
    assert_eq!(gone.1, "does not take traces (status 404); set an experiment that exists");
}

#[test]
fn a_program_that_comes_back_to_a_server_waits_no_longer_and_learns_of_its_error_again() {
    type Change = fn(&mut TestTracer);
    let changes: [(Change, Change); 2] = [
        (
            |tracer| tracer.set_tracking_uri("memory:").expect("memory"),
            |tracer| tracer.set_tracking_uri(SERVER).expect("an address"),
        ),
        (|tracer| tracer.set_workspace("other"), |tracer| tracer.set_workspace("")),
    ];
    for (leave, come_back) in changes {
        let mut tracer = with_server();
        trace_of(&mut tracer, 1, 0);
        for step in 1..6 {
            exchange(&mut tracer, 401, 100_000 * step);
        }
        assert_eq!(codes(&mut tracer), ["unauthorized"]);
        assert!(due_request(&mut tracer, 500_001).is_none(), "it waits");
        leave(&mut tracer);
        come_back(&mut tracer);
        exchange(&mut tracer, 401, 500_001);
        assert_eq!(codes(&mut tracer), ["unauthorized"]);
    }
}

#[test]
fn an_experiment_that_was_not_found_is_looked_for_and_reported_again_when_it_is_set_again() {
    let mut tracer = with_server();
    for millis in [0, 1] {
        tracer.set_experiment(ExperimentRef::Id("7".into()));
        let search = next(&mut tracer, millis);
        assert!(search.url.ends_with("=7"), "{}", search.url);
        tracer.on_response(search.id, error(404, "RESOURCE_DOES_NOT_EXIST"), at(millis));
        assert_eq!(codes(&mut tracer), ["experiment_not_found"]);
    }
}

#[test]
fn the_words_of_a_web_page_are_not_quoted_but_those_of_a_text_are() {
    for (is_html, quoted) in [(true, false), (false, true)] {
        let (_, sentence) = error_after(&mut with_server(), &text_response(403, "Forbidden by proxy", is_html));
        assert_eq!(sentence.contains(": Forbidden by proxy;"), quoted, "{sentence}");
    }
}

#[test]
fn an_error_is_a_notice_once_until_the_program_changes_its_configuration() {
    let mut tracer = with_server();
    error_after(&mut tracer, &status(401));
    assert_eq!(codes(&mut tracer), ["unauthorized"]);
    let again = next(&mut tracer, 200_000);
    tracer.on_response(again.id, status(401), at(200_000));
    assert_eq!(codes(&mut tracer), [""; 0]);
    tracer.configuration_changed();
    exchange(&mut tracer, 401, 400_000);
    assert_eq!(codes(&mut tracer), ["unauthorized"]);
}

#[test]
fn a_redirect_names_where_it_leads() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 1, 0);
    let sent = next(&mut tracer, 1_000);
    let response = Response { redirect_origin: Some("https://other.test".into()), ..status(307) };
    tracer.on_response(sent.id, response, at(1_000));
    let notice = tracer.take_notices().remove(0);
    assert_eq!(notice.code, "redirected");
    assert_eq!(
        notice.message,
        "the tracking server `http://mlflow.test:5000` redirects to `https://other.test`; set the tracking URI to the \
        address at which MLflow itself answers"
    );
}

#[test]
fn why_there_is_no_response_is_reported_in_the_hosts_words() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 1, 0);
    let sent = next(&mut tracer, 1_000);
    let response = Response { error: Some("connection refused".into()), ..status(0) };
    tracer.on_response(sent.id, response, at(1_000));
    let message = tracer.take_notices().remove(0).message;
    assert!(message.contains("did not answer: connection refused;"), "{message}");
}

#[test]
fn the_servers_own_words_are_quoted_at_a_bearable_length() {
    let mut tracer = with_server();
    trace_of(&mut tracer, 1, 0);
    let request = next(&mut tracer, 1_000);
    let fields = JsonFields { message: Some("é".repeat(10_000)), ..JsonFields::default() };
    tracer.on_response(request.id, json_response(400, fields), at(1_000));
    let message = tracer.take_notices().remove(0).message;
    assert_eq!(message.matches('é').count(), 300);
}

#[test]
fn tracking_uris_are_read_strictly_and_their_secrets_are_not_repeated() {
    let mut tracer = in_memory();
    assert_eq!(tracer.tracking_uri(), "memory:");
    for (given, expected) in [
        ("http://localhost:5000", "http://localhost:5000"),
        (" HTTPS://host/mlflow/ ", "HTTPS://host/mlflow"),
        ("http://[::1]:5000//", "http://[::1]:5000"),
        ("memory:", "memory:"),
    ] {
        tracer.set_tracking_uri(given).expect("an address");
        assert_eq!(tracer.tracking_uri(), expected);
    }
    for (given, code) in [
        ("", "tracking_uri_unsupported"),
        ("localhost:5000", "tracking_uri_unsupported"),
        ("databricks", "tracking_uri_unsupported"),
        ("sqlite:///mlflow.db", "tracking_uri_unsupported"),
        ("http://", "tracking_uri_invalid"),
        ("http://:5000", "tracking_uri_invalid"),
        ("http://ho st", "tracking_uri_invalid"),
        ("http://host?token=secret", "tracking_uri_invalid"),
        ("http://user:secret@host", "tracking_uri_credentials"),
        ("postgresql://user:secret@host/db", "tracking_uri_credentials"),
    ] {
        let error = tracer.set_tracking_uri(given).expect_err(given);
        assert_eq!(error.code(), code, "{given}");
        assert!(!error.to_string().contains("secret"), "{error}");
        assert_eq!(tracer.tracking_uri(), "memory:", "the old one stays");
    }
}

#[test]
fn an_address_copied_from_the_pages_of_mlflow_is_that_of_its_server() {
    for (copied, uri) in [
        ("http://mlflow.test:5000/#/experiments/1/traces?x=y", "http://mlflow.test:5000"),
        ("https://mlflow.test/team/#/", "https://mlflow.test/team"),
        (" http://mlflow.test/#/home ", "http://mlflow.test"),
    ] {
        let mut tracer = in_memory();
        tracer.set_tracking_uri(copied).expect("an address");
        assert_eq!(tracer.tracking_uri(), uri);
    }
    let mut tracer = in_memory();
    assert!(tracer.set_tracking_uri("http://mlflow.test/#part").is_err());
    assert!(tracer.set_otlp_endpoint("http://collector.test/#/v1/traces").is_err());
}
