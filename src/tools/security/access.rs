//! `check.access`: superusers, PUBLIC privileges, password expiry, TLS and pg_hba.conf rules of PostgreSQL.

use std::collections::BTreeSet;

use postgres_protocol::escape::escape_identifier;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Status};
use crate::store::security::{AccessPrivileges, HbaRule};
use crate::tools::postgres::psql;
use crate::tools::{Output, Tool, ToolContext, ToolError};

/// Names in a summary; the details contain all of them.
const NAMED: usize = 5;

pub(crate) struct Access;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Expected superusers with LOGIN, separated by commas; any other is a warning. Without a list, more than
    /// one is.
    #[serde(default)]
    pub(crate) superusers: String,
    /// Whether a login role without VALID UNTIL is a warning.
    #[serde(default)]
    pub(crate) expiry: bool,
}

impl Tool for Access {
    type Params = Params;
    type Result = AccessPrivileges;

    const NAME: &'static str = "check.access";
    const HELP: &'static str = "Check superusers, PUBLIC privileges, TLS and passwordless logins";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<AccessPrivileges>, ToolError> {
        let found = ctx.store()?.access_privileges().await?;
        let findings = vec![
            superusers(&found, &params),
            expiry(&found, &params),
            public_tables(&found),
            public_schemas(&found),
            tls(&found),
            passwords(&found),
            rules(&found),
        ];
        Ok(Output::new(findings, found))
    }
}

fn list(names: &[String]) -> String {
    let shown = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Lists the roles with their attributes and the expiry of their passwords.
const LIST_ROLES: &str = r"psql -c '\du'";

/// Ok, or a warning with a hint.
fn finding(id: &str, good: bool, text: String, hint: impl Into<String>) -> Finding {
    Finding::new(id, SYSTEM, if good { Status::Ok } else { Status::Warn }, text).hint(hint)
}

fn superusers(found: &AccessPrivileges, params: &Params) -> Finding {
    let all = found.superusers.clone().unwrap_or_default();
    let meant: BTreeSet<&str> =
        params.superusers.split(',').map(str::trim).filter(|n| !n.is_empty()).collect();
    let unexpected = all.iter().find(|n| !meant.is_empty() && !meant.contains(n.as_str()));
    let good = unexpected.is_none() && (!meant.is_empty() || all.len() <= 1);
    let hint = unexpected.map_or_else(
        || LIST_ROLES.to_owned(),
        |name| psql(&format!("ALTER ROLE {} NOSUPERUSER", escape_identifier(name))),
    );
    let text = match all.is_empty() {
        true => "Superusers with LOGIN: none".to_owned(),
        false => format!("Superusers with LOGIN: {}", list(&all)),
    };
    finding("superusers", good, text, hint).details(json!(all))
}

fn expiry(found: &AccessPrivileges, params: &Params) -> Finding {
    let all = found.no_expiry.clone().unwrap_or_default();
    let mut text = match all.is_empty() {
        true => "Logins without expiry: none".to_owned(),
        false => format!("Logins without expiry: {}", list(&all)),
    };
    if let Some(expired) = found.expired.as_ref().filter(|e| !e.is_empty()) {
        text += &format!("; expired: {}", list(expired));
    }
    finding("expiry", all.is_empty() || !params.expiry, text, LIST_ROLES).details(json!(all))
}

fn public_tables(found: &AccessPrivileges) -> Finding {
    let all = found.public_tables.clone().unwrap_or_default();
    let text = match all.is_empty() {
        true => "Tables with PUBLIC privileges: none".to_owned(),
        false => format!("Tables with PUBLIC privileges: {}", list(&all)),
    };
    // Each is `schema.table: privilege`, quoted.
    let tables: BTreeSet<&str> = all.iter().filter_map(|t| Some(t.rsplit_once(": ")?.0)).collect();
    let tables = tables.into_iter().collect::<Vec<_>>().join(", ");
    finding("public_tables", all.is_empty(), text, psql(&format!("REVOKE ALL ON {tables} FROM PUBLIC")))
        .details(json!(all))
}

fn public_schemas(found: &AccessPrivileges) -> Finding {
    let all = found.public_schemas.clone().unwrap_or_default();
    let text = match all.is_empty() {
        true => "Schemas with PUBLIC CREATE: none".to_owned(),
        false => format!("Schemas with PUBLIC CREATE: {}", list(&all)),
    };
    let schemas = all.iter().map(|s| escape_identifier(s)).collect::<Vec<_>>().join(", ");
    let hint = psql(&format!("REVOKE CREATE ON SCHEMA {schemas} FROM PUBLIC"));
    finding("public_schemas", all.is_empty(), text, hint).details(json!(all))
}

fn tls(found: &AccessPrivileges) -> Finding {
    let text = match (found.tls, found.local_only) {
        (true, _) => "TLS: on",
        (false, true) => "TLS: off, the server listens on loopback only",
        (false, false) => "TLS: off, the server listens on the network",
    };
    finding(
        "tls",
        found.tls || found.local_only,
        text.to_owned(),
        "psql -c 'SHOW ssl' -c 'SHOW ssl_cert_file'",
    )
}

fn passwords(found: &AccessPrivileges) -> Finding {
    let kind = &found.password_encryption;
    let text = format!("Password encryption: {kind}");
    finding(
        "passwords",
        kind == "scram-sha-256",
        text,
        "psql -c \"ALTER SYSTEM SET password_encryption = 'scram-sha-256'\" -c 'SELECT pg_reload_conf()'",
    )
}

fn rules(found: &AccessPrivileges) -> Finding {
    if !found.rules_readable {
        let text = "Passwordless logins: unknown, this role may not read pg_hba.conf";
        return Finding::new("rules", SYSTEM, Status::Skipped, text);
    }
    let (here, there): (Vec<&HbaRule>, Vec<&HbaRule>) = found.rules.iter().partition(|r| r.here);
    let lines = |rules: &[&HbaRule]| {
        let shown = rules.iter().map(|r| {
            let from = if r.address.is_empty() { &r.kind } else { &r.address };
            format!("{} for {} from {from} (line {})", r.method, r.role, r.line)
        });
        list(&shown.collect::<Vec<_>>())
    };
    let text = match (there.is_empty(), here.is_empty()) {
        (false, _) => format!("Passwordless logins over the network: {}", lines(&there)),
        (true, false) => format!("Passwordless logins: local only: {}", lines(&here)),
        (true, true) => "Passwordless logins: none".to_owned(),
    };
    finding("rules", there.is_empty(), text, "psql -c 'TABLE pg_hba_file_rules'").details(json!(found.rules))
}
