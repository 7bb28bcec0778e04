//! What does not run, said of every change of services that did not come to its end: because it failed, ran
//! out of time or was interrupted. Nobody has to look for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::base::units::duration;
use crate::clients::ClientError;
use crate::clients::platform;
use crate::clients::platform::Health;
use crate::clients::platform::{Change, Instance, ManagedService, Platform};
use crate::model::{Consented, Finding, Status};
use crate::tools::services::managed::whole;
use crate::tools::{ToolContext, ToolError};

/// How long the look after a step that was dropped may take.
const LOOK: Duration = Duration::from_secs(10);

/// Instances that are being told to end: they may run still, and will not for long.
#[derive(Clone, Default)]
pub(crate) struct Stopping(Arc<Mutex<Vec<String>>>);

impl Stopping {
    /// Makes a change, and remembers as long as it is under way whom it ends.
    pub(crate) async fn apply(
        &self,
        platform: &dyn Platform,
        change: &Change,
        consented: &Consented,
    ) -> Result<(), ClientError> {
        let Change::Stop(name) = change else { return platform.apply(change, consented).await };
        self.names().push(name.clone());
        let done = platform.apply(change, consented).await;
        self.names().retain(|n| n != name);
        done
    }

    fn names(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does work on a service. Where it fails its error says what is down; where it is dropped half-way, as at
/// the step's time-out, a finding of the run's clean-up does.
pub(crate) async fn telling<T>(
    ctx: &ToolContext,
    service: &str,
    stopping: &Stopping,
    work: impl Future<Output = Result<T, ToolError>>,
) -> Result<T, ToolError> {
    let cleanup = ctx.cleanups.register(left(ctx.clone(), service.to_owned(), stopping.clone()));
    let result = match work.await {
        Ok(done) => Ok(done),
        Err(error) => Err(with_what_is_down(error, ctx, service).await),
    };
    cleanup.cancel();
    result
}

async fn with_what_is_down(error: ToolError, ctx: &ToolContext, service: &str) -> ToolError {
    let (message, hint) = (error.to_string(), error.hint());
    let message = match down(ctx, service, &[]).await {
        Ok(names) if names.is_empty() => format!("{message}. Nothing is down"),
        Ok(names) => format!("{message}. Down: {}", names.join(", ")),
        Err(e) => format!("{message}. What is down cannot be told: {e}"),
    };
    ToolError::Failed { message, hint }
}

/// How a step left the system that was dropped half-way.
async fn left(ctx: ToolContext, service: String, stopping: Stopping) -> Finding {
    let told = stopping.names().clone();
    let look = async {
        let mut names = down(&ctx, &service, &told).await?;
        if let Some(ManagedService { name, under_way: Some(why), .. }) = whole(&ctx, &service, true).await? {
            names.push(format!("{name} ({why})"));
        }
        Ok::<_, ToolError>(names)
    };
    let (status, what) = match tokio::time::timeout(LOOK, look).await {
        Ok(Ok(names)) if names.is_empty() => (Status::Ok, "Nothing is down".to_owned()),
        Ok(Ok(names)) => (Status::Crit, format!("Down: {}", names.join(", "))),
        Ok(Err(e)) => (Status::Unknown, format!("What is down cannot be told: {e}")),
        Err(_) => {
            let limit = duration(LOOK.as_secs_f64());
            (Status::Unknown, format!("What is down cannot be told: no answer within {limit}"))
        }
    };
    let summary = format!("{service}: the step was ended half-way. {what}");
    let finding = Finding::new(&format!("{}.down", ctx.step), platform::SYSTEM, status, summary);
    match ctx.clients.platform() {
        Ok(platform) if status != Status::Ok => finding.hint(platform.commands().list(Some(&service))),
        _ => finding,
    }
}

/// Every instance of the system that does not run or is told to end, and those of the service that are not
/// well.
async fn down(ctx: &ToolContext, service: &str, told: &[String]) -> Result<Vec<String>, ToolError> {
    let platform = ctx.clients.platform()?;
    let mut all = platform.instances(None).await?;
    for own in platform.instances(Some(service)).await? {
        if !all.iter().any(|i| i.name == own.name) {
            all.push(own);
        }
    }
    let how = |i: &Instance| match i.is_running() && told.contains(&i.name) {
        true => Some(format!("{} (still running, told to end)", i.name)),
        false => (!i.is_running() || i.health == Some(Health::Unhealthy)).then(|| i.describe()),
    };
    Ok(all.iter().filter_map(how).collect())
}
