//! `check.postgres_encoding`: a database encoding other than UTF8, and the tasks that are not UTF-8.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::base::units::counted;
use crate::clients::postgres::{SYSTEM, UNCHECKED};
use crate::model::{Finding, Status};
use crate::store::server::DatabaseEncoding;
use crate::tools::{Output, Tool, ToolContext, ToolError};

/// Maximum tasks that a finding names.
const NAMED_MAX: usize = 10;

pub(crate) struct PostgresEncoding;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

impl Tool for PostgresEncoding {
    type Params = Params;
    type Result = DatabaseEncoding;

    const NAME: &'static str = "check.postgres_encoding";
    const HELP: &'static str = "Check that the database's encoding is UTF8";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, _: Params, ctx: &ToolContext) -> Result<Output<DatabaseEncoding>, ToolError> {
        let found = ctx.store()?.database_encoding().await?;
        let mut findings = warnings(&found, "");
        if findings.is_empty() {
            findings.push(Finding::new("", SYSTEM, Status::Ok, format!("Encoding: {}", found.encoding)));
        }
        Ok(Output::new(findings, found))
    }
}

/// None for UTF8. `id` names the finding about the encoding.
pub(crate) fn warnings(found: &DatabaseEncoding, id: &str) -> Vec<Finding> {
    let encoding = &found.encoding;
    let effect = match encoding.as_str() {
        "UTF8" => return Vec::new(),
        UNCHECKED => "PostgreSQL stores text that is not UTF-8",
        _ => "PostgreSQL refuses characters that it lacks",
    };
    let summary = format!("Encoding: {encoding}, UTF8 is expected, {effect}");
    let mut findings = vec![Finding::new(id, SYSTEM, Status::Warn, summary).hint(copy(found))];
    if let Some(first) = found.invalid_tasks.first() {
        let number = counted(found.invalid_tasks.len() as f64, "task");
        let named: Vec<String> =
            found.invalid_tasks.iter().take(NAMED_MAX).map(ToString::to_string).collect();
        let more = if found.invalid_tasks.len() > NAMED_MAX { ", …" } else { "" };
        let summary = format!("Text that is not UTF-8: {number}, {}{more}", named.join(", "));
        let finding = Finding::new("not_utf8", SYSTEM, Status::Warn, summary);
        findings.push(finding.details(json!(found.invalid_tasks)).hint(format!("ordctl task show {first}")));
    }
    findings
}

/// The commands that hold the engine and copy its database into a new one with the encoding UTF8. `pg_dump` fails on text that is not UTF-8;
/// the restore of a dump in SQL_ASCII would accept it.
fn copy(found: &DatabaseEncoding) -> String {
    let DatabaseEncoding { database, options, .. } = found;
    let quoted = |end: &str| shell_words::quote(&format!("{database}{end}")).into_owned();
    let (from, file, to) = (quoted(""), quoted(".sql"), quoted("_utf8"));
    format!(
        "ordctl hold --yes && pg_dump{options} --encoding=UTF8 --file={file} --dbname={from} && \
         createdb{options} --template=template0 --encoding=UTF8 --locale=C -- {to} && \
         psql{options} --single-transaction --set=ON_ERROR_STOP=1 --file={file} --dbname={to}"
    )
}
