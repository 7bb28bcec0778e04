//! What an executor needs besides the steps.

use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::Clock;
use crate::base::settings::Settings;
use crate::clients::Clients;
use crate::model::{Observer, Step};
use crate::store::Library;
use crate::tools::{Registry, ToolContext};

/// Time-out of a step that says none, and whose runbook says none.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// The tools and the systems they work on.
#[derive(Clone)]
pub struct World {
    /// The tools.
    pub registry: Registry,
    /// The environment's settings.
    pub settings: Arc<Settings>,
    /// The outside systems.
    pub clients: Arc<Clients>,
    /// The named queries.
    pub library: Arc<Library>,
    /// What time it is.
    pub clock: Clock,
    /// Who is told what happens.
    pub observer: Arc<dyn Observer>,
    /// Time-out of a step that has none of its own.
    pub timeout: Duration,
}

impl World {
    /// How long a step may take.
    pub fn limit(&self, step: &Step) -> Duration {
        step.timeout_seconds.and_then(|s| Duration::try_from_secs_f64(s).ok()).unwrap_or(self.timeout)
    }

    /// What the tool of a step is given.
    pub fn context(&self, step: &Step) -> ToolContext {
        ToolContext {
            settings: self.settings.clone(),
            clients: self.clients.clone(),
            library: self.library.clone(),
            clock: self.clock,
            observer: self.observer.clone(),
            step: step.name().to_owned(),
            limit: self.limit(step),
        }
    }
}
