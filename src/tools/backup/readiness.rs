//! `check.backup_ready`: whether backups can be made and verified: PostgreSQL programs, backup directory and
//! the right to create a scratch database.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::scratch::ScratchServer;
use super::{Source, not_configured, pg_programs};
use crate::clients::{host, postgres};
use crate::model::{Finding, Status};
use crate::tools::{Output, Tool, ToolContext, ToolError, backup};

pub(crate) struct BackupReady;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

#[derive(Debug, Default, Serialize)]
pub(crate) struct Readiness {
    /// The major version of pg_dump.
    pub(crate) programs: Option<u32>,
    /// Whether the directory is writable.
    pub(crate) directory: bool,
    /// Whether a scratch database can be created.
    pub(crate) scratch: bool,
}

impl Tool for BackupReady {
    type Params = Params;
    type Result = Readiness;

    const NAME: &'static str = "check.backup_ready";
    const HELP: &'static str = "Check whether backups can be made and verified";
    const SOURCE: &'static str = pg_programs::SYSTEM;

    async fn run(&self, _: Params, ctx: &ToolContext) -> Result<Output<Readiness>, ToolError> {
        if ctx.settings.backup.dir.is_none() {
            return Err(not_configured().into());
        }
        let source = backup::source(ctx).await?;
        let programs = backup::programs(source.major, ctx).await;
        let dir = backup::open_dir(&source, ctx).await;
        let scratch = scratch(&source, ctx).await;
        let readiness = Readiness {
            programs: programs.as_ref().ok().map(|p| p.major),
            directory: dir.is_ok(),
            scratch: scratch.is_ok(),
        };
        let programs = programs.map(|p| {
            format!("PostgreSQL programs: {} in {}, server {}", p.major, p.dir.display(), source.major)
        });
        let dir = dir.map(|dir| format!("Backup directory: {}, writable", dir.path().display()));
        let findings = vec![
            finding("programs", pg_programs::SYSTEM, programs),
            finding("directory", host::SYSTEM, dir),
            finding("scratch", postgres::SYSTEM, scratch),
        ];
        Ok(Output::new(findings, readiness))
    }
}

async fn scratch(source: &Source, ctx: &ToolContext) -> Result<String, ToolError> {
    let server = ScratchServer::find(ctx).await?;
    server.require_space(source.bytes, ctx).await?;
    let (target, role) = (server.postgres().target(), &server.source.role);
    Ok(format!("Scratch databases: {target}, role {role} may create them"))
}

fn finding(id: &str, source: &str, checked: Result<String, ToolError>) -> Finding {
    match checked {
        Ok(summary) => Finding::new(id, source, Status::Ok, summary),
        Err(e) => {
            let finding = Finding::new(id, source, Status::Warn, e.to_string());
            match e.hint() {
                Some(hint) => finding.hint(hint),
                None => finding,
            }
        }
    }
}
