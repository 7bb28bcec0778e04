//! Runbooks: finding and checking them, and running them safely.
//!
//! A report runs its checks concurrently. An action goes plan → consent → lock → journal → steps → verify:
//! each step is recorded before and after it runs, so a run that was killed can be resumed.
//! A single change, such as `hold`, goes plan → consent → journal ([`change`]).

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

pub(crate) use change::{Change, Haste, Outcome, change};
pub(crate) use choice::Choice;
pub(crate) use journal::{HistoryFilter, past_runs};
pub(crate) use library::{Entry, Library};
pub(crate) use lint::{lint, load_valid, schema, warnings};
pub(crate) use run::{Consent, Request, run};
pub(crate) use sections::target;
pub(crate) use tool::RunbookRun;
