//! `check.log_analysis`: what the logs of all services are a sign of, in one pass.
//!
//! The first step of a report reads the logs and saves what it found under every topic; the steps
//! after it are given that as `from` and read nothing.

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
use crate::tools::logs::tail::{Member, Members, Severities};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Analysis;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// What is told of.
    pub(crate) topic: Topic,
    /// Only these services, as a list or with commas between them; default: all that are configured.
    #[serde(default, deserialize_with = "names")]
    #[schemars(with = "Value")]
    pub(crate) services: Vec<String>,
    #[serde(default = "since")]
    pub(crate) since: Moment,
    /// Until when; default: now.
    #[serde(default, deserialize_with = "moment::optional")]
    #[schemars(with = "Option<Moment>")]
    pub(crate) until: Option<Moment>,
    /// The service that is PostgreSQL: its log has a form of its own.
    #[serde(default = "database")]
    pub(crate) database: String,
    /// From here on a statement of the database is slow; how long a statement must take to be logged
    /// at all is PostgreSQL's log_min_duration_statement.
    #[serde(default = "slow")]
    pub(crate) slow: Span,
    /// From so many lines of a service on: a warning.
    #[serde(default = "warn")]
    pub(crate) warn: f64,
    /// From so many lines of a service on: critical.
    #[serde(default)]
    pub(crate) crit: Option<f64>,
    /// How many patterns of a service are told.
    #[serde(default = "top")]
    pub(crate) top: usize,
    /// What an earlier step of this tool saved; without it the logs are read.
    #[serde(default)]
    pub(crate) from: Option<Value>,
}

impl Params {
    /// Whether it reads the logs itself.
    pub(crate) fn reads(&self) -> bool {
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

/// A list, or names with commas between them.
pub(crate) fn names<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a list of names, or names with commas between them")]
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
        "errors, slowness, scarcity in the logs of all services, folded by pattern, in one pass";
    const SOURCE: &'static str = platform::SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Scan>, ToolError> {
        let now = ctx.clock.now();
        let since = params.since.instant(now);
        let until = params.until.map(|until| until.instant(now));
        if until.is_some_and(|until| until <= since) {
            return Err(ToolError::Params(format!("{}: `until` is not after `since`", Self::NAME)));
        }
        let scan = match &params.from {
            Some(Value::Null) | None => scan(&params, ctx, since, until).await?,
            Some(saved) => Scan::deserialize(saved)
                .map_err(|e| ToolError::Params(format!("{}: `from` is no saved scan: {e}", Self::NAME)))?,
        };
        let commands = ctx.clients.platform()?.commands();
        let view = View { params: &params, since, until: until.unwrap_or(now), zone: ctx.settings.time_zone };
        Ok(Output::new(findings(&scan, &view, commands), scan))
    }
}

/// Reads all logs at once, each from its beginning to its end.
async fn scan(
    params: &Params,
    ctx: &ToolContext,
    since: chrono::DateTime<chrono::Utc>,
    until: Option<chrono::DateTime<chrono::Utc>>,
) -> Result<Scan, ToolError> {
    let platform = ctx.clients.platform()?;
    let members = Members::new(&params.services, ctx);
    let there = members.all(platform).await?;
    let topics = Topics::new(params.slow).map_err(ToolError::failed)?;
    let until = until.map(platform::time_key);
    let rules = Arc::new(Rules { severities: Severities::default(), topics, until });
    let calls = there.iter().map(|member| {
        let scanner = Scanner::new(rules.clone(), member.service == params.database);
        platform.read_log(&member.container, since, scanner)
    });
    let scanned = join_all(calls).await;
    let mut scan = Scan { missing: members.missing(&there), ..Scan::default() };
    gather(&there, scanned, &mut scan)?;
    Ok(scan)
}

/// Adds up the containers of each service. A log that cannot be read hides no other.
fn gather(
    there: &[Member],
    scanned: Vec<Result<Scanner, ClientError>>,
    scan: &mut Scan,
) -> Result<(), ToolError> {
    let failed = scanned.iter().filter(|s| s.is_err()).count();
    let mut sums: indexmap::IndexMap<String, Scanner> = indexmap::IndexMap::new();
    for (member, scanner) in there.iter().zip(scanned) {
        match scanner {
            Ok(scanner) => {
                let sum = match sums.shift_remove(&member.service) {
                    Some(sum) => sum.plus(scanner),
                    None => scanner,
                };
                sums.insert(member.service.clone(), sum);
            }
            Err(e) if failed == there.len() && e.may_pass() => return Err(e.into()),
            Err(e) => drop(scan.unreadable.insert(member.container.name.clone(), e.to_string())),
        }
    }
    sums.sort_unstable_keys();
    for (service, sum) in sums {
        let found = sum.end(&mut scan.minutes);
        scan.services.insert(service, found);
    }
    Ok(())
}
