//! `db kill`: cancels the statement of one session, and ends the session if that is not enough.
//!
//! A process ID alone names nobody: another session may have got it since it was read. The session is identified by its
//! start, and by the transaction that it was in when the plan was made.

use std::time::Duration;

use clap::Args;
use tokio::time::{Instant, sleep};

use crate::base::clean::clean;
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::units::{self, Span};
use crate::commands::Context;
use crate::commands::act::{ActFlags, act};
use crate::commands::task_session::store_error;
use crate::model::db_session::FoundSession;
use crate::model::{Consented, Effect, PlannedStep};
use crate::pipeline::Executor;
use crate::render::{self, stdio};
use crate::runbook::{Change, Haste};
use crate::store::Store;

/// Cancel the statement of a session, and end the session if that does not help
///
/// A session that runs a statement is canceled first; its locks are gone when its transaction has ended. A session that
/// is idle, also in a transaction, is ended at once. Backups, replication, vacuums against transaction ID wraparound
/// and sessions of ordctl need --force.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Kill {
    /// Process ID of the session, as `ordctl db locks` shows it
    pid: i32,
    /// Also end a backup, a replication, a vacuum against wraparound, or a session of ordctl
    #[arg(long)]
    force: bool,
    /// Wait this long for a canceled transaction to end before the session is ended
    #[arg(long, value_name = "DURATION", default_value = "10s")]
    wait: Span,
    #[command(flatten)]
    act: ActFlags,
}

const EXAMPLES: &str = "\
Examples:
  ordctl db kill 4711 --dry-run
  ordctl db kill 4711 --confirm production --reason 'blocks the queue'";

/// How long an ended session may take to roll back.
const END_LIMIT: Duration = Duration::from_secs(10);
/// The look counts the waiting sessions, which holds up every lock for a moment.
const POLL_INTERVAL: Duration = Duration::from_millis(200);
/// Characters of its statement that a plan shows.
const STATEMENT: usize = 100;

/// How the transaction of the session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Canceled,
    Terminated,
}

impl Kill {
    pub(super) async fn execute(
        &self,
        context: &Context,
        executor: &Executor,
        store: &Store,
    ) -> Result<u8, CliError> {
        let pid = self.pid;
        let found = store.find_session(pid).await.map_err(store_error)?;
        let Some(found) = found else {
            return Err(CliError::refused(format!("no session has pid {pid}; nothing was changed"))
                .hint("ordctl db locks"));
        };
        self.check(&found)?;
        let change = self.change(&found);
        let apply = async |consented: &Consented| self.end(store, &found, consented).await;
        let Some(end) = act(context, executor, change, &self.act, apply).await? else {
            return Ok(exit::OK);
        };
        stdio::note(&match end {
            End::Canceled => format!("pid {pid}: statement canceled, its transaction has ended\n"),
            End::Terminated => format!("pid {pid}: the session has ended\n"),
        });
        Ok(exit::OK)
    }

    /// Refuses a session that must not be ended, or that this role cannot end.
    fn check(&self, found: &FoundSession) -> Result<(), CliError> {
        let pid = self.pid;
        let refuse =
            |why: String| CliError::refused(format!("cannot end pid {pid}: {why}; nothing was changed"));
        if let Some(why) = found.untouchable() {
            let leader = found.leader_pid.map(|leader| format!("ordctl db kill {leader} --dry-run"));
            return Err(refuse(why).hint(leader.unwrap_or_else(|| "ordctl db locks".to_owned())));
        }
        if let Some(why) = found.protection().filter(|_| !self.force) {
            return Err(refuse(why).hint(format!("ordctl db kill {pid} --force --dry-run")));
        }
        let role = &found.role;
        if !found.may_signal {
            let user = found.session.user.as_deref().unwrap_or("a superuser");
            return Err(refuse(format!("role {role} may not end sessions of {user}"))
                .hint(format!("psql -c 'GRANT pg_signal_backend TO \"{role}\"'")));
        }
        if found.started.is_none() {
            return Err(refuse(format!("role {role} may not see the session"))
                .hint(format!("psql -c 'GRANT pg_read_all_stats TO \"{role}\"'")));
        }
        Ok(())
    }

