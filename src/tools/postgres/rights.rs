//! `check.postgres_rights`: the rights of the connected role, and which functions lack rights.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Status};
use crate::store::server::RoleRights;
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct PostgresRights;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

impl Tool for PostgresRights {
    type Params = Params;
    type Result = RoleRights;

    const NAME: &'static str = "check.postgres_rights";
    const HELP: &'static str = "Check the rights of the connected PostgreSQL role";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, _: Params, ctx: &ToolContext) -> Result<Output<RoleRights>, ToolError> {
        let rights = ctx.store()?.role_rights().await?;
        Ok(Output::new(findings(&rights), rights))
    }
}

fn findings(rights: &RoleRights) -> Vec<Finding> {
    let mut findings = server(rights);
    findings.extend(schema(rights));
    findings
}

/// Ok with `yes`, or a warning with `no` and the command that fixes it.
fn right(
    id: &str,
    is_granted: bool,
    yes: impl Into<String>,
    no: impl Into<String>,
    fix: impl Into<String>,
) -> Finding {
    let (status, text) = if is_granted { (Status::Ok, yes.into()) } else { (Status::Warn, no.into()) };
    Finding::new(id, SYSTEM, status, text).hint(fix)
}

fn server(rights: &RoleRights) -> Vec<Finding> {
    let role = &rights.role;
    let kind = match &rights.managed_by {
        Some(roles) => {
            format!("managed PostgreSQL ({roles}): no superuser, no server files, no restart by ordctl")
        }
        None if rights.superuser => format!("{role} is a superuser"),
        None => format!("{role} is not a superuser"),
    };
    vec![
        Finding::new("kind", SYSTEM, Status::Ok, kind),
        right(
            "monitor",
            rights.monitor || rights.superuser,
            format!("{role} sees all sessions"),
            format!(
                "{role} is not in pg_monitor: it does not see sessions and long transactions of other roles"
            ),
            format!("psql -c 'GRANT pg_monitor TO {role}'"),
        ),
        right(
            "signal",
            rights.signal_backend || rights.superuser,
            format!("{role} may end sessions of other roles"),
            format!("{role} is not in pg_signal_backend: it cannot end sessions of other roles"),
            format!("psql -c 'GRANT pg_signal_backend TO {role}'"),
        ),
        right(
            "statements",
            rights.stat_statements,
            "pg_stat_statements is installed",
            "pg_stat_statements is not installed: slow statements are unknown",
            "set shared_preload_libraries = 'pg_stat_statements', restart, then CREATE EXTENSION pg_stat_statements",
        ),
    ]
}

fn schema(rights: &RoleRights) -> Vec<Finding> {
    let role = &rights.role;
    let (problem, fix) = match &rights.unreadable {
        Some(tables) => {
            (format!("{role} may not read {tables}"), format!("psql -c 'GRANT SELECT ON {tables} TO {role}'"))
        }
        None => (
            "table public.task does not exist: this is not the scheduler's database, or it is not migrated"
                .to_owned(),
            "ordctl config show --origin".to_owned(),
        ),
    };
    vec![
        right(
            "tables",
            rights.has_tasks && rights.unreadable.is_none(),
            format!("{role} may read the scheduler's tables"),
            problem,
            fix,
        ),
        right(
            "own_tables",
            rights.migrated || rights.create_in_database,
            "the tables of ordctl exist or can be created",
            format!("{role} may not create the schema ordctl: runs are journaled in local files only"),
            format!("psql -c 'GRANT CREATE ON DATABASE … TO {role}'"),
        ),
    ]
}
