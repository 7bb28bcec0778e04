//! The migrations themselves: numbered SQL files, and the headers that say how to run one.

use crate::base::layout::fingerprint;
use crate::store::{Language, Library};

use super::MigrationError;

const FOLDER: &str = "engine/migrations/";

/// One numbered change of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its number; numbers only grow.
    pub version: i32,
    /// Its name, without the number.
    pub(crate) name: String,
    /// Tells whether an applied one was edited since. Comments and empty lines may change.
    pub(crate) checksum: String,
    pub(crate) mode: Mode,
    pub(crate) sql: String,
}

/// How a migration is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// In one transaction together with its row in `ordctl.migration`.
    Transaction,
    /// Its single statement by itself, as CREATE INDEX CONCURRENTLY demands. It must be one
    /// that can be run twice (IF NOT EXISTS): the row is written after it.
    Alone {
        /// Schema and name of the index that it builds. An invalid one, left behind by a try
        /// that failed, is dropped before the next.
        index: Option<(String, String)>,
    },
}

impl Migration {
    /// Reads a file named `NNNN_name`. Header lines:
    ///
    /// ```sql
    /// -- what it does
    /// -- transaction: none
    /// -- index: schema.name
    /// ```
    pub fn parse(file: &str, text: &str) -> Result<Self, MigrationError> {
        let bad =
            |message: &str| MigrationError::BadFile { file: file.to_owned(), message: message.to_owned() };
        let (number, name) = file.split_once('_').ok_or_else(|| bad("its name is not NNNN_name"))?;
        let version = number.parse().map_err(|_| bad("its name does not begin with a number"))?;
        let header = |key: &str| {
            text.lines()
                .map_while(|l| l.trim_start().strip_prefix("--"))
                .find_map(|l| l.trim().strip_prefix(key).map(|v| v.trim().to_owned()))
        };
        let index = header("index:")
            .map(|i| i.split_once('.').map(|(s, n)| (s.to_owned(), n.to_owned())).ok_or(i))
            .transpose()
            .map_err(|i| bad(&format!("'index: {i}' is not schema.name")))?;
        let mode = match header("transaction:").as_deref() {
            None if index.is_none() => Mode::Transaction,
            Some("none") => Mode::Alone { index },
            None => return Err(bad("'index:' goes with 'transaction: none'")),
            Some(_) => return Err(bad("'transaction:' can only be none")),
        };
        let checksum = format!("{:016x}", fingerprint(essence(text).as_bytes()));
        Ok(Self { version, name: name.to_owned(), checksum, mode, sql: text.to_owned() })
    }

    /// The migrations of this program, in order.
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

    /// `0001_base`.
    pub(crate) fn title(&self) -> String {
        format!("{:04}_{}", self.version, self.name)
    }
}

/// What a migration does, without what it says about it.
fn essence(text: &str) -> String {
    let said = |line: &&str| line.trim_start().starts_with("--") || line.trim().is_empty();
    text.lines().filter(|l| !said(l)).map(|l| format!("{}\n", l.trim_end())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_count_up_without_gaps() {
        let versions: Vec<i32> = Migration::all().unwrap().iter().map(|m| m.version).collect();
        let wanted: Vec<i32> = (1..).take(versions.len()).collect();
        assert_eq!(versions, wanted);
        assert!(!versions.is_empty());
    }

    #[test]
    fn a_better_comment_is_no_change_and_another_statement_is() {
        let sum = |text| Migration::parse("0001_x", text).unwrap().checksum;
        assert_eq!(sum("-- a\nSELECT 1;\n"), sum("-- b\n\n-- c\nSELECT 1;  \n"));
        assert_ne!(sum("-- a\nSELECT 1;\n"), sum("-- a\nSELECT 2;\n"));
    }

    #[test]
    fn headers_say_how_to_run_it() {
        let text = "-- an index\n-- transaction: none\n-- index: public.x_y\nCREATE INDEX CONCURRENTLY x_y";
        let one = Migration::parse("0012_an_index", text).unwrap();
        assert_eq!((one.version, one.name.as_str()), (12, "an_index"));
        assert_eq!(one.mode, Mode::Alone { index: Some(("public".into(), "x_y".into())) });
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
