//! `check.query`: compares a number from a named SQL query with thresholds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clients::postgres;
use crate::model::{Finding, Status, Threshold, Worse};
use crate::store::Binds;
use crate::tools::judge::Judge;
use crate::tools::postgres::named_query;
use crate::tools::{Output, ParamIssue, Queries, Tool, ToolContext, ToolError};

pub(crate) struct Query;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The query's name: its file below `queries/` without the extension.
    pub(crate) query: String,
    /// The title of the value; default: the query's first comment line.
    #[serde(default)]
    pub(crate) title: Option<String>,
    /// Warn at or above this value.
    #[serde(default)]
    pub(crate) warn: Option<f64>,
    /// Critical at or above this value.
    #[serde(default)]
    pub(crate) crit: Option<f64>,
    /// Whether higher or lower values are worse.
    #[serde(default)]
    pub(crate) worse: Worse,
    /// The value's unit: `s`, `bytes`, `%`, or a noun for what is counted.
    #[serde(default)]
    pub(crate) unit: Option<String>,
    /// Values for the query's binds.
    #[serde(default)]
    pub(crate) bind: Binds,
    /// The next command when the value is not ok.
    #[serde(default)]
    pub(crate) hint: Option<String>,
}

/// A row of such a query. Each row becomes a finding.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    /// Null when there is nothing to measure.
    pub(crate) value: Option<f64>,
    /// Distinguishes the rows of a query.
    #[serde(default)]
    pub(crate) label: Option<String>,
    /// Context that is appended to the summary in parentheses.
    #[serde(default)]
    pub(crate) note: Option<String>,
    /// The next command for this row, instead of the step's.
    #[serde(default)]
    pub(crate) hint: Option<String>,
}

impl Tool for Query {
    type Params = Params;
    type Result = Vec<Row>;

    const NAME: &'static str = "check.query";
    const HELP: &'static str = "Compare a number from a named SQL query with thresholds";
    const SOURCE: &'static str = postgres::SYSTEM;

    fn review(&self, with: &Map<String, Value>, queries: &Queries) -> Vec<ParamIssue> {
        named_query::review(with, "bind", |name| queries.sql(name)).1
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Vec<Row>>, ToolError> {
        let query = ctx.library.sql(&params.query)?;
        let of_engine = query.text.contains("ordctl.");
        let title = params.title.clone().unwrap_or(query.title);
        let rows: Vec<Row> = match ctx.store()?.rows_with(&params.query, &params.bind).await {
            Err(e) if of_engine && e.is_not_migrated() => {
                let summary = format!("{title}: not checked, the engine is not installed in this database");
                return Ok(Output::new(
                    vec![Finding::new("", Self::SOURCE, Status::Skipped, summary)],
                    Vec::new(),
                ));
            }
            rows => rows?,
        };
        let judge = Judge {
            source: Self::SOURCE,
            unit: params.unit.as_deref(),
            threshold: Threshold { warn: params.warn, crit: params.crit, worse: params.worse },
            hint: params.hint.as_deref(),
        };
        let mut findings: Vec<Finding> = rows.iter().map(|row| finding(&title, row, &judge)).collect();
        if findings.is_empty() {
            findings.push(judge.no_value("", &title, Status::Ok, "none"));
        }
        Ok(Output::new(findings, rows))
    }
}

fn finding(title: &str, row: &Row, judge: &Judge<'_>) -> Finding {
    let id = row.label.as_deref().unwrap_or_default();
    let name = row.label.as_ref().map_or_else(|| title.to_owned(), |l| format!("{title} {l}"));
    let note = row.note.as_ref().map_or_else(String::new, |n| format!(" ({n})"));
    let finding = match row.value {
        Some(value) => judge.value(id, &name, value, &note),
        None => judge.no_value(id, &name, Status::Ok, &format!("none{note}")),
    };
    match &row.hint {
        Some(hint) => finding.hint(hint),
        None => finding,
    }
}
