//! `check.roster`: which instances of some services there are, and since when each runs. A run notes
//! it before it changes anything, so that it can tell later, also when it is resumed, what to start
//! again and what it has done already.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::clients::platform;
use crate::model::{Finding, Status};
use crate::tools::services;
use crate::tools::services::{InstanceSnapshot, managed};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Roster;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The services.
    pub(crate) services: Vec<String>,
}

impl Tool for Roster {
    type Params = Params;
    type Result = Vec<InstanceSnapshot>;

    const NAME: &'static str = "check.roster";
    const HELP: &'static str = "which containers of some services there are, and since when each runs";
    const SOURCE: &'static str = platform::SYSTEM;

    async fn run(
        &self,
        params: Params,
        ctx: &ToolContext,
    ) -> Result<Output<Vec<InstanceSnapshot>>, ToolError> {
        // Also without any container the engine must have been asked.
        ctx.clients.platform()?;
        let mut noted = Vec::new();
        for service in params.services {
            // Of a service that changes as a whole only those are listed that are to run.
            let whole = managed::whole(ctx, &service, true).await?.is_some();
            for i in services::members(ctx, &service).await? {
                // What is started anew again and again would be stopped for good if it were not noted.
                let running = whole || i.is_running() || i.state == "restarting";
                let started_at = i.started_at;
                noted.push(InstanceSnapshot { name: i.name, service: service.clone(), running, started_at });
            }
        }
        let running: Vec<&str> = noted.iter().filter(|n| n.running).map(|n| n.name.as_str()).collect();
        let summary = match running.is_empty() {
            true => "nothing runs".to_owned(),
            false => format!("running: {}", running.join(", ")),
        };
        let finding = Finding::new("", Self::SOURCE, Status::Ok, format!("{}: {summary}", ctx.step));
        Ok(Output::new(vec![finding], noted))
    }
}
