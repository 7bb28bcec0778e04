//! `check.access`: superusers, PUBLIC privileges, password expiry, TLS and pg_hba.conf rules of PostgreSQL.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Status};
use crate::store::security::{AccessRights, HbaRule};
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
    type Result = AccessRights;

    const NAME: &'static str = "check.access";
    const HELP: &'static str = "Check superusers, PUBLIC privileges, TLS and passwordless logins";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<AccessRights>, ToolError> {
        let found = ctx.store()?.access_rights().await?;
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

/// Ok, or a warning with a hint.
fn finding(id: &str, good: bool, text: String, hint: &str) -> Finding {
    Finding::new(id, SYSTEM, if good { Status::Ok } else { Status::Warn }, text).hint(hint)
}

fn superusers(found: &AccessRights, params: &Params) -> Finding {
    let all = found.superusers.clone().unwrap_or_default();
    let meant: BTreeSet<&str> =
        params.superusers.split(',').map(str::trim).filter(|n| !n.is_empty()).collect();
    let good = match meant.is_empty() {
        true => all.len() <= 1,
        false => all.iter().all(|n| meant.contains(n.as_str())),
    };
    let text = match all.is_empty() {
        true => "Superusers with LOGIN: none".to_owned(),
        false => format!("Superusers with LOGIN: {}", list(&all)),
    };
    finding(
        "superusers",
        good,
        text,
        "psql -c 'ALTER ROLE … NOSUPERUSER', or -p superusers=… for expected ones",
    )
    .details(json!(all))
}

fn expiry(found: &AccessRights, params: &Params) -> Finding {
    let all = found.no_expiry.clone().unwrap_or_default();
    let mut text = match all.is_empty() {
        true => "Logins without expiry: none".to_owned(),
        false => format!("Logins without expiry: {}", list(&all)),
    };
    if let Some(expired) = found.expired.as_ref().filter(|e| !e.is_empty()) {
        text += &format!("; expired: {}", list(expired));
    }
    finding("expiry", all.is_empty() || !params.expiry, text, "psql -c \"ALTER ROLE … VALID UNTIL '…'\"")
        .details(json!(all))
}

fn public_tables(found: &AccessRights) -> Finding {
    let all = found.public_tables.clone().unwrap_or_default();
    let text = match all.is_empty() {
        true => "Tables with PUBLIC privileges: none".to_owned(),
        false => format!("Tables with PUBLIC privileges: {}", list(&all)),
    };
    finding("public_tables", all.is_empty(), text, "psql -c 'REVOKE ALL ON … FROM PUBLIC'")
        .details(json!(all))
}

fn public_schemas(found: &AccessRights) -> Finding {
    let all = found.public_schemas.clone().unwrap_or_default();
    let text = match all.is_empty() {
        true => "Schemas with PUBLIC CREATE: none".to_owned(),
        false => format!("Schemas with PUBLIC CREATE: {}", list(&all)),
    };
    finding("public_schemas", all.is_empty(), text, "psql -c 'REVOKE CREATE ON SCHEMA … FROM PUBLIC'")
        .details(json!(all))
}

fn tls(found: &AccessRights) -> Finding {
    let text = match (found.tls, found.local_only) {
        (true, _) => "TLS: on",
        (false, true) => "TLS: off, the server listens on loopback only",
        (false, false) => "TLS: off, the server listens on the network",
    };
    finding(
        "tls",
        found.tls || found.local_only,
        text.to_owned(),
        "ssl = on in postgresql.conf, hostssl in pg_hba.conf",
    )
}

fn passwords(found: &AccessRights) -> Finding {
    let kind = &found.password_encryption;
    let text = format!("Password encryption: {kind}");
    finding(
        "passwords",
        kind == "scram-sha-256",
        text,
        "password_encryption = 'scram-sha-256' in postgresql.conf",
    )
}

fn rules(found: &AccessRights) -> Finding {
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
    finding(
        "rules",
        there.is_empty(),
        text,
        "scram-sha-256 in pg_hba.conf, then psql -c 'SELECT pg_reload_conf()'",
    )
    .details(json!(found.rules))
}
