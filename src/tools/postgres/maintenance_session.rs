//! A session for maintenance: limits on locks and time, the server's warnings, and progress while a
//! statement goes on.

use std::time::Duration;

use serde::Deserialize;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::base::units::Span;
use crate::clients::postgres::{Postgres, Session, explain};
use crate::store::{Binds, statements};
use crate::tools::{ToolContext, ToolError};

/// How often it is looked how far a statement is.
const LOOK: Duration = Duration::from_millis(500);

pub(crate) struct Maintenance<'a> {
    ctx: &'a ToolContext,
    postgres: &'a Postgres,
    /// For statements that take values.
    pub(crate) session: Session,
    warnings: UnboundedReceiver<String>,
}

/// Where progress is asked for.
pub(crate) struct Progress<'a> {
    /// A query of phase, done and total.
    pub(crate) query: &'a str,
    pub(crate) schema: &'a str,
    pub(crate) table: &'a str,
}

#[derive(Deserialize)]
struct Far {
    phase: String,
    done: u64,
    total: u64,
}

/// The statement that a session begins with, as a plan shows it.
pub(crate) fn limits(lock_timeout: Span, ctx: &ToolContext) -> String {
    statements::session_limits(lock_timeout.duration(), ctx.limit)
}

impl<'a> Maintenance<'a> {
    pub(crate) async fn open(ctx: &'a ToolContext, lock_timeout: Span) -> Result<Self, ToolError> {
        let postgres = ctx.clients.postgres()?;
        let (session, warnings) = postgres.warning().await?;
        session.batch_execute(&limits(lock_timeout, ctx)).await.map_err(|e| explain(&e))?;
        Ok(Self { ctx, postgres, session, warnings })
    }

    /// Runs a statement; dropped before its end, it is cancelled on the server. What the server warned of
    /// is a failure: VACUUM only warns of a table that it skips.
    pub(crate) async fn run(&mut self, statement: &str, progress: &Progress<'_>) -> Result<(), ToolError> {
        let call = async {
            let call = self.session.batch_execute(statement);
            tokio::pin!(call);
            loop {
                tokio::select! {
                    done = &mut call => return done,
                    () = tokio::time::sleep(LOOK) => self.look(progress).await,
                }
            }
        };
        self.postgres.cancelling(self.session.cancel_token(), call).await.map_err(|e| explain(&e))?;
        let mut said = Vec::new();
        while let Ok(warning) = self.warnings.try_recv() {
            said.push(warning);
        }
        if said.is_empty() { Ok(()) } else { Err(ToolError::rejected(said.join("; "))) }
    }

    async fn look(&self, progress: &Progress<'_>) {
        let binds = Binds::from([
            ("schema".to_owned(), progress.schema.to_owned()),
            ("table".to_owned(), progress.table.to_owned()),
        ]);
        let Ok(store) = self.ctx.store() else { return };
        // Not to know how far it is keeps nobody from going on.
        let rows: Vec<Far> = store.rows_with(progress.query, &binds).await.unwrap_or_default();
        if let Some(far) = rows.into_iter().next() {
            let total = (far.total > 0).then_some(far.total);
            // A step has often its table's name.
            let of = if self.ctx.step == progress.table { "" } else { progress.table };
            let sign = if of.is_empty() { "" } else { ": " };
            self.ctx.progress(far.done, total, format!("{of}{sign}{}", far.phase));
        }
    }
}
