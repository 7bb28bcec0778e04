//! Declares the embedded folders, sets link options and tells the program its version.
//!
//! Without PIE the program starts faster: the time zone tables alone contain tens of thousands of pointers
//! that the loader would relocate at each start. The cost is that the program's own addresses are not
//! randomized; those of libraries, heap and stacks still are.
//!
//! `ordctl --version` names the commit and its date, so that two builds of one commit are equal. Without a repository, as
//! in an unpacked archive, ORDCTL_COMMIT and SOURCE_DATE_EPOCH give them, and each is left out where it is unknown. A
//! debug build names no commit: with one, every commit would compile the whole program again.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "build scripts print their instructions")]

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=src/build.rs");
    // These folders are embedded: an added file changes no source.
    for folder in ["queries", "runbooks", "completions", "examples"] {
        println!("cargo:rerun-if-changed={folder}");
    }
    // A static program of musl has start files for PIE, which crash without it.
    let is_musl = variable("CARGO_CFG_TARGET_ENV").as_deref() == Some("musl");
    if variable("CARGO_CFG_TARGET_OS").as_deref() == Some("linux") && !is_musl {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
    println!("cargo:rerun-if-env-changed=ORDCTL_COMMIT");
    println!("cargo:rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let is_release = variable("PROFILE").as_deref() == Some("release");
    let (commit, date) = if is_release { (commit(), date()) } else { (Some("debug build".to_owned()), None) };
    let version = variable("CARGO_PKG_VERSION").unwrap_or_default();
    let known: Vec<String> = commit.into_iter().chain(date).collect();
    let suffix = if known.is_empty() { String::new() } else { format!(" ({})", known.join(" ")) };
    println!("cargo:rustc-env=ORDCTL_VERSION={version}{suffix}");
}

/// The abbreviated commit. A further one makes Cargo run this script again.
fn commit() -> Option<String> {
    if let Some(given) = variable("ORDCTL_COMMIT") {
        return Some(given.chars().take(12).collect());
    }
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    for file in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", file]) {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    Some(commit)
}

/// The day of SOURCE_DATE_EPOCH (<https://reproducible-builds.org/specs/source-date-epoch/>), else that of the commit.
fn date() -> Option<String> {
    let given = variable("SOURCE_DATE_EPOCH").and_then(|text| text.parse::<i64>().ok());
    let seconds = given.or_else(|| git(&["show", "--no-patch", "--format=%ct", "HEAD"])?.parse().ok())?;
    Some(day(seconds.div_euclid(86_400)))
}

/// The calendar date of a day since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn day(days: i64) -> String {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The output of git in this directory; None without git, and where another repository encloses the sources.
fn git(arguments: &[&str]) -> Option<String> {
    let run = |arguments: &[&str]| {
        let output =
            Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
        String::from_utf8(output.stdout).ok().map(|text| text.trim().to_owned())
    };
    let top = run(&["rev-parse", "--show-toplevel"])?;
    let here = std::env::current_dir().and_then(std::fs::canonicalize).ok()?;
    if std::fs::canonicalize(top).ok()? != here {
        return None;
    }
    run(arguments).filter(|text| !text.is_empty())
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
