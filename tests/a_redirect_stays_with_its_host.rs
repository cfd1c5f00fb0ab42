//! Where a redirect may lead: another path of the same origin, or the same host by https, and nowhere else.

use mlflow_ag2::mlflow::redirect::{Redirect, redirect};

#[test]
fn a_redirect_within_the_origin_or_from_http_to_https_is_followed() {
    for (from, location, to) in [
        // Paths and whole addresses.
        ("http://host/v1/traces", "/other/v1/traces", "http://host/other/v1/traces"),
        ("http://host/v1/traces", "other", "http://host/other"),
        ("http://host:5000/a?b=c", "/x?y=z", "http://host:5000/x?y=z"),
        ("http://host", "/x", "http://host/x"),
        ("http://host?a", "/x", "http://host/x"),
        ("http://host#a", "/x", "http://host/x"),
        ("http://host/a", "http://host/b", "http://host/b"),
        ("http://HOST/a", "HTTP://host/b", "HTTP://host/b"),
        ("https://host:8443/a", "https://host:8443", "https://host:8443"),
        // The scheme of the request.
        ("https://host/a", "//host/b", "https://host/b"),
        // By https, whatever the port.
        ("http://host/a", "https://host/a", "https://host/a"),
        ("http://host:5000/a", "https://host/a", "https://host/a"),
        ("http://host/a", "https://host:8443/a", "https://host:8443/a"),
        ("http://[::1]:5000/a", "https://[::1]/a", "https://[::1]/a"),
        ("http://[::1]/a", "https://[::1]:8443/a", "https://[::1]:8443/a"),
        // A colon behind the first slash, question mark or hash makes no scheme, and neither does one at the beginning.
        ("http://host/a", "/b:c", "http://host/b:c"),
        ("http://host/a", "b/c:d", "http://host/b/c:d"),
        ("http://host/a", "b?c:d", "http://host/b?c:d"),
        ("http://host/a", "b#c:d", "http://host/b#c:d"),
        ("http://host/a", "", "http://host/"),
    ] {
        assert_eq!(redirect(from, location), Redirect::Follow(to.to_owned()), "{from} to {location}");
    }
}

#[test]
fn a_redirect_elsewhere_is_refused_by_its_origin_alone() {
    for (from, location, origin) in [
        ("http://host/a", "http://other/a?token=secret", "http://other"),
        ("http://host/a", "//other/b#secret", "http://other"),
        ("http://host:5000/a", "http://host/a", "http://host"),
        ("http://host/a", "http://host:5000/a", "http://host:5000"),
        ("https://host/a", "http://host/a", "http://host"),
        ("https://host/a", "https://host:8443/a", "https://host:8443"),
        ("http://host/a", "https://other/a", "https://other"),
        ("http://host/a", "https://host.evil/a", "https://host.evil"),
        ("http://host:5000/a", "https://host:5000.evil/a", "https://host:5000.evil"),
        ("http://host/a", "https://host:x/a", "https://host:x"),
        // A user's name is no host, and a backslash ends one, as browsers read it.
        ("http://host/a", "https://host@evil/a", "https://host@evil"),
        ("http://host/a", "https://evil\\host/a", "https://evil"),
        ("http://host/a", "ftp://host/a", "ftp://host"),
        ("ftp://host/a", "https://host/a", "https://host"),
        ("http://host/a", "ftp:host", "ftp://"),
        ("http://host/a", "javascript:alert(1)", "javascript://"),
        ("http://host/a", ":b", "://"),
    ] {
        assert_eq!(redirect(from, location), Redirect::Refuse { origin: origin.to_owned() }, "{from} to {location}");
    }
}
