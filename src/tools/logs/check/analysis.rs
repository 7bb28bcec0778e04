//! `check.log_analysis`: finds errors, slow requests and resource warnings in the logs of all services, in one pass.
//!
//! The first step of a report reads the logs and saves the matches of every topic; later steps receive them as `from`
//! and read nothing.

use std::sync::Arc;

use futures_util::future::join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::base::moment;
use crate::base::moment::Moment;
use crate::base::units::Span;
use crate::clients::ClientError;
use crate::clients::platform;
use crate::tools::logs::check::findings::{View, findings};
use crate::tools::logs::check::scan::{Rules, Scan, Scanner};
use crate::tools::logs::check::topic::{Topic, Topics};
use crate::tools::logs::tail::{Selection, ServiceContainer, SeverityDetector};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Analysis;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The topic to report.
    pub(crate) topic: Topic,
    /// Services to read, as a list or comma-separated [default: all configured].
    #[serde(default, deserialize_with = "names")]
    #[schemars(with = "Value")]
    pub(crate) services: Vec<String>,
    #[serde(default = "since")]
    pub(crate) since: Moment,
    /// End time [default: now].
    #[serde(default, deserialize_with = "moment::optional")]
    #[schemars(with = "Option<Moment>")]
    pub(crate) until: Option<Moment>,
    /// The PostgreSQL service; its log has its own format.
    #[serde(default = "database")]
    pub(crate) database: String,
    /// Duration from which a database statement is slow. PostgreSQL logs only statements longer than
    /// log_min_duration_statement.
    #[serde(default = "slow")]
    pub(crate) slow: Span,
    /// Warning threshold: lines per service.
    #[serde(default = "warn")]
    pub(crate) warn: f64,
    /// Critical threshold: lines per service.
    #[serde(default)]
    pub(crate) crit: Option<f64>,
    /// Number of patterns listed per service.
    #[serde(default = "top")]
    pub(crate) top: usize,
    /// The saved result of an earlier step; without it, the logs are read.
    #[serde(default)]
    pub(crate) from: Option<Value>,
}

impl Params {
    /// Whether this step reads the logs itself.
    pub(crate) fn reads_logs(&self) -> bool {
        self.from.as_ref().is_none_or(Value::is_null)
    }
}

fn since() -> Moment {
    Moment::Ago(Span::seconds(3600))
}

fn database() -> String {
    "postgres".to_owned()
}

fn slow() -> Span {
    Span::seconds(1)
}

const fn warn() -> f64 {
    1.0
}

const fn top() -> usize {
    5
}

/// Accepts a list or comma-separated names.
pub(crate) fn names<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a list of names, or comma-separated names")]
    enum Form {
        List(Vec<String>),
        Text(String),
        Number(serde_json::Number),
    }
    let list = match Form::deserialize(d)? {
        Form::List(list) => list,
        Form::Text(text) => text.split(',').map(str::to_owned).collect(),
        Form::Number(n) => vec![n.to_string()],
    };
    Ok(list.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect())
}

impl Tool for Analysis {
    type Params = Params;
    type Result = Scan;

    const NAME: &'static str = "check.log_analysis";
    const HELP: &'static str =
        "Find errors, slow requests and resource warnings in service logs, grouped by pattern";
    const SOURCE: &'static str = platform::SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Scan>, ToolError> {
        let now = ctx.clock.now();
        let since = params.since.instant(now, ctx.settings.time_zone);
        let until = params.until.map(|until| until.instant(now, ctx.settings.time_zone));
        if until.is_some_and(|until| until <= since) {
            return Err(ToolError::Params(format!("{}: `until` is not after `since`", Self::NAME)));
        }
        let scan = match &params.from {
            Some(Value::Null) | None => scan(&params, ctx, since, until).await?,
            Some(saved) => Scan::deserialize(saved).map_err(|e| {
                ToolError::Params(format!("{}: `from` is not a saved result of this tool: {e}", Self::NAME))
            })?,
        };
        let commands = ctx.clients.platform()?.commands();
        let view = View { params: &params, since, until: until.unwrap_or(now), zone: ctx.settings.time_zone };
        Ok(Output::new(findings(&scan, &view, commands), scan))
    }
}

/// Reads all logs concurrently.
async fn scan(
    params: &Params,
    ctx: &ToolContext,
    since: chrono::DateTime<chrono::Utc>,
    until: Option<chrono::DateTime<chrono::Utc>>,
) -> Result<Scan, ToolError> {
    let platform = ctx.clients.platform()?;
    let selection = Selection::new(&params.services, ctx);
    let containers = selection.containers(platform).await?;
    let topics = Topics::new(params.slow).map_err(ToolError::failed)?;
    let until = until.map(platform::time_key);
    let rules = Arc::new(Rules { detector: SeverityDetector::default(), topics, until });
    let calls = containers.iter().map(|selected| {
        let scanner = Scanner::new(rules.clone(), selected.service == params.database);
        platform.read_log(&selected.container, since, scanner)
    });
    let scanned = join_all(calls).await;
    let mut scan = Scan { missing: selection.missing(&containers), ..Scan::default() };
    merge_by_service(&containers, scanned, &mut scan)?;
    Ok(scan)
}

/// Merges the containers of each service. An unreadable log does not hide the others.
fn merge_by_service(
    containers: &[ServiceContainer],
    scanned: Vec<Result<Scanner, ClientError>>,
    scan: &mut Scan,
) -> Result<(), ToolError> {
    let failed = scanned.iter().filter(|s| s.is_err()).count();
    let mut sums: indexmap::IndexMap<String, Scanner> = indexmap::IndexMap::new();
    for (selected, scanner) in containers.iter().zip(scanned) {
        match scanner {
            Ok(scanner) => {
                let sum = match sums.shift_remove(&selected.service) {
                    Some(sum) => sum.merge(scanner),
                    None => scanner,
                };
                sums.insert(selected.service.clone(), sum);
            }
            Err(e) if failed == containers.len() && e.may_pass() => return Err(e.into()),
            Err(e) => drop(scan.unreadable.insert(selected.container.name.clone(), e.to_string())),
        }
    }
    sums.sort_unstable_keys();
    for (service, sum) in sums {
        let service_scan = sum.finish(&mut scan.minutes);
        scan.services.insert(service, service_scan);
    }
    Ok(())
}
