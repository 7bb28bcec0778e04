//! `check.access`: who may do too much in PostgreSQL, what is open to everybody, and how connections are
//! guarded.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Status};
use crate::store::security::{AccessRights, HbaRule};
use crate::tools::{Output, Tool, ToolContext, ToolError};

/// So many names stand in a summary; all of them stand in the details.
const NAMED: usize = 5;

pub(crate) struct Access;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Superusers that may log in and are meant to, with commas between them; any other is a warning.
    /// Without it, more than one is.
    #[serde(default)]
    pub(crate) superusers: String,
    /// Whether a role that may log in for ever is a warning.
    #[serde(default)]
    pub(crate) expiry: bool,
}

impl Tool for Access {
    type Params = Params;
    type Result = AccessRights;

    const NAME: &'static str = "check.access";
    const HELP: &'static str = "superusers, privileges of everybody, TLS, and logins without a password";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<AccessRights>, ToolError> {
        let found = ctx.store()?.access_rights().await?;
        let findings = vec![
            superusers(&found, &params),
            expiry(&found, &params),
            everybody(&found),
            schemas(&found),
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

/// Well, or a warning with the way to mend it.
fn say(id: &str, good: bool, text: String, mend: &str) -> Finding {
    Finding::new(id, SYSTEM, if good { Status::Ok } else { Status::Warn }, text).hint(mend)
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
        true => "no superuser may log in".to_owned(),
        false => format!("superusers that may log in: {}", list(&all)),
    };
    say(
        "superusers",
        good,
        text,
        "psql -c 'ALTER ROLE … NOSUPERUSER', or name those that are meant in -p superusers=…",
    )
    .details(json!(all))
}

fn expiry(found: &AccessRights, params: &Params) -> Finding {
    let all = found.no_expiry.clone().unwrap_or_default();
    let mut text = match all.is_empty() {
        true => "every login expires".to_owned(),
        false => format!("logins that do not expire: {}", list(&all)),
    };
    if let Some(expired) = found.expired.as_ref().filter(|e| !e.is_empty()) {
        text += &format!("; expired: {}", list(expired));
    }
    say("expiry", all.is_empty() || !params.expiry, text, "psql -c \"ALTER ROLE … VALID UNTIL '…'\"")
        .details(json!(all))
}

fn everybody(found: &AccessRights) -> Finding {
    let all = found.public_tables.clone().unwrap_or_default();
    let text = match all.is_empty() {
        true => "no table is open to everybody".to_owned(),
        false => format!("PUBLIC has privileges on {}", list(&all)),
    };
    say("public_tables", all.is_empty(), text, "psql -c 'REVOKE ALL ON … FROM PUBLIC'").details(json!(all))
}

fn schemas(found: &AccessRights) -> Finding {
    let all = found.public_schemas.clone().unwrap_or_default();
    let text = match all.is_empty() {
        true => "nobody may make objects in a schema without being allowed to".to_owned(),
        false => format!("PUBLIC may make objects in schema {}", list(&all)),
    };
    say("public_schemas", all.is_empty(), text, "psql -c 'REVOKE CREATE ON SCHEMA … FROM PUBLIC'")
        .details(json!(all))
}

fn tls(found: &AccessRights) -> Finding {
    let text = match (found.tls, found.local_only) {
        (true, _) => "the server speaks TLS",
        (false, true) => "the server speaks no TLS, and listens on its own machine only",
        (false, false) => "the server speaks no TLS, and listens on the network",
    };
    say(
        "tls",
        found.tls || found.local_only,
        text.to_owned(),
        "ssl = on in postgresql.conf, hostssl in pg_hba.conf",
    )
}

fn passwords(found: &AccessRights) -> Finding {
    let kind = &found.password_encryption;
    let text = format!("new passwords are kept as {kind}");
    say(
        "passwords",
        kind == "scram-sha-256",
        text,
        "password_encryption = 'scram-sha-256' in postgresql.conf",
    )
}

fn rules(found: &AccessRights) -> Finding {
    if !found.rules_readable {
        let text = "pg_hba.conf is not readable for this role: logins without a password are not known";
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
        (false, _) => format!("pg_hba.conf lets in over the network: {}", lines(&there)),
        (true, false) => format!("pg_hba.conf lets in from its own machine only: {}", lines(&here)),
        (true, true) => "pg_hba.conf lets nobody in without a password".to_owned(),
    };
    say(
        "rules",
        there.is_empty(),
        text,
        "scram-sha-256 in pg_hba.conf, then psql -c 'SELECT pg_reload_conf()'",
    )
    .details(json!(found.rules))
}
