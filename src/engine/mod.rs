//! The scheduler engine: what `ordctl serve` runs, on the database's tables alone.
//!
//! [`scheduler`] queues what [`schedule`] computes, [`condition`] what has turned true, [`worker`]
//! claims and runs it, [`reaper`] takes over from workers that are gone, [`retention`] deletes what
//! is old, [`sampling`] keeps how large everything is, [`notice`] tells nodes of each other's changes,
//! [`api`] serves HTTP over [`tasks`], [`agents`] and [`events`], and [`node`] puts the roles of one
//! process together. [`forecast`] tells a report what tomorrow brings. [`migrations`] make the tables,
//! and [`embedded`] is a PostgreSQL for those who have none.

pub(crate) mod agents;
pub(crate) mod api;
pub(crate) mod condition;
pub mod embedded;
pub(crate) mod events;
pub(crate) mod forecast;
pub(crate) mod metrics;
pub mod migrations;
pub(crate) mod node;
pub(crate) mod notice;
pub(crate) mod reaper;
pub(crate) mod retention;
pub(crate) mod sampling;
pub mod schedule;
pub mod scheduler;
pub(crate) mod state;
pub(crate) mod tasks;
pub(crate) mod worker;

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
