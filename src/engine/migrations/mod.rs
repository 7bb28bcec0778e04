//! Migrations: give an empty database its tables, adopt one of Ordinaut's where it is, and bring
//! one of ours up to date.
//!
//! # The promises
//!
//! * Each migration is applied once, whole or not at all: its statements and its row in
//!   `ordctl.migration` commit together. (One that cannot be in a transaction can be run twice.)
//! * Any number of nodes may start at once. One holds an advisory lock, the others ask for it
//!   again and again. They never wait inside PostgreSQL: a session that waits in
//!   `pg_advisory_lock` holds a snapshot, for which CREATE INDEX CONCURRENTLY in the lock's
//!   holder would wait in turn, a deadlock.
//! * DDL waits for a table's lock only briefly, then steps back and tries again, because all
//!   who come later queue behind it.
//! * An applied migration whose text has changed since is an error, never run again.
//! * Looking ([`status`]) changes nothing and works in a database without any of our tables,
//!   and in a standby.
//!
//! # The additive rule
//!
//! The previous version of the program runs beside the new one, on the same database, and so may
//! upstream's processes. A migration therefore only adds: tables, columns with a default,
//! indexes, triggers that keep foreign statements working. It never drops, renames or narrows
//! what an older program reads or writes. So a database newer than the program is fine, too: the
//! migrations unknown to it are reported and otherwise left alone.
//!
//! To add one: write `queries/engine/migrations/NNNN_name.sql` with the next number. Never edit
//! one that was released; its comments may be edited.

mod apply;
mod error;
mod lock;
mod set;
mod status;
mod tune;

use std::time::Duration;

pub use apply::{Applied, Outcome, migrate, migrate_to};
pub use error::MigrationError;
pub use set::{Migration, Mode};
pub use status::{Origin, Row, State, Status, status, status_of};
pub use tune::{CostlyIndex, Dropped, costly_indexes, tune};

/// How patient a migration is, and in whose name it runs.
#[derive(Clone, Debug)]
pub struct Options {
    pub by: String,
    /// How long to wait for another process that migrates.
    pub wait: Duration,
    /// How long one try may wait for a table's lock, and with it keep others waiting.
    pub lock_timeout: Duration,
    /// How often a migration is tried whose table was in use.
    pub tries: u32,
    /// How long to stand back between two tries.
    pub pause: Duration,
    /// How long one statement may run in a transaction.
    pub statement_timeout: Duration,
    /// How long one statement may run that locks nobody out (CREATE and DROP INDEX CONCURRENTLY).
    pub concurrent_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        let host = sysinfo::System::host_name().unwrap_or_else(|_| "?".into());
        Self {
            by: format!("ordctl {} on {host}", env!("CARGO_PKG_VERSION")),
            wait: Duration::from_secs(600),
            lock_timeout: Duration::from_secs(2),
            tries: 30,
            pause: Duration::from_secs(1),
            statement_timeout: Duration::from_secs(300),
            concurrent_timeout: Duration::from_secs(6 * 3600),
        }
    }
}
