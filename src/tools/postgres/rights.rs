//! `check.postgres_rights`: what the connected role may do, and what that takes away.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Status};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct PostgresRights;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

/// The rights.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Rights {
    /// The role.
    pub(crate) role: String,
    /// Whether it is a superuser.
    pub(crate) superuser: bool,
    /// Whether it sees other roles' statements (`pg_monitor`).
    pub(crate) monitor: bool,
    /// Whether it may end other roles' sessions (`pg_signal_backend`).
    pub(crate) signal_backend: bool,
    /// Whether it may create schemas.
    pub(crate) create_in_database: bool,
    /// Roles that only a managed PostgreSQL has.
    pub(crate) managed_by: Option<String>,
    /// Whether pg_stat_statements is there.
    pub(crate) stat_statements: bool,
    /// Whether the scheduler's tables are there.
    pub(crate) has_tasks: bool,
    /// Whether ordctl's own tables are there.
    pub(crate) migrated: bool,
    /// Tables of the scheduler that the role may not read.
    pub(crate) unreadable: Option<String>,
}

impl Tool for PostgresRights {
    type Params = Params;
    type Result = Rights;

    const NAME: &'static str = "check.postgres_rights";
    const HELP: &'static str = "what the connected role may do in PostgreSQL, and what that takes away";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, _: Params, ctx: &ToolContext) -> Result<Output<Rights>, ToolError> {
        let rights: Rights = ctx.store()?.one("postgres_rights").await?;
        Ok(Output::new(findings(&rights), rights))
    }
}

fn findings(rights: &Rights) -> Vec<Finding> {
    let mut findings = server(rights);
    findings.extend(schema(rights));
    findings
}

/// What holds is fine; what does not is a warning with the way to mend it.
fn say(
    id: &str,
    good: bool,
    yes: impl Into<String>,
    no: impl Into<String>,
    mend: impl Into<String>,
) -> Finding {
    let (status, text) = if good { (Status::Ok, yes.into()) } else { (Status::Warn, no.into()) };
    Finding::new(id, SYSTEM, status, text).hint(mend)
}

fn server(rights: &Rights) -> Vec<Finding> {
    let role = &rights.role;
    let kind = match &rights.managed_by {
        Some(roles) => {
            format!("a managed PostgreSQL ({roles}): no superuser, no server files, no restart from here")
        }
        None if rights.superuser => format!("{role} is a superuser"),
        None => format!("{role} is no superuser"),
    };
    vec![
        Finding::new("kind", SYSTEM, Status::Ok, kind),
        say(
            "monitor",
            rights.monitor || rights.superuser,
            format!("{role} sees every session"),
            format!(
                "{role} is not in pg_monitor: other roles' sessions stay hidden, long transactions may be missed"
            ),
            format!("psql -c 'GRANT pg_monitor TO {role}'"),
        ),
        say(
            "signal",
            rights.signal_backend || rights.superuser,
            format!("{role} may end other roles' sessions"),
            format!("{role} is not in pg_signal_backend: it cannot end other roles' sessions"),
            format!("psql -c 'GRANT pg_signal_backend TO {role}'"),
        ),
        say(
            "statements",
            rights.stat_statements,
            "pg_stat_statements is installed",
            "pg_stat_statements is not installed: slow statements cannot be named",
            "set shared_preload_libraries = 'pg_stat_statements', restart, then CREATE EXTENSION pg_stat_statements",
        ),
    ]
}

fn schema(rights: &Rights) -> Vec<Finding> {
    let role = &rights.role;
    let (missing, mend) = match &rights.unreadable {
        Some(tables) => {
            (format!("{role} may not read {tables}"), format!("psql -c 'GRANT SELECT ON {tables} TO {role}'"))
        }
        None => (
            "there is no table public.task: this is not the scheduler's database, or it is empty".to_owned(),
            "ordctl config show --origin".to_owned(),
        ),
    };
    vec![
        say(
            "tables",
            rights.has_tasks && rights.unreadable.is_none(),
            format!("{role} may read the scheduler's tables"),
            missing,
            mend,
        ),
        say(
            "own_tables",
            rights.migrated || rights.create_in_database,
            "ordctl's own tables are there or can be made",
            format!("{role} may not create the schema ordctl: runs are journaled in local files only"),
            format!("psql -c 'GRANT CREATE ON DATABASE … TO {role}'"),
        ),
    ]
}
