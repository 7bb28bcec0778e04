//! `check.backup_ready`: whether backups can be made and verified: the programs, the directory, the right to
//! make a scratch database.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clients::{ClientError, host};
use crate::model::{Finding, Status};
use crate::tools::backup;
use crate::tools::backup::Source;
use crate::tools::backup::pg_programs;
use crate::tools::backup::scratch::Server;
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct BackupReady;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

#[derive(Debug, Default, Serialize)]
pub(crate) struct Ready {
    /// The major version of pg_dump.
    pub(crate) programs: Option<u32>,
    /// Whether the directory can be written.
    pub(crate) directory: bool,
    /// Whether a scratch database can be made.
    pub(crate) scratch: bool,
}

impl Tool for BackupReady {
    type Params = Params;
    type Result = Ready;

    const NAME: &'static str = "check.backup_ready";
    const HELP: &'static str = "whether backups can be made and verified";
    const SOURCE: &'static str = pg_programs::SYSTEM;

    async fn run(&self, _: Params, ctx: &ToolContext) -> Result<Output<Ready>, ToolError> {
        if ctx.settings.backup.dir.is_none() {
            return Err(ClientError::NotConfigured { system: "backup", setting: "backup.dir" }.into());
        }
        let source = backup::source(ctx).await?;
        let (mut ready, mut findings) = (Ready::default(), Vec::new());
        findings.push(programs(&source, ctx, &mut ready).await);
        findings.push(match backup::vault(&source, ctx).await {
            Ok(vault) => {
                ready.directory = true;
                let text = format!("dumps go to {}", vault.dir().display());
                Finding::new("directory", host::SYSTEM, Status::Ok, text)
            }
            Err(e) => trouble("directory", host::SYSTEM, &e),
        });
        findings.push(match Server::find(ctx).await {
            Ok(server) => {
                let on = server.postgres().target();
                match server.room(source.bytes, ctx).await {
                    Ok(()) => {
                        ready.scratch = true;
                        let text = format!("{} may make scratch databases on {on}", server.about.role);
                        Finding::new("scratch", crate::clients::postgres::SYSTEM, Status::Ok, text)
                    }
                    Err(e) => trouble("scratch", crate::clients::postgres::SYSTEM, &e),
                }
            }
            Err(e) => trouble("scratch", crate::clients::postgres::SYSTEM, &e),
        });
        Ok(Output::new(findings, ready))
    }
}

async fn programs(source: &Source, ctx: &ToolContext, ready: &mut Ready) -> Finding {
    match backup::programs(source.major, ctx).await {
        Ok(found) => {
            ready.programs = Some(found.major);
            let (dir, server) = (found.dir.display(), source.major);
            let text =
                format!("pg_dump and pg_restore {} in {dir}, for a server of version {server}", found.major);
            Finding::new("programs", pg_programs::SYSTEM, Status::Ok, text)
        }
        Err(e) => trouble("programs", pg_programs::SYSTEM, &e),
    }
}

fn trouble(id: &str, source: &str, error: &ToolError) -> Finding {
    let finding = Finding::new(id, source, Status::Warn, error.to_string());
    match error.hint() {
        Some(hint) => finding.hint(hint),
        None => finding,
    }
}
