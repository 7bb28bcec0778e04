//! Runbooks: finding and checking them, and running them safely.
//!
//! Looking runs at once. Acting goes plan → consent → lock → journal → steps → verify: every step
//! is recorded before and after, so a run that was killed goes on where it stopped.

mod act;
mod change;
mod choice;
pub(crate) mod journal;
pub(crate) mod library;
mod lint;
mod lock;
mod params;
mod plan;
mod run;
mod sections;
mod tool;

pub(crate) use change::{Change, Outcome, change};
pub(crate) use choice::Choice;
pub(crate) use library::{Entry, Library};
pub(crate) use lint::{lint, schema};
pub(crate) use run::{Consent, Request, run};
pub(crate) use sections::target;
pub(crate) use tool::RunbookRun;
