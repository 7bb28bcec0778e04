//! `measure.database`: response times of the cheap queries that the system runs all day.
//!
//! Each time runs from sending the query to its last row on an open connection. Queries are judged separately
//! and the slowest one counts: an average would hide it.

use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::base::units;
use crate::base::units::Span;
use crate::clients::ClientError;
use crate::clients::postgres::{SYSTEM, SqlState};
use crate::model::{Finding, Status, StepPlan, Worse};
use crate::store::{Store, StoreError};
use crate::tools::baseline::{Latencies, Measurement, within};
use crate::tools::{Output, ParamIssue, Queries, Tool, ToolContext, ToolError};

/// Timeout of one query.
const QUERY_TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) struct Database;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Names of queries without binds.
    #[serde(default = "queries")]
    pub(crate) queries: Vec<String>,
    /// Number of times each query runs, 1 to 2000.
    #[serde(default = "rounds")]
    #[schemars(range(min = 1, max = 2000))]
    pub(crate) rounds: u32,
    /// Pause between two rounds.
    #[serde(default = "pause")]
    pub(crate) pause: Span,
    /// Limit for all rounds.
    #[serde(default = "within_30s")]
    pub(crate) within: Span,
    /// Target for the 95th percentile; default: `baseline.database_p95`.
    #[serde(default)]
    pub(crate) target: Option<Span>,
}

fn queries() -> Vec<String> {
    ["tasks_active", "queue_depth", "heartbeats", "runs_of_new_tasks"].map(str::to_owned).to_vec()
}

const fn rounds() -> u32 {
    100
}

const fn pause() -> Span {
    Span::new(Duration::from_millis(10))
}

const fn within_30s() -> Span {
    Span::seconds(30)
}

/// The measurement, in seconds.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Measured {
    /// Number of runs of each query.
    pub(crate) rounds: u64,
    /// The 95th percentile of the slowest query; null without a result.
    pub(crate) p95: Option<f64>,
    /// Name of the slowest query.
    pub(crate) slowest: Option<String>,
}

struct QueryTimes {
    name: String,
    times: Latencies,
}

impl Tool for Database {
    type Params = Params;
    type Result = Measured;

    const NAME: &'static str = "measure.database";
    const HELP: &'static str = "Measure the response times of cheap queries over a warm connection";
    const SOURCE: &'static str = SYSTEM;

