//! Reports stopped instances after a change of services that failed, timed out or was interrupted.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use crate::base::lock::lock;
use crate::base::units::duration;
use crate::clients::ClientError;
use crate::clients::platform;
use crate::clients::platform::Health;
use crate::clients::platform::{Change, Instance, ManagedService, Platform};
use crate::model::{Consented, Finding, Status};
use crate::tools::services::managed::managed_service;
use crate::tools::{ToolContext, ToolError};

/// Time limit of the report after an interrupted step.
const REPORT_TIMEOUT: Duration = Duration::from_secs(10);

/// Time limit of the start of what an interrupted restart has stopped; a stop may take its grace period.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// Instances being stopped. They may still be running.
#[derive(Clone, Default)]
pub(crate) struct Stopping {
    names: Arc<Mutex<Vec<String>>>,
    /// What a restart has stopped and not started again; None for other changes.
    owed: Option<Arc<Mutex<Vec<String>>>>,
}

impl Stopping {
    /// Of a restart: if it is interrupted between the stop and the start of an instance, the instance is started.
    pub(crate) fn of_restart() -> Self {
        Self { owed: Some(Arc::default()), ..Self::default() }
    }

    /// Applies a change; while it runs, a stopping instance is in the list.
    pub(crate) async fn apply(
        &self,
        platform: &dyn Platform,
        change: &Change,
        consented: &Consented,
    ) -> Result<(), ClientError> {
        let Change::Stop(name) = change else {
            let done = platform.apply(change, consented).await;
            if let (Ok(()), Change::Start(name)) = (&done, change) {
                self.owed().into_iter().for_each(|mut owed| owed.retain(|n| n != name));
            }
            return done;
        };
        self.names().push(name.clone());
        self.owed().into_iter().for_each(|mut owed| owed.push(name.clone()));
        let done = platform.apply(change, consented).await;
        self.names().retain(|n| n != name);
        done
    }

    fn names(&self) -> MutexGuard<'_, Vec<String>> {
        lock(&self.names)
    }

    fn owed(&self) -> Option<MutexGuard<'_, Vec<String>>> {
        self.owed.as_deref().map(lock)
    }

    /// Starts what an interrupted restart has stopped, or was stopping, and returns the names.
    async fn start_again(&self, ctx: &ToolContext) -> Vec<String> {
        let owed = self.owed().map(|owed| owed.clone()).unwrap_or_default();
        let (Ok(platform), Ok(consented)) = (ctx.clients.platform(), ctx.consent()) else {
            return Vec::new();
        };
        let mut started = Vec::new();
        for name in owed {
            // A stop that is still under way would end what is started now.
            let stopped = platform.apply(&Change::Stop(name.clone()), consented).await;
            if stopped.is_ok() && platform.apply(&Change::Start(name.clone()), consented).await.is_ok() {
                self.names().retain(|n| *n != name);
                started.push(name);
            }
        }
        started
    }
}

/// Runs `work` on a service. If it fails, the error lists the stopped instances; if it is dropped (a timeout), a
/// finding of the run's cleanup does.
pub(crate) async fn report_stopped<T>(
    ctx: &ToolContext,
    service: &str,
    stopping: &Stopping,
    work: impl Future<Output = Result<T, ToolError>>,
) -> Result<T, ToolError> {
    let cleanup =
        ctx.cleanups.register(interrupted_finding(ctx.clone(), service.to_owned(), stopping.clone()));
    let result = match work.await {
        Ok(done) => Ok(done),
        Err(error) => Err(with_stopped_instances(error, ctx, service).await),
    };
    cleanup.cancel();
    result
}

async fn with_stopped_instances(error: ToolError, ctx: &ToolContext, service: &str) -> ToolError {
    let (message, hint) = (error.to_string(), error.hint());
    let message = match stopped_instances(ctx, service, &[]).await {
        Ok(names) if names.is_empty() => format!("{message}. All containers are running"),
        Ok(names) => format!("{message}. Not running: {}", names.join(", ")),
        Err(e) => format!("{message}. State of the containers unknown: {e}"),
    };
    ToolError::Failed { message, hint }
}

async fn interrupted_finding(ctx: ToolContext, service: String, stopping: Stopping) -> Finding {
    let again = tokio::time::timeout(START_TIMEOUT, stopping.start_again(&ctx)).await.unwrap_or_default();
    let stopping = stopping.names().clone();
    let look = async {
        let mut names = stopped_instances(&ctx, &service, &stopping).await?;
        if let Some(ManagedService { name, under_way: Some(why), .. }) =
            managed_service(&ctx, &service, true).await?
        {
            names.push(format!("{name} ({why})"));
        }
        Ok::<_, ToolError>(names)
    };
    let (status, what) = match tokio::time::timeout(REPORT_TIMEOUT, look).await {
        Ok(Ok(names)) if names.is_empty() => (Status::Ok, "all containers are running".to_owned()),
        Ok(Ok(names)) => (Status::Crit, format!("not running: {}", names.join(", "))),
        Ok(Err(e)) => (Status::Unknown, format!("state of the containers unknown: {e}")),
        Err(_) => {
            let limit = duration(REPORT_TIMEOUT.as_secs_f64());
            (Status::Unknown, format!("state of the containers unknown: no answer within {limit}"))
        }
    };
    let again = if again.is_empty() { String::new() } else { format!("started {}, ", again.join(", ")) };
    let summary = format!("{service}: step interrupted, {again}{what}");
    let finding = Finding::new(&format!("{}.down", ctx.step), platform::SYSTEM, status, summary);
    match ctx.clients.platform() {
        Ok(platform) if status != Status::Ok => finding.hint(platform.commands().list(Some(&service))),
        _ => finding,
    }
}

/// Instances of the system that are stopped or stopping, and unhealthy ones of the service.
async fn stopped_instances(
    ctx: &ToolContext,
    service: &str,
    stopping: &[String],
) -> Result<Vec<String>, ToolError> {
    let platform = ctx.clients.platform()?;
    let mut all = platform.instances(None).await?;
    for own in platform.instances(Some(service)).await? {
        if !all.iter().any(|i| i.name == own.name) {
            all.push(own);
        }
    }
    let describe = |i: &Instance| match i.is_running() && stopping.contains(&i.name) {
        true => Some(format!("{} (stopping)", i.name)),
        false => (!i.is_running() || i.health == Some(Health::Unhealthy)).then(|| i.describe()),
    };
    Ok(all.iter().filter_map(describe).collect())
}
