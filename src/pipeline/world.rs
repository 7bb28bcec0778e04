//! What an executor needs besides the steps.

use std::time::Duration;

use crate::model::{Consented, Step};
use crate::tools::{Registry, ToolContext};

/// Time-out of a step that says none, and whose runbook says none.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// The tools and the systems they work on.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) registry: Registry,
    /// What every tool is given; its time-out is that of a step that has none of its own.
    pub(crate) ctx: ToolContext,
}

impl World {
    /// The same world for one run of a task: its logs bear the run's id, its requests the
    /// occurrence's name, and only the secrets that it asks for are masked in what it says.
    #[must_use]
    pub(crate) fn of_run(&self, run: impl Into<String>, occurrence: impl Into<String>) -> Self {
        let (run, occurrence) = (Some(run.into()), Some(occurrence.into()));
        let secrets = self.ctx.secrets.without_values();
        let ctx = ToolContext { run, occurrence, secrets, ..self.ctx.clone() };
        Self { registry: self.registry.clone(), ctx }
    }

    /// The same, for steps that act under this consent.
    #[must_use]
    pub(crate) fn with_consent(&self, consented: Consented) -> Self {
        let ctx = ToolContext { consented: Some(consented), ..self.ctx.clone() };
        Self { registry: self.registry.clone(), ctx }
    }

    /// How long a step may take.
    pub(crate) fn limit(&self, step: &Step) -> Duration {
        step.timeout_seconds.and_then(|s| Duration::try_from_secs_f64(s).ok()).unwrap_or(self.ctx.limit)
    }

    /// What the tool of a step is given.
    pub(crate) fn context(&self, step: &Step) -> ToolContext {
        ToolContext { step: step.name().to_owned(), limit: self.limit(step), ..self.ctx.clone() }
    }
}
