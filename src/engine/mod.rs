//! The engine that `ordctl serve` runs. All state is in the database.
//!
//! * [`node`] runs the roles of one process; [`notifier`] signals changes between nodes; [`progress`] records
//!   whether every loop makes progress.
//! * [`scheduler`] queues the occurrences that [`schedule`] computes; [`condition`] queues tasks whose
//!   condition turns true.
//! * [`worker`] claims and runs due work; [`reaper`] takes over from workers whose lease has ended.
//! * [`api`] serves HTTP over [`tasks`], [`agents`] and [`events`].
//! * [`retention`] deletes old rows, [`sampling`] stores size samples, [`forecast`] computes the runs of
//!   the next day for reports.
//! * [`migrations`] create and update the tables, [`hold`] detects restored and cloned databases, and
//!   [`embedded`] runs a private PostgreSQL.

pub(crate) mod agents;
pub(crate) mod api;
pub(crate) mod condition;
pub mod embedded;
pub(crate) mod events;
pub(crate) mod forecast;
pub(crate) mod hold;
pub(crate) mod metrics;
pub mod migrations;
pub(crate) mod node;
pub(crate) mod notifier;
pub(crate) mod progress;
pub(crate) mod reaper;
pub(crate) mod retention;
pub(crate) mod sampling;
pub mod schedule;
pub mod scheduler;

pub(crate) mod tasks;
pub(crate) mod worker;
