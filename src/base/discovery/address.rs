//! The address of a database, which names it where nothing else does.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::base::conninfo;

/// What a name to type may not hold.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'-')
    .remove(b'.')
    .remove(b':')
    .remove(b'/')
    .remove(b',')
    .remove(b'[')
    .remove(b']');

/// Hosts, ports and database of a connection. Two texts that lead to the same database are equal if they differ in
/// nothing but user, password, parameters and the name of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DatabaseAddress {
    hosts: Vec<(String, String)>,
    name: Option<String>,
}

impl DatabaseAddress {
    /// Reads a URL or a connection string. `default` gives what it leaves out, by libpq's keyword.
    pub(crate) fn parse(text: &str, default: &dyn Fn(&str) -> Option<String>) -> Self {
        let parts = Parts::of_pairs(text).unwrap_or_else(|| Parts::of_url(text));
        let hosts = parts.hosts.or_else(|| default("hostaddr")).or_else(|| default("host"));
        let hosts = hosts.unwrap_or_else(|| "socket".to_owned());
        let ports = parts.ports.or_else(|| default("port")).unwrap_or_else(|| "5432".to_owned());
        let ports: Vec<&str> = ports.split(',').collect();
        let port = |at: usize| ports.get(at).or(ports.last()).filter(|port| !port.is_empty());
        let hosts = hosts.split(',').enumerate().map(|(at, host)| {
            let host = if ["localhost", "[::1]", "::1"].contains(&host) { "127.0.0.1" } else { host };
            (host.to_owned(), port(at).map_or("5432", |port| *port).to_owned())
        });
        let user = || parts.user.clone().or_else(|| default("user"));
        let name = parts.name.clone().or_else(|| default("dbname")).or_else(user);
        Self { hosts: hosts.collect(), name }
    }
}

impl fmt::Display for DatabaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts: Vec<String> = self.hosts.iter().map(|(host, port)| format!("{host}:{port}")).collect();
        let name = self.name.as_ref().map(|name| format!("/{name}")).unwrap_or_default();
        write!(f, "{}", utf8_percent_encode(&format!("{}{name}", hosts.join(",")), ENCODED))
    }
}

#[derive(Default)]
struct Parts {
    hosts: Option<String>,
    ports: Option<String>,
    name: Option<String>,
    user: Option<String>,
}

impl Parts {
    fn of_pairs(text: &str) -> Option<Self> {
        let mut parts = Self::default();
        for pair in conninfo::pairs(text)? {
            parts.set(&pair.key, pair.value);
        }
        Some(parts)
    }

    /// Reads `scheme://user:password@host:port,host:port/name?parameters`. A password may hold any character.
    fn of_url(text: &str) -> Self {
        let mut parts = Self::default();
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
        let (login, tail) = rest.rsplit_once('@').unwrap_or(("", rest));
        let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
        let (authority, name) = path.split_once('/').unwrap_or((path, ""));
        let places = authority.split(',').map(|place| match place.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (decode(host), port),
            _ => (decode(place), ""),
        });
        let (hosts, ports): (Vec<String>, Vec<&str>) = places.unzip();
        parts.set("host", hosts.join(","));
        parts.set("port", ports.join(","));
        parts.set("dbname", decode(name));
        parts.set("user", decode(login.split(':').next().unwrap_or_default()));
        for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            parts.set(key, decode(value));
        }
        parts
    }

    fn set(&mut self, key: &str, value: String) {
        let place = match key {
            "host" | "hostaddr" => &mut self.hosts,
            "port" => &mut self.ports,
            "dbname" => &mut self.name,
            "user" => &mut self.user,
            _ => return,
        };
        if !value.is_empty() {
            *place = Some(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_what_two_texts_have_in_common() {
        let default = |key: &str| (key == "dbname").then(|| "given".to_owned());
        for (text, shown) in [
            ("postgresql://u:p/w@x@db:5433/shop?sslmode=require", "db:5433/shop"),
            ("postgresql+psycopg://u@localhost/shop", "127.0.0.1:5432/shop"),
            ("postgresql://u@[::1]:1/a%20b", "127.0.0.1:1/a%20b"),
            ("postgresql://u@a:1,b:2/d", "a:1,b:2/d"),
            ("postgresql://u@/?host=%2Frun%2Fpg&port=6", "/run/pg:6/given"),
            ("host=db port=5433 user=u password='x y'", "db:5433/given"),
            ("host=a,b port=1,2 dbname=d", "a:1,b:2/d"),
            ("postgresql://", "socket:5432/given"),
        ] {
            assert_eq!(DatabaseAddress::parse(text, &default).to_string(), shown, "{text}");
        }
        let none = |_: &str| None;
        assert_eq!(DatabaseAddress::parse("postgresql://u:pw@h", &none).to_string(), "h:5432/u");
    }
}
