//! The names of the files in a backup directory: `DATABASE@ENVIRONMENT-TIME.ENDING`.

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::base::sanitize::sanitize;

const TIME_FORMAT: &str = "%Y%m%dT%H%M%SZ";
const TIME_LENGTH: usize = "20260101T010000Z".len();

/// Files that belong to an unpublished dump.
pub(super) const UNFINISHED: [&str; 5] =
    ["dump.json.part", "dump.json.new", "dump.sha256.new", "globals.sql.part", "globals.sql.sha256.new"];
/// Files beside a published dump.
pub(super) const SIDECARS: [&str; 4] = ["dump.json", "dump.sha256", "globals.sql", "globals.sql.sha256"];
/// Every ending of a dump's files. The dump comes first: a partly deleted dump is no dump.
pub(super) const DUMP_ENDINGS: [&str; 11] = [
    "dump",
    "dump.part",
    "dump.json",
    "dump.json.part",
    "dump.json.new",
    "dump.sha256",
    "dump.sha256.new",
    "globals.sql",
    "globals.sql.part",
    "globals.sql.sha256",
    "globals.sql.sha256.new",
];
pub(super) const ARCHIVE_ENDINGS: [&str; 2] = ["config.tgz", "config.tgz.part"];

/// The prefix of all files of a database and environment.
pub(crate) fn prefix(database: &str, environment: &str) -> String {
    let plain = |name: &str| sanitize(name, "_-", '_');
    format!("{}@{}-", plain(database), plain(environment))
}

/// Whether a file name has this prefix; None if ordctl did not choose the name.
pub(crate) fn has_prefix(name: &str, prefix: &str) -> Option<bool> {
    let stem = name.split('.').next().unwrap_or_default();
    let (before, time) = stem.split_at_checked(stem.len().checked_sub(TIME_LENGTH)?)?;
    NaiveDateTime::parse_from_str(time, TIME_FORMAT).ok()?;
    (before.contains('@') && before.ends_with('-')).then_some(before == prefix)
}

pub(super) fn stem(prefix: &str, at: DateTime<Utc>) -> String {
    format!("{prefix}{}", at.format(TIME_FORMAT))
}

/// The time in a stem.
pub(super) fn time(prefix: &str, stem: &str) -> Option<DateTime<Utc>> {
    let text = stem.strip_prefix(prefix)?;
    NaiveDateTime::parse_from_str(text, TIME_FORMAT).ok().map(|at| at.and_utc())
}

/// Splits a file name with this prefix into stem and ending.
pub(super) fn split<'a>(prefix: &str, name: &'a str) -> Option<(&'a str, &'a str)> {
    let length = prefix.len() + TIME_LENGTH;
    let (stem, ending) = (name.get(..length)?, name.get(length..)?.strip_prefix('.')?);
    time(prefix, stem).map(|_| (stem, ending))
}
