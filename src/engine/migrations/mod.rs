//! Migrations: create the tables in an empty database, adopt an Ordinaut database in place, and update
//! an ordctl database. Any number of nodes can start at once (promise 5).
//!
//! # Guarantees
//!
//! * Each migration is applied exactly once: its statements and its row in `ordctl.migration` commit
//!   together. A migration that cannot run in a transaction can be repeated.
//! * One node holds an advisory lock; the others poll for it. They do not wait inside PostgreSQL: a
//!   session that waits in `pg_advisory_lock` holds a snapshot, and CREATE INDEX CONCURRENTLY in the
//!   lock holder would wait for that snapshot: a deadlock.
//! * DDL waits only briefly for a table lock, then backs off and retries, because later statements
//!   queue behind it.
//! * An applied migration whose text has changed is an error and is never run again.
//! * [`status`] changes nothing and works in a database without our tables and on a standby.
//!
//! * A cron expression of Ordinaut's is converted at most once, and never one that was edited since the adoption.
//!
//! # Additive changes only
//!
//! The previous version of ordctl, and Ordinaut's processes, can run on the same database. A migration
//! therefore only adds: tables, columns with a default, indexes, triggers that keep foreign statements
//! working. It never drops, renames or narrows anything that an older program reads or writes. A
//! database newer than the program works, too: its unknown migrations are reported and ignored.
//!
//! To add a migration, write `queries/engine/migrations/NNNN_name.sql` with the next number. Never edit
//! the statements of a released migration; its comments can be edited.

mod apply;
mod cron;
mod error;
mod lock;
mod set;
mod status;
mod tune;

use std::time::Duration;

pub use crate::store::migrations::CostlyIndex;
pub(crate) use apply::migrate_audited;
pub use apply::{Applied, Outcome, migrate, migrate_to};
pub use cron::{ShiftedTask, convert, shifted_tasks};
pub use error::MigrationError;
pub use set::{Migration, Mode};
pub use status::{MigrationRow, Origin, State, Status, status, status_of};
pub use tune::{DroppedIndex, costly_indexes, tune};

/// Timeouts of a migration, and who runs it.
#[derive(Clone, Debug)]
pub struct Options {
    /// Recorded as `applied_by`.
    pub by: String,
    /// Maximum wait for another process that is migrating.
    pub wait: Duration,
    /// Maximum wait for a table lock per attempt; other sessions queue behind this wait.
    pub lock_timeout: Duration,
    /// Maximum attempts of a migration whose table is in use.
    pub tries: u32,
    /// Delay between two attempts.
    pub pause: Duration,
    /// Timeout of a statement in a transaction.
    pub statement_timeout: Duration,
    /// Timeout of CREATE and DROP INDEX CONCURRENTLY, which do not block others.
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
