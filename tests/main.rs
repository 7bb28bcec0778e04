//! Integration tests, one binary: against real systems, started for the run and stopped with it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

mod embedded;
mod migrations;
mod support;
