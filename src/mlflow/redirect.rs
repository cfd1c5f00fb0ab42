//! Where a redirect may lead: only to the same host, so that spans and credentials do not go elsewhere.

/// What a redirect from `from` to the `Location` of a response means (RFC 9110, 10.2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redirect {
    /// Another address of the same origin, or of the same host by https instead of http.
    Follow(String),
    /// Another origin, which is not asked.
    Refuse {
        /// Scheme, host and port: the rest of such an address may hold a secret.
        origin: String,
    },
}

/// Reads a `Location`: a whole address, one without a scheme, or a path. A path that is relative counts from the root
/// of the server, as no server of MLflow or OTLP sends any.
#[must_use]
pub fn redirect(from: &str, location: &str) -> Redirect {
    let (scheme, authority) = origin(from);
    let absolute = if location.starts_with("//") {
        [scheme, ":", location].concat()
    } else if has_scheme(location) {
        location.to_owned()
    } else {
        let path = location.strip_prefix('/').unwrap_or(location);
        [scheme, "://", authority, "/", path].concat()
    };
    let (new_scheme, new_authority) = origin(&absolute);
    let is_same = same(scheme, new_scheme) && same(authority, new_authority);
    let is_upgrade = same(scheme, "http") && same(new_scheme, "https") && same(host(authority), host(new_authority));
    if is_same || is_upgrade {
        return Redirect::Follow(absolute);
    }
    Redirect::Refuse { origin: [new_scheme, "://", new_authority].concat() }
}

/// Whether an address begins with a scheme (RFC 3986, 3.1).
fn has_scheme(address: &str) -> bool {
    let scheme = address.bytes().position(|byte| byte == b':');
    let path = address.bytes().position(|byte| b"/?#".contains(&byte));
    scheme.is_some_and(|scheme| path.is_none_or(|path| scheme < path))
}

/// Scheme and authority of an address; the user information of an authority counts as part of it.
fn origin(address: &str) -> (&str, &str) {
    let colon = address.bytes().position(|byte| byte == b':').unwrap_or(0);
    let (scheme, rest) = (address.get(..colon), address.get(colon..));
    let (scheme, rest) = (scheme.unwrap_or_default(), rest.unwrap_or_default());
    let rest = rest.strip_prefix("://").unwrap_or_default();
    let end = rest.bytes().position(|byte| b"/?#\\".contains(&byte));
    (scheme, end.and_then(|end| rest.get(..end)).unwrap_or(rest))
}

/// An authority without its port.
fn host(authority: &str) -> &str {
    let end = authority.bytes().rposition(|byte| byte == b':');
    let port = end.and_then(|end| authority.get(end + 1..));
    let has_port = port.is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    let end = end.filter(|_| has_port);
    end.and_then(|end| authority.get(..end)).unwrap_or(authority)
}

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}
