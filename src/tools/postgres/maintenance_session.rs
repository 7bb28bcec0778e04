//! A maintenance session: lock and statement timeouts, server warnings, and progress of the statement.

use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;

use crate::base::units::Span;
use crate::clients::postgres::{LIMIT_MARGIN, Postgres, Session, explain};
use crate::model::Consented;
use crate::store::statements;
use crate::store::tables::MaintenanceCommand;
use crate::tools::{ToolContext, ToolError};

const PROGRESS_INTERVAL: Duration = Duration::from_millis(500);

pub(crate) struct MaintenanceSession<'a> {
    ctx: &'a ToolContext,
    postgres: &'a Postgres,
    /// For prepared statements with values.
    pub(crate) session: Session,
    warnings: UnboundedReceiver<String>,
}

/// What a statement works on, to query its progress.
pub(crate) struct Target<'a> {
    pub(crate) command: MaintenanceCommand,
    pub(crate) schema: &'a str,
    pub(crate) table: &'a str,
}

/// The first statement of a session.
pub(crate) fn limits(lock_timeout: Span, ctx: &ToolContext) -> String {
    statements::session_limits(lock_timeout.duration(), ctx.limit)
}

impl<'a> MaintenanceSession<'a> {
    pub(crate) async fn open(
        ctx: &'a ToolContext,
        lock_timeout: Span,
        _: &Consented,
    ) -> Result<Self, ToolError> {
        let postgres = ctx.clients.postgres()?;
        let (session, warnings) = postgres.warning().await?;
        let session = session.with_limit(ctx.limit.saturating_add(LIMIT_MARGIN));
        session.batch_execute(&limits(lock_timeout, ctx)).await.map_err(|e| explain(&e))?;
        Ok(Self { ctx, postgres, session, warnings })
    }

    /// Runs a statement; dropping the future cancels it on the server. A warning of the server is a
    /// failure: VACUUM only warns when it skips a table.
    pub(crate) async fn run(&mut self, statement: &str, target: &Target<'_>) -> Result<(), ToolError> {
        let call = async {
            let call = self.session.batch_execute(statement);
            tokio::pin!(call);
            loop {
                tokio::select! {
                    done = &mut call => return done,
                    () = tokio::time::sleep(PROGRESS_INTERVAL) => self.report_progress(target).await,
                }
            }
        };
        self.postgres.cancelling(self.session.cancel_token(), call).await.map_err(|e| explain(&e))?;
        let mut warnings = Vec::new();
        while let Ok(warning) = self.warnings.try_recv() {
            warnings.push(warning);
        }
        if warnings.is_empty() { Ok(()) } else { Err(ToolError::rejected(warnings.join("; "))) }
    }

    async fn report_progress(&self, target: &Target<'_>) {
        let Ok(store) = self.ctx.store() else { return };
        let progress = store.maintenance_progress(target.command, target.schema, target.table).await;
        // Without progress the statement still runs.
        if let Ok(Some(progress)) = progress {
            let total = (progress.total > 0).then_some(progress.total);
            // A step is often named after its table.
            let label = match self.ctx.step == target.table {
                true => progress.phase,
                false => format!("{}: {}", target.table, progress.phase),
            };
            self.ctx.progress(progress.done, total, label);
        }
    }
}
