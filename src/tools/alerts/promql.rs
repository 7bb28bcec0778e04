//! `check.promql`: the result of a named PromQL query, compared with thresholds.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::base::sanitize::ident;
use crate::base::shell;
use crate::clients::prometheus;
use crate::clients::prometheus::Sample;
use crate::clients::{ClientError, ErrorCode};
use crate::model::{Finding, Status, Threshold, Worse};
use crate::store::{Binds, StoreError};
use crate::tools::judge::Judge;
use crate::tools::postgres::named_query;
use crate::tools::{Output, ParamIssue, Queries, Tool, ToolContext, ToolError};

pub(crate) struct PromQl;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The query's name: its file below `queries/` without the extension.
    pub(crate) query: String,
    /// Title of the finding; default: the query's first comment line.
    #[serde(default)]
    pub(crate) title: Option<String>,
    /// Warning threshold.
    #[serde(default)]
    pub(crate) warn: Option<f64>,
    /// Critical threshold.
    #[serde(default)]
    pub(crate) crit: Option<f64>,
    /// The direction in which the value gets worse.
    #[serde(default)]
    pub(crate) worse: Worse,
    /// The value's unit: `s`, `bytes`, `%`, or a word for what is counted.
    #[serde(default)]
    pub(crate) unit: Option<String>,
    /// Hint when the value is not ok.
    #[serde(default)]
    pub(crate) hint: Option<String>,
}

/// One series.
#[derive(Debug, Serialize)]
pub(crate) struct Series {
    /// Its labels.
    pub(crate) labels: BTreeMap<String, String>,
    /// Null if it is NaN or infinite.
    pub(crate) value: f64,
}

impl Tool for PromQl {
    type Params = Params;
    type Result = Vec<Series>;

    const NAME: &'static str = "check.promql";
    const HELP: &'static str = "Compare the result of a named PromQL query with thresholds";
    const SOURCE: &'static str = prometheus::SYSTEM;

    fn review(&self, with: &Map<String, Value>, queries: &Queries) -> Vec<ParamIssue> {
        named_query::review(with, "", |name| queries.promql(name)).1
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Vec<Series>>, ToolError> {
        let query = ctx.library.promql(&params.query)?;
        query.order(&Binds::new())?;
        let client = ctx.clients.prometheus()?;
        let samples =
            client.query(&query.text, ctx.limit).await.map_err(|e| query_error(e, &params.query))?;
        let title = params.title.clone().unwrap_or(query.title);
        let findings = findings(&samples, &title, &params, &client.target());
        let series = samples.into_iter().map(|s| Series { labels: s.labels, value: s.value });
        Ok(Output::new(findings, series.collect()))
    }
}

/// An invalid query is an error of the query, not of Prometheus; a retry does not help.
fn query_error(error: ClientError, query: &str) -> ToolError {
    match error {
        ClientError::Failed { code, message, .. }
            if code.as_ref().is_none_or(|c| *c == ErrorCode::Name("bad_data".to_owned())) =>
        {
            ToolError::Store(StoreError::BadQuery { name: query.to_owned(), message })
        }
        other => other.into(),
    }
}

fn findings(samples: &[Sample], title: &str, params: &Params, target: &str) -> Vec<Finding> {
    if samples.is_empty() {
        let summary = format!("{title}: no data");
        let finding = Finding::new("", prometheus::SYSTEM, Status::Unknown, summary);
        let url = shell::quoted(format!("{target}/api/v1/targets?state=active"));
        return vec![finding.hint(format!("curl -sS {url}"))];
    }
    let several = samples.len() > 1;
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let judge = Judge {
        source: prometheus::SYSTEM,
        unit: params.unit.as_deref(),
        threshold: Threshold { warn: params.warn, crit: params.crit, worse: params.worse },
        hint: params.hint.as_deref(),
    };
    let one = |sample: &Sample| {
        let text = label_text(&sample.labels);
        let name = if text.is_empty() { title.to_owned() } else { format!("{title} {text}") };
        let id = if several { unique(&mut taken, ident(&text)) } else { String::new() };
        match sample.value {
            // The result of 0/0: there were no events to measure.
            value if value.is_nan() => judge.no_value(&id, &name, Status::Skipped, "no data (NaN)"),
            value => judge.value(&id, &name, value, ""),
        }
    };
    samples.iter().map(one).collect()
}

/// `job=api,instance=a:9090`; a single label's name says nothing that the title does not.
fn label_text(labels: &BTreeMap<String, String>) -> String {
    match labels.values().next() {
        Some(only) if labels.len() == 1 => only.clone(),
        _ => labels.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(","),
    }
}

/// Makes equal ids unique.
fn unique(taken: &mut BTreeMap<String, usize>, id: String) -> String {
    let n = taken.entry(id.clone()).or_insert(0);
    *n += 1;
    if *n == 1 { id } else { format!("{id}.{n}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sample(labels: &[(&str, &str)], value: f64) -> Sample {
        let labels = labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Sample { labels, value }
    }

    fn judged(samples: &[Sample]) -> Vec<(String, Status, String)> {
        let params: Params =
            serde_json::from_value(json!({ "query": "q", "warn": 0.2, "crit": 1, "unit": "s" })).unwrap();
        let all = findings(samples, "latency", &params, "http://p");
        all.into_iter().map(|f| (f.id, f.status, f.summary)).collect()
    }

    #[test]
    fn one_series_is_one_finding_and_several_have_unique_ids() {
        let one = judged(&[sample(&[("job", "api")], 0.25)]);
        assert_eq!(one, [(String::new(), Status::Warn, "latency api: 250 ms".to_owned())]);
        let many = judged(&[
            sample(&[("job", "api"), ("node", "A")], 0.1),
            sample(&[("job", "api"), ("node", "a")], 2.0),
            sample(&[], f64::NAN),
        ]);
        let ids: Vec<&str> = many.iter().map(|m| m.0.as_str()).collect();
        assert_eq!(ids, ["job-api-node-a", "job-api-node-a.2", "other"]);
        let verdicts: Vec<Status> = many.iter().map(|m| m.1).collect();
        assert_eq!(verdicts, [Status::Ok, Status::Crit, Status::Skipped]);
        assert_eq!(many[0].2, "latency job=api,node=A: 100 ms");
    }

    #[test]
    fn no_series_is_unknown_never_zero() {
        let none = judged(&[]);
        assert_eq!(none, [(String::new(), Status::Unknown, "latency: no data".to_owned())]);
    }
}
