//! `check.postgres_privileges`: the privileges of the connected role, and which functions lack privileges.

use postgres_protocol::escape::escape_identifier;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Status};
use crate::store::server::RolePrivileges;
use crate::tools::postgres::psql;
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct PostgresPrivileges;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

impl Tool for PostgresPrivileges {
    type Params = Params;
    type Result = RolePrivileges;

    const NAME: &'static str = "check.postgres_privileges";
    const HELP: &'static str = "Check the privileges of the connected PostgreSQL role";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, _: Params, ctx: &ToolContext) -> Result<Output<RolePrivileges>, ToolError> {
        let privileges = ctx.store()?.role_privileges().await?;
        Ok(Output::new(findings(&privileges), privileges))
    }
}

fn findings(privileges: &RolePrivileges) -> Vec<Finding> {
    let mut findings = server(privileges);
    findings.extend(schema(privileges));
    findings
}

/// Ok with `yes`, or a warning with `no` and the command that fixes it.
fn privilege(
    id: &str,
    is_granted: bool,
    yes: impl Into<String>,
    no: impl Into<String>,
    fix: impl Into<String>,
) -> Finding {
    let (status, text) = if is_granted { (Status::Ok, yes.into()) } else { (Status::Warn, no.into()) };
    Finding::new(id, SYSTEM, status, text).hint(fix)
}

fn server(found: &RolePrivileges) -> Vec<Finding> {
    let role = &found.role;
    let kind = match &found.managed_by {
        Some(roles) => {
            format!(
                "Server: managed PostgreSQL ({roles}), no superuser, no server files, no restart by ordctl"
            )
        }
        None if found.superuser => format!("Role: {role}, superuser"),
        None => format!("Role: {role}, no superuser"),
    };
    vec![
        Finding::new("kind", SYSTEM, Status::Ok, kind),
        privilege(
            "monitor",
            found.monitor || found.superuser,
            "Visible sessions: of all roles",
            format!("Visible sessions: own only, {role} is not in pg_monitor"),
            psql(&format!("GRANT pg_monitor TO {}", escape_identifier(role))),
        ),
        privilege(
            "signal",
            found.signal_backend || found.superuser,
            "Sessions that can be ended: of all roles",
            format!("Sessions that can be ended: own only, {role} is not in pg_signal_backend"),
            psql(&format!("GRANT pg_signal_backend TO {}", escape_identifier(role))),
        ),
        slow_statements(found),
    ]
}

fn slow_statements(found: &RolePrivileges) -> Finding {
    let (problem, fix) = match found.stat_statements_loaded {
        true => {
            ("not created in this database", "psql -c 'CREATE EXTENSION IF NOT EXISTS pg_stat_statements'")
        }
        false => (
            "not loaded by the server",
            "add pg_stat_statements to shared_preload_libraries, then `ordctl restart database`",
        ),
    };
    privilege(
        "statements",
        found.stat_statements && found.stat_statements_loaded,
        "pg_stat_statements: installed",
        format!("pg_stat_statements: {problem}, slow statements are unknown"),
        fix,
    )
}

fn schema(found: &RolePrivileges) -> Vec<Finding> {
    let role = &found.role;
    let grantee = escape_identifier(role);
    let (problem, fix) = match &found.unreadable {
        Some(tables) => (
            format!("Scheduler tables: {role} may not read {tables}"),
            psql(&format!("GRANT SELECT ON {tables} TO {grantee}")),
        ),
        None => (
            "Scheduler tables: none, this is not the scheduler's database, or it is not migrated".to_owned(),
            "ordctl config show --origin".to_owned(),
        ),
    };
    let database = escape_identifier(&found.database);
    vec![
        privilege(
            "tables",
            found.has_tasks && found.unreadable.is_none(),
            "Scheduler tables: readable",
            problem,
            fix,
        ),
        privilege(
            "own_tables",
            found.migrated || found.create_in_database,
            "Schema ordctl: exists or can be created",
            format!("Schema ordctl: {role} may not create it, runs are journaled in local files only"),
            psql(&format!("GRANT CREATE ON DATABASE {database} TO {grantee}")),
        ),
    ]
}