    fn review(&self, with: &Map<String, Value>, library: &Queries) -> Vec<ParamIssue> {
        let Some(Value::Array(names)) = with.get("queries") else { return Vec::new() };
        let unknown = names.iter().filter_map(|name| library.sql(name.as_str()?).err());
        unknown.map(|e| ParamIssue { key: "queries", message: e.to_string() }).collect()
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        within(Self::NAME, "rounds", params.rounds.into(), 1.0, 2000.0)?;
        match ctx.store() {
            Ok(_) => {
                let call = format!("{} times: {}", params.rounds, params.queries.join(", "));
                let queries = units::counted(params.queries.len() as f64, "query");
                Ok(StepPlan::new(format!("Run {queries} {} times each", params.rounds), vec![call]))
            }
            // The run reports it and continues with the other systems.
            Err(_) => Ok(StepPlan::default()),
        }
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Measured>, ToolError> {
        within(Self::NAME, "rounds", params.rounds.into(), 1.0, 2000.0)?;
        let postgres = match ctx.clients.postgres() {
            Ok(postgres) => postgres.clone(),
            Err(e @ ClientError::NotConfigured { .. }) => {
                let finding = Finding::new("p95", SYSTEM, Status::Skipped, format!("Database: {e}"));
                return Ok(Output::new(vec![finding], Measured::default()));
            }
            Err(e) => return Err(e.into()),
        };
        let store = Store::new(postgres, ctx.library.clone(), QUERY_TIMEOUT.min(ctx.limit));
        let mut queries = Vec::new();
        for name in &params.queries {
            queries.push(QueryTimes { name: name.clone(), times: Latencies::new()? });
        }
        let end = run_rounds(&store, &params, &mut queries, ctx).await;
        let target = params.target.unwrap_or(ctx.settings.baseline.database_p95).as_secs_f64();
        let samples = queries.iter().map(|q| q.times.count()).min().unwrap_or(0);
        let error = end.err();
        let measurement = Measurement {
            source: SYSTEM,
            title: "database",
            target,
            conditions: json!({ "queries": params.queries }),
            samples,
            min_samples: ctx.settings.baseline.min_samples,
            more_samples: "ordctl baseline --only database -p rounds=1000",
            no_verdict_reason: error.as_ref().map(|e| format!("no verdict: aborted: {e}")),
        };
        let slowest = queries.iter().max_by(|a, b| a.times.at(0.95).total_cmp(&b.times.at(0.95)));
        let mut findings = findings(slowest, &queries, &measurement, error);
        if samples > 0 {
            findings.extend(server(&store).await);
            findings.extend(slowest_statement(&store).await);
        }
        let measured = Measured {
            rounds: samples,
            p95: slowest.filter(|_| samples > 0).map(|q| q.times.at(0.95)),
            slowest: slowest.filter(|_| samples > 0).map(|q| q.name.clone()),
        };
        Ok(Output::new(findings, measured))
    }
}

/// Runs all queries in rounds. The first round warms up the connection and does not count.
async fn run_rounds(
    store: &Store,
    params: &Params,
    queries: &mut [QueryTimes],
    ctx: &ToolContext,
) -> Result<(), StoreError> {
    let begin = Instant::now();
    store.time_queries(&params.queries).await?;
    for round in 0..params.rounds {
        if begin.elapsed() > params.within.duration() {
            break;
        }
        let times = store.time_queries(&params.queries).await?;
        queries.iter_mut().zip(times).for_each(|(question, time)| question.times.record(time));
        ctx.progress(u64::from(round) + 1, Some(params.rounds.into()), "rounds");
        tokio::time::sleep(params.pause.duration()).await;
    }
    Ok(())
}

fn findings(
    slowest: Option<&QueryTimes>,
    queries: &[QueryTimes],
    measurement: &Measurement<'_>,
    error: Option<StoreError>,
) -> Vec<Finding> {
    let hint = "ordctl health morning --only postgres";
    // A query timeout is a result: the database is too slow.
    let timed_out = error.as_ref().and_then(StoreError::sql_state) == Some(&SqlState::QUERY_CANCELED);
    if timed_out {
        let limit = units::duration(QUERY_TIMEOUT.as_secs_f64());
        let summary = format!("Database: a cheap query did not finish within {limit}");
        let finding = Finding::new("p95", SYSTEM, Status::Crit, summary).hint(hint);
        return vec![Finding {
            value: Some(QUERY_TIMEOUT.as_secs_f64()),
            unit: Some("s".to_owned()),
            ..finding
        }];
    }
    let Some(slowest) = slowest.filter(|q| q.times.count() > 0) else {
        let why = error.map_or_else(|| "no query has run".to_owned(), |e| e.to_string());
        let finding = Finding::new("p95", SYSTEM, Status::Unknown, format!("Database: {why}"));
        return vec![finding.hint("ordctl doctor")];
    };
    let count = units::count(measurement.samples as f64);
    let time = |question: &QueryTimes, share| units::duration(question.times.at(share));
    let summary = format!(
        "Database: p95 {} (target below {}) for {}, the slowest of {} queries (p50 {}, max {}, {count} runs each)",
        time(slowest, 0.95),
        units::duration(measurement.target),
        slowest.name,
        queries.len(),
        time(slowest, 0.5),
        units::duration(slowest.times.max()),
    );
    let mut all = vec![measurement.judged("p95", slowest.times.at(0.95), summary, hint)];
    for query in queries {
        let name = &query.name;
        let summary = format!("{name}: p95 {} (p50 {})", time(query, 0.95), time(query, 0.5));
        all.push(measurement.time(name, query.times.at(0.95), Some(Worse::Higher), summary));
    }
    all
}

/// The version of the server.
async fn server(store: &Store) -> Option<Finding> {
    let server = store.postgres_server().await.ok()?;
    let summary = format!("PostgreSQL {}", server.version);
    let finding = Finding::new("server", SYSTEM, Status::Ok, summary);
    Some(finding.details(json!({ "version": server.version })))
}

/// The statement with the highest mean duration, from pg_stat_statements.
async fn slowest_statement(store: &Store) -> Option<Finding> {
    // Without the extension, or before it is loaded, there is no such statement.
    let row = store.slowest_statement().await.ok()??;
    let summary = format!(
        "Slowest statement: mean {} in {} calls: {}",
        units::duration(row.seconds),
        units::count(row.calls as f64),
        row.query
    );
    let finding = Finding::new("statement", SYSTEM, Status::Ok, summary);
    Some(Finding { value: Some(row.seconds), unit: Some("s".to_owned()), ..finding })
}
