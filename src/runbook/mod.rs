//! Runbooks: finding and checking them, and running them safely.
//!
//! Looking runs at once. Acting goes plan → consent → lock → journal → steps → verify: every step
//! is recorded before and after, so a run that was killed goes on where it stopped.

mod act;
mod choice;
mod consent;
pub mod journal;
pub mod library;
mod lint;
mod lock;
mod params;
mod plan;
mod run;
mod sections;
mod tool;

pub use choice::Choice;
pub use consent::{Consent, ask as ask_consent};
pub use library::{Entry, Library};
pub use lint::{Problem, lint, schema};
pub use run::{Request, run};
pub use sections::target;
pub use tool::RunbookRun;