    fn change(&self, found: &FoundSession) -> Change {
        let (pid, session) = (self.pid, &found.session);
        let mut who = session.describe();
        if found.blocks > 0 {
            who.push_str(&format!(", blocks {}", units::counted(found.blocks as f64, "session")));
        }
        let statement = session.statement_line().map_or_else(String::new, |statement| {
            let name = if session.is_active() { "statement" } else { "last statement" };
            format!("; {name}: {}", render::cut(&statement, STATEMENT))
        });
        let terminate = format!("pg_terminate_backend({pid})");
        let wait = units::duration(self.wait.as_secs_f64());
        let (title, calls) = if session.is_active() {
            let title = format!(
                "Cancel the statement of {who}; end the session if its transaction has not ended after {wait}{statement}"
            );
            let then = format!("{terminate}, if the same transaction still runs after {wait}");
            (title, vec![format!("pg_cancel_backend({pid})"), then])
        } else {
            // A cancel has no effect on a session that runs no statement.
            (format!("End the session {who}{statement}"), vec![terminate])
        };
        let change = Change::single("db kill", clean(&title).into_owned(), calls);
        let steps = change.steps.into_iter().map(|step| PlannedStep { effect: Effect::Grave, ..step });
        Change { steps: steps.collect(), haste: Haste::Patient, ..change }
    }

    async fn end(&self, store: &Store, found: &FoundSession, consented: &Consented) -> Result<End, CliError> {
        let pid = self.pid;
        if found.session.is_active() {
            signaled(pid, store.cancel_session(found, consented).await.map_err(store_error)?)?;
            if ended_within(store, found, self.wait.duration()).await? {
                return Ok(End::Canceled);
            }
            if store.terminate_session(found, consented).await.map_err(store_error)?.is_none() {
                return Ok(End::Canceled);
            }
        } else {
            signaled(pid, store.terminate_session(found, consented).await.map_err(store_error)?)?;
        }
        if ended_within(store, found, END_LIMIT).await? {
            return Ok(End::Terminated);
        }
        let limit = units::duration(END_LIMIT.as_secs_f64());
        Err(CliError::failed(format!(
            "pid {pid} has not ended {limit} after pg_terminate_backend: it may wait for a disk or the network"
        ))
        .hint("ordctl db locks"))
    }
}

/// An error unless the session of the plan got the signal.
fn signaled(pid: i32, sent: Option<bool>) -> Result<(), CliError> {
    match sent {
        Some(true) => Ok(()),
        Some(false) => {
            Err(CliError::failed(format!("cannot end pid {pid}: the server could not send the signal"))
                .hint("ordctl db locks"))
        }
        None => {
            let why = "the session, or the transaction of the plan, has ended by itself";
            Err(CliError::refused(format!("cannot end pid {pid}: {why}; nothing was changed"))
                .hint("ordctl db locks"))
        }
    }
}

/// Whether the session, or the transaction that it was in, ends within the limit.
async fn ended_within(store: &Store, planned: &FoundSession, limit: Duration) -> Result<bool, CliError> {
    let end = Instant::now() + limit;
    loop {
        let now = store.find_session(planned.session.pid).await.map_err(store_error)?;
        let is_same = now.is_some_and(|now| {
            let same_session = now.started == planned.started;
            // Without a transaction only its end counts.
            same_session && (planned.transaction.is_none() || now.transaction == planned.transaction)
        });
        if !is_same {
            return Ok(true);
        }
        if Instant::now() >= end {
            return Ok(false);
        }
        sleep(POLL_INTERVAL).await;
    }
}
