//! `check.instances`: records the containers of services and their start times. A run takes this snapshot before it
//! changes anything; later steps and a resumed run use it to see what to start again and what is already done.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::clients::platform;
use crate::model::{Finding, Status};
use crate::tools::services;
use crate::tools::services::{InstanceSnapshot, managed};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Instances;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    pub(crate) services: Vec<String>,
}

impl Tool for Instances {
    type Params = Params;
    type Result = Vec<InstanceSnapshot>;

    const NAME: &'static str = "check.instances";
    const HELP: &'static str = "Record the containers of services and their start times";
    const SOURCE: &'static str = platform::SYSTEM;

    async fn run(
        &self,
        params: Params,
        ctx: &ToolContext,
    ) -> Result<Output<Vec<InstanceSnapshot>>, ToolError> {
        // Fails without a platform, even if `services` is empty.
        ctx.clients.platform()?;
        let mut snapshots = Vec::new();
        for service in params.services {
            // The platform lists only the desired instances of a managed service.
            let is_managed = managed::managed_service(ctx, &service, true).await?.is_some();
            for i in services::service_instances(ctx, &service).await? {
                // A restarting container counts as running, so that it is started again later.
                let running = is_managed || i.is_running() || i.state == "restarting";
                let started_at = i.started_at;
                snapshots.push(InstanceSnapshot {
                    name: i.name,
                    service: service.clone(),
                    running,
                    started_at,
                });
            }
        }
        let running: Vec<&str> = snapshots.iter().filter(|s| s.running).map(|s| s.name.as_str()).collect();
        let summary = match running.is_empty() {
            true => "0 running".to_owned(),
            false => format!("{} running ({})", running.len(), running.join(", ")),
        };
        let finding = Finding::new("", Self::SOURCE, Status::Ok, format!("Containers: {summary}"));
        Ok(Output::new(vec![finding], snapshots))
    }
}
