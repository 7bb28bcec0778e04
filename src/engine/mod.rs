//! The scheduler engine: its embedded PostgreSQL and the migrations that give a database its
//! tables.

pub mod api;
pub mod embedded;
pub mod metrics;
pub mod migrations;
pub mod node;
pub mod notice;
pub mod reaper;
pub mod schedule;
pub mod scheduler;
pub mod state;
pub mod tasks;
pub mod worker;

use crate::store::{Library, StoreError};

/// The text of one of the engine's own SQL files. No file of the user's stands in for them.
pub(crate) fn sql(name: &str) -> Result<String, StoreError> {
    Ok(Library::default().sql(&format!("engine/{name}"))?.text)
}
