//! Integration tests in one binary, against real systems that are started and stopped with it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test fails by panicking"
)]

mod acting;
mod api;
mod architecture;
mod baseline;
mod canaries;
mod capacity;
mod command_lines;
mod configuration;
mod contracts;
mod discovery;
mod docker_tls;
mod docs;
mod dry_runs;
mod embedded;
mod engine;
mod evening;
mod examples;
mod generated;
mod history;
mod logs;
mod migrations;
mod monthly;
mod morning;
mod operate;
mod outputs;
mod packages;
mod plain_files;
mod schedules;
mod sessions;
mod signals;
mod support;
mod tasktools;
mod terminal;
mod tls;
mod transcripts;
mod unanswered;
mod weekly;
