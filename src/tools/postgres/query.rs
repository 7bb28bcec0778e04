//! `check.query`: a number from a named SQL query, judged by thresholds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::base::units;
use crate::clients::postgres;
use crate::model::{Finding, Status, Threshold, Worse};
use crate::store::Binds;
use crate::tools::postgres::named_query;
use crate::tools::{Output, ParamIssue, Queries, Tool, ToolContext, ToolError};

pub(crate) struct Query;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The query's name: its file below `queries/` without the ending.
    pub(crate) query: String,
    /// What the number is, for a person; default: the query's first comment line.
    #[serde(default)]
    pub(crate) title: Option<String>,
    /// From here on: a warning.
    #[serde(default)]
    pub(crate) warn: Option<f64>,
    /// From here on: critical.
    #[serde(default)]
    pub(crate) crit: Option<f64>,
    /// Which way the value gets worse.
    #[serde(default)]
    pub(crate) worse: Worse,
    /// The value's unit: `s`, `bytes`, `%`, or a word for what is counted.
    #[serde(default)]
    pub(crate) unit: Option<String>,
    /// Values for the query's binds.
    #[serde(default)]
    pub(crate) bind: Binds,
    /// The next command when the value is not well.
    #[serde(default)]
    pub(crate) hint: Option<String>,
}

/// A row of such a query: `value`, and if it likes `label` (then each row is a finding) and
/// `note` (appended to the summary).
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    /// The number; null means that there is nothing to measure.
    pub(crate) value: Option<f64>,
    /// Tells several rows apart.
    #[serde(default)]
    pub(crate) label: Option<String>,
    /// What helps to understand the number.
    #[serde(default)]
    pub(crate) note: Option<String>,
}

impl Tool for Query {
    type Params = Params;
    type Result = Vec<Row>;

    const NAME: &'static str = "check.query";
    const HELP: &'static str = "a number from a named SQL query, judged by thresholds";
    const SOURCE: &'static str = postgres::SYSTEM;

    fn review(&self, with: &Map<String, Value>, queries: &Queries) -> Vec<ParamIssue> {
        named_query::review(with, "bind", |name| queries.sql(name)).1
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Vec<Row>>, ToolError> {
        let question = ctx.library.sql(&params.query)?.question;
        let rows: Vec<Row> = ctx.store()?.rows_with(&params.query, &params.bind).await?;
        let title = params.title.clone().unwrap_or(question);
        let mut findings: Vec<Finding> = rows.iter().map(|row| finding(&title, row, &params)).collect();
        if findings.is_empty() {
            let summary = format!("{title}: none");
            findings.push(Finding::new("", Self::SOURCE, Status::Ok, summary));
        }
        Ok(Output::new(findings, rows))
    }
}

fn finding(title: &str, row: &Row, params: &Params) -> Finding {
    let id = row.label.as_deref().unwrap_or_default();
    let name = row.label.as_ref().map_or_else(|| title.to_owned(), |l| format!("{title} {l}"));
    let note = row.note.as_ref().map_or_else(String::new, |n| format!(" ({n})"));
    let unit = params.unit.as_deref();
    let finding = match row.value {
        Some(value) => {
            let threshold = Threshold { warn: params.warn, crit: params.crit, worse: params.worse };
            let summary = format!("{name}: {}{note}", units::quantity(value, unit));
            Finding::measured(id, postgres::SYSTEM, summary, value, unit, threshold)
        }
        None => Finding::new(id, postgres::SYSTEM, Status::Ok, format!("{name}: none{note}")),
    };
    match &params.hint {
        Some(hint) => finding.hint(hint.clone()),
        None => finding,
    }
}
