//! The scheduler engine: what `ordctl serve` runs, on the database's tables alone.
//!
//! [`scheduler`] queues what [`schedule`] computes, [`condition`] what has turned true, [`worker`]
//! claims and runs it, [`reaper`] takes over from workers that are gone, [`retention`] deletes what
//! is old, [`sampling`] keeps how large everything is, [`notice`] tells nodes of each other's changes,
//! [`api`] serves HTTP over [`tasks`], [`agents`] and [`events`], and [`node`] puts the roles of one
//! process together. [`forecast`] tells a report what tomorrow brings. [`migrations`] make the tables,
//! and [`embedded`] is a PostgreSQL for those who have none.

pub mod agents;
pub mod api;
pub mod condition;
pub mod embedded;
pub mod events;
pub mod forecast;
pub mod metrics;
pub mod migrations;
pub mod node;
pub mod notice;
pub mod reaper;
pub mod retention;
pub mod sampling;
pub mod schedule;
pub mod scheduler;
pub mod state;
pub mod tasks;
pub mod worker;

use tokio_postgres::Statement;

use crate::clients::ClientError;
use crate::clients::postgres::{SYSTEM, Session, explain};
use crate::store::Library;

/// The text of one of the engine's own SQL files. No file of the user's stands in for them.
pub(crate) fn sql(name: &str) -> Result<String, ClientError> {
    let query = Library::default().sql(&format!("engine/{name}"));
    query.map(|q| q.text).map_err(|e| ClientError::failed(SYSTEM, e))
}

/// One of them, prepared on a session.
pub(crate) async fn prepared(session: &Session, name: &str) -> Result<Statement, ClientError> {
    session.prepare(&sql(name)?).await.map_err(|e| explain(&e))
}
