//! Values that must never be printed.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::conninfo;

/// Replaces a secret in output.
pub(crate) const MASK: &str = "********";

/// A value that only [`Secret::expose`] returns. Debug and Serialize print a mask.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value, for the call that needs it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(MASK)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(MASK)
    }
}

/// A connection URL. Display, Debug and Serialize mask its password and every parameter that may be secret.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(String);

impl SecretUrl {
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The URL with its password, for the client that connects.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// The URL without its password, and whether it had one. A parameter that may be secret is left out. None where the
    /// text cannot be read, so that any part of it may be a secret.
    pub(crate) fn without_password(&self) -> Option<(String, bool)> {
        let (text, had_one) = match conninfo::pairs(&self.0) {
            Some(pairs) => {
                // libpq takes a URL as the name of a database.
                let is_kept = |pair: &&conninfo::Pair| {
                    PLAIN_PARAMETERS.contains(&pair.key.as_str()) && !pair.value.contains("://")
                };
                let kept = pairs.iter().filter(is_kept);
                let kept: Vec<_> = kept.map(|pair| (pair.key.as_str(), pair.value.as_str())).collect();
                (conninfo::render(kept.iter().copied()), kept.len() < pairs.len())
            }
            None => plain_parts(&self.0)?,
        };
        let is_plain = masked_for_display(&text) == text;
        is_plain.then_some((text, had_one))
    }

    /// Whether it holds what is certainly a secret.
    pub(crate) fn has_password(&self) -> bool {
        let is_secret = |key: &str| ["password", "token", "secret"].iter().any(|word| key.contains(word));
        masked(&self.0, &|key| !is_secret(&key.to_ascii_lowercase())) != self.0
    }
}

/// A URL without its password and the parameters that may be secret, and whether it had a password.
fn plain_parts(url: &str) -> Option<(String, bool)> {
    let (scheme, rest) = url.split_once("://")?;
    let (login, tail) = rest.rsplit_once('@').map_or((None, rest), |(login, tail)| (Some(login), tail));
    let name = login.map(|login| login.split_once(':').map_or(login, |(name, _)| name));
    let (path, query) = tail.split_once('?').map_or((tail, None), |(path, query)| (path, Some(query)));
    let is_plain = |pair: &&str| pair.split_once('=').is_some_and(|(key, _)| PLAIN_PARAMETERS.contains(&key));
    let query = query.map(|query| query.split('&').filter(is_plain).collect::<Vec<_>>().join("&"));
    let query = query.filter(|query| !query.is_empty()).map(|query| format!("?{query}")).unwrap_or_default();
    let had_one = name != login;
    let login = name.filter(|name| !name.is_empty()).map(|name| format!("{name}@")).unwrap_or_default();
    Some((format!("{scheme}://{login}{path}{query}"), had_one))
}

/// Parameters of PostgreSQL and Redis URLs that are no secrets.
const PLAIN_PARAMETERS: [&str; 31] = [
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "application_name",
    "fallback_application_name",
    "connect_timeout",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "sslnegotiation",
    "sslcrl",
    "passfile",
    "service",
    "target_session_attrs",
    "load_balance_hosts",
    "channel_binding",
    "options",
    "client_encoding",
    "gssencmode",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "keepalives_retries",
    "tcp_user_timeout",
    "replication",
    "db",
    "protocol",
];

fn masked_for_display(url: &str) -> String {
    let is_http = ["http://", "https://"]
        .iter()
        .any(|scheme| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    masked(url, &|key| !is_http && PLAIN_PARAMETERS.contains(&key))
}

/// Masks the password of `scheme://user:password@host/…`, also without the scheme, and the parameters of a query or
/// of a `key=value` string that `is_plain` does not name.
fn masked(url: &str, is_plain: &dyn Fn(&str) -> bool) -> String {
    if let Some(pairs) = conninfo::pairs(url) {
        let mut out = url.to_owned();
        let is_secret =
            |p: &&conninfo::Pair| !p.value.is_empty() && (!is_plain(&p.key) || p.value.contains("://"));
        for pair in pairs.iter().rev().filter(is_secret) {
            out.replace_range(pair.place.clone(), MASK);
        }
        return out;
    }
    if url
        .split_once('=')
        .is_some_and(|(key, _)| key.bytes().all(|b| b.is_ascii_lowercase() || b"_ ".contains(&b)))
    {
        // Pairs that cannot be read: a quote is open, for example.
        return MASK.to_owned();
    }
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), url),
    };
    if let Some(name) = name_of_cut_login(rest) {
        return format!("{scheme}{name}:{MASK}");
    }
    // A password may hold an unencoded '/', '?' or '@': everything to the last '@' counts.
    let (login, tail) = match rest.rsplit_once('@') {
        Some((login, tail)) => (Some(login), tail),
        None => (None, rest),
    };
    let login = match login {
        None => String::new(),
        Some(login) => match login.split_once(':') {
            Some((name, password)) if !password.is_empty() => format!("{name}:{MASK}@"),
            // The name alone is a token, as for many HTTP services, or the '@' stands in a path or a query.
            _ if scheme.to_ascii_lowercase().starts_with("http") || login.contains(['/', '?']) => {
                format!("{MASK}@")
            }
            _ => format!("{login}@"),
        },
    };
    format!("{scheme}{login}{}", masked_query(tail, is_plain))
}

/// The user's name in `user:password` without the host that should follow: what stands in the port's place is no number.
/// A URL that was cut in its password looks like this.
fn name_of_cut_login(rest: &str) -> Option<&str> {
    if rest.contains('@') {
        return None;
    }
    let authority = rest.split(['/', '?']).next()?;
    let is_port = |text: &str| text.is_empty() || text.parse::<u16>().is_ok();
    let is_place = |place: &str| {
        let after_address = place.strip_prefix('[').and_then(|place| place.split_once(']'));
        let port = match after_address {
            Some((_, port)) => port.strip_prefix(':').unwrap_or(port),
            None => place.split_once(':').map_or("", |(_, port)| port),
        };
        is_port(port)
    };
    if authority.split(',').all(is_place) {
        return None;
    }
    authority.split_once(':').map(|(name, _)| name).filter(|name| !name.starts_with('['))
}

fn masked_query(text: &str, is_plain: &dyn Fn(&str) -> bool) -> String {
    let Some((path, query)) = text.split_once('?') else { return text.to_owned() };
    let pair = |pair: &str| match pair.split_once('=') {
        Some((key, value)) if !value.is_empty() && !is_plain(key) => format!("{key}={MASK}"),
        Some(_) => pair.to_owned(),
        // A query without a key is a value.
        None if pair.is_empty() => String::new(),
        None => MASK.to_owned(),
    };
    format!("{path}?{}", query.split('&').map(pair).collect::<Vec<_>>().join("&"))
}

impl std::fmt::Display for SecretUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&masked_for_display(&self.0))
    }
}

impl std::fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for SecretUrl {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SecretUrl {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d).map(Self)
    }
}

#[cfg(test)]
#[path = "secret_tests.rs"]
mod tests;
