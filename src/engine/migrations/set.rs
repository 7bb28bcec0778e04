//! The migrations: numbered SQL files with headers that define how each is run.

use crate::base::layout::fingerprint;
use crate::store::{Language, Library};

use super::MigrationError;

const FOLDER: &str = "engine/migrations/";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    pub version: i32,
    /// Without the number.
    pub(crate) name: String,
    /// Detects changed statements; comments and empty lines are ignored.
    pub(crate) checksum: String,
    pub(crate) mode: Mode,
    pub(crate) sql: String,
}

/// How a migration is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// In one transaction with its row in `ordctl.migration`.
    Transaction,
    /// A single statement outside a transaction, such as CREATE INDEX CONCURRENTLY. It must be
    /// repeatable (IF NOT EXISTS), because its row is written afterwards.
    NoTransaction {
        /// Schema and name of the index that it builds. An invalid index of a failed attempt is dropped
        /// before the next.
        index: Option<(String, String)>,
    },
}

impl Migration {
    /// Parses a file named `NNNN_name`. Header lines:
    ///
    /// ```sql
    /// -- description
    /// -- transaction: none
    /// -- index: schema.name
    /// ```
    pub fn parse(file: &str, text: &str) -> Result<Self, MigrationError> {
        let bad =
            |message: &str| MigrationError::BadFile { file: file.to_owned(), message: message.to_owned() };
        let (number, name) = file.split_once('_').ok_or_else(|| bad("the file name must be NNNN_name"))?;
        let version = number.parse().map_err(|_| bad("the file name must start with a number"))?;
        let header = |key: &str| {
            text.lines()
                .map_while(|l| l.trim_start().strip_prefix("--"))
                .find_map(|l| l.trim().strip_prefix(key).map(|v| v.trim().to_owned()))
        };
        let index = header("index:")
            .map(|i| i.split_once('.').map(|(s, n)| (s.to_owned(), n.to_owned())).ok_or(i))
            .transpose()
            .map_err(|i| bad(&format!("'index: {i}' must be schema.name")))?;
        let mode = match header("transaction:").as_deref() {
            None if index.is_none() => Mode::Transaction,
            Some("none") => Mode::NoTransaction { index },
            None => return Err(bad("'index:' requires 'transaction: none'")),
            Some(_) => return Err(bad("the only value of 'transaction:' is none")),
        };
        let checksum = format!("{:016x}", fingerprint(strip_comments(text).as_bytes()));
        Ok(Self { version, name: name.to_owned(), checksum, mode, sql: text.to_owned() })
    }

    /// All migrations of this version, in order.
    pub fn all() -> Result<Vec<Self>, MigrationError> {
        let library = Library::default();
        let mut all = library
            .names(Language::Sql)
            .iter()
            .filter_map(|name| name.strip_prefix(FOLDER).map(|file| (name, file)))
            .map(|(name, file)| Self::parse(file, &library.sql(name)?.text))
            .collect::<Result<Vec<_>, _>>()?;
        all.sort_by_key(|m| m.version);
        Ok(all)
    }

    /// Such as `0001_base`.
    pub(crate) fn title(&self) -> String {
        format!("{:04}_{}", self.version, self.name)
    }
}

/// The statements without comments and empty lines.
fn strip_comments(text: &str) -> String {
    let is_comment = |line: &&str| line.trim_start().starts_with("--") || line.trim().is_empty();
    text.lines().filter(|l| !is_comment(l)).map(|l| format!("{}\n", l.trim_end())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_consecutive() {
        let versions: Vec<i32> = Migration::all().unwrap().iter().map(|m| m.version).collect();
        let expected: Vec<i32> = (1..).take(versions.len()).collect();
        assert_eq!(versions, expected);
        assert!(!versions.is_empty());
    }

    #[test]
    fn the_checksum_ignores_comments_and_detects_changed_statements() {
        let sum = |text| Migration::parse("0001_x", text).unwrap().checksum;
        assert_eq!(sum("-- a\nSELECT 1;\n"), sum("-- b\n\n-- c\nSELECT 1;  \n"));
        assert_ne!(sum("-- a\nSELECT 1;\n"), sum("-- a\nSELECT 2;\n"));
    }

    #[test]
    fn headers_define_the_mode() {
        let text = "-- an index\n-- transaction: none\n-- index: public.x_y\nCREATE INDEX CONCURRENTLY x_y";
        let one = Migration::parse("0012_an_index", text).unwrap();
        assert_eq!((one.version, one.name.as_str()), (12, "an_index"));
        assert_eq!(one.mode, Mode::NoTransaction { index: Some(("public".into(), "x_y".into())) });
        for (file, text) in [
            ("base", "-- x"),
            ("x_base", "-- x"),
            ("0001_x", "-- x\n-- transaction: maybe"),
            ("0001_x", "-- x\n-- index: public.x"),
            ("0001_x", "-- x\n-- transaction: none\n-- index: x"),
        ] {
            assert!(Migration::parse(file, text).is_err(), "{file} {text}");
        }
    }
}
