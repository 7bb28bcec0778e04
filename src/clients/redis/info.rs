//! The reply of INFO.

use std::collections::BTreeMap;

use serde::Serialize;

/// All fields of INFO, whatever their section: names are unique across sections.
#[derive(Clone, Debug, Default)]
pub(crate) struct Info(BTreeMap<String, String>);

/// The keys of one database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Keyspace {
    /// Its number, as `db0`.
    pub(crate) db: String,
    pub(crate) keys: u64,
    /// How many of them expire.
    pub(crate) expires: u64,
}

impl Info {
    /// Reads the text of INFO.
    pub(crate) fn parse(text: &str) -> Self {
        let fields = text
            .lines()
            .filter(|l| !l.starts_with('#'))
            .filter_map(|l| l.trim_end().split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self(fields.collect())
    }

    /// A field; none when this server does not have it.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A field that is a number.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        self.text(name)?.parse().ok()
    }

    /// Databases that hold keys, by number.
    pub(crate) fn keyspaces(&self) -> Vec<Keyspace> {
        let mut all: Vec<Keyspace> = self.0.iter().filter_map(|(k, v)| keyspace(k, v)).collect();
        all.sort_by_key(|k| k.db[2..].parse::<u64>().unwrap_or(u64::MAX));
        all
    }
}

/// `db0` and `keys=3,expires=1,avg_ttl=0`.
fn keyspace(name: &str, value: &str) -> Option<Keyspace> {
    let number = name.strip_prefix("db")?;
    number.parse::<u64>().ok()?;
    let part = |wanted: &str| {
        value.split(',').filter_map(|p| p.split_once('=')).find(|(k, _)| *k == wanted)?.1.parse().ok()
    };
    Some(Keyspace { db: name.to_owned(), keys: part("keys")?, expires: part("expires").unwrap_or(0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_numbers_and_keyspaces_are_read() {
        let info = Info::parse(
            "# Server\r\nredis_version:7.0.15\r\nexecutable:/a:b\r\n\r\n# Memory\r\nmaxmemory:0\r\n\
             # Keyspace\r\ndb10:keys=7,expires=0,avg_ttl=0\r\ndb2:keys=3,expires=1,avg_ttl=9,subexpiry=0\r\n",
        );
        assert_eq!(info.text("redis_version"), Some("7.0.15"));
        assert_eq!(info.text("executable"), Some("/a:b"));
        assert_eq!(info.number("maxmemory"), Some(0.0));
        assert_eq!(info.number("redis_version"), None);
        let spaces = info.keyspaces();
        assert_eq!(spaces[0], Keyspace { db: "db2".into(), keys: 3, expires: 1 });
        assert_eq!(spaces[1].db, "db10");
    }
}
