//! Migrations against a real server.

mod adoption;
mod apply;
mod cron;
mod nodes;
mod schedule;

use std::time::Duration;

use ordctl::engine::migrations::{Migration, Options};

/// Options with short timeouts.
fn options() -> Options {
    Options {
        by: "a test".into(),
        lock_timeout: Duration::from_millis(50),
        pause: Duration::from_millis(20),
        tries: 200,
        wait: Duration::from_secs(30),
        ..Options::default()
    }
}

/// Test migrations: file name and text.
fn migrations(files: &[(&str, &str)]) -> Vec<Migration> {
    files.iter().map(|(name, text)| Migration::parse(name, text).unwrap()).collect()
}
