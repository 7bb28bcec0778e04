//! `check.logs`: counts errors in a service's logs by level and pattern, in one pass.

pub(crate) mod analysis;
mod count;
mod findings;
mod scan;
mod topic;

use chrono_tz::Tz;
use futures_util::future::join_all;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::sanitize::ident;
use crate::base::units;
use crate::base::units::{Span, counted};
use crate::clients::ClientError;
use crate::clients::platform;
use crate::clients::platform::{HintCommands, InstanceDetails, Platform};
use crate::model::{Finding, Status, Threshold};
use crate::tools::logs::tail::{Levels, Pattern};
use crate::tools::{Output, Tool, ToolContext, ToolError};

use count::Counter;

/// Patterns in the result.
const TOP_PATTERNS: usize = 3;

pub(crate) struct Logs;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The service: a name in `services`, a compose service or a container name.
    pub(crate) service: String,
    /// Period to read, up to now.
    #[serde(default = "since")]
    pub(crate) since: Span,
    /// Warning threshold: number of errors.
    #[serde(default = "warn")]
    pub(crate) warn: f64,
    /// Critical threshold: number of errors.
    #[serde(default = "crit")]
    pub(crate) crit: f64,
    /// Keywords that mark a plain line as an error; in a JSON line the level field decides.
    #[serde(default = "levels")]
    pub(crate) levels: Vec<String>,
}

fn since() -> Span {
    Span::seconds(24 * 3600)
}

const fn warn() -> f64 {
    50.0
}

const fn crit() -> f64 {
    100.0
}

fn levels() -> Vec<String> {
    ["ERROR", "CRITICAL", "FATAL"].map(str::to_owned).into()
}

/// The result for later steps.
#[derive(Debug, Default, Serialize)]
pub(crate) struct LogState {
    pub(crate) errors: u64,
    pub(crate) warnings: u64,
    pub(crate) lines: u64,
    pub(crate) by_level: IndexMap<String, u64>,
    /// Most frequent error patterns.
    pub(crate) patterns: Vec<Pattern>,
}

impl Tool for Logs {
    type Params = Params;
    type Result = LogState;

    const NAME: &'static str = "check.logs";
    const HELP: &'static str = "Count errors in a service's logs by level and pattern";
    const SOURCE: &'static str = platform::SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<LogState>, ToolError> {
        if params.levels.iter().all(String::is_empty) {
            return Err(ToolError::Params(format!("{}: levels is empty", Self::NAME)));
        }
        let platform = ctx.clients.platform()?;
        let mut instances = platform.list_with_replaced().await?;
        instances.retain(|i| platform.is_member(i, &params.service));
        let containers = platform.inspect(instances).await?;
        if containers.is_empty() {
            let summary = format!("{}: no container found", params.service);
            let finding = Finding::new("errors", Self::SOURCE, Status::Unknown, summary);
            let finding = finding.hint(platform.commands().list(None));
            return Ok(Output::new(vec![finding], LogState::default()));
        }
        let since = ctx.clock.now() - params.since.duration();
        let levels = Levels::new(&params.levels);
        let calls = containers.iter().map(|c| platform.read_log(c, since, Counter::new(levels.clone())));
        let counters = join_all(calls).await;
        summarize(&params, platform, &containers, counters, ctx.settings.time_zone)
    }
}

/// Merges the containers of a service. An unreadable log does not hide the others.
fn summarize(
    params: &Params,
    platform: &dyn Platform,
    containers: &[InstanceDetails],
    counters: Vec<Result<Counter, ClientError>>,
    zone: Tz,
) -> Result<Output<LogState>, ToolError> {
    let mut findings = Vec::new();
    let mut sum: Option<Counter> = None;
    let mut noisiest: Option<(u64, &str)> = None;
    let failed = counters.iter().filter(|c| c.is_err()).count();
    for (container, counter) in containers.iter().zip(counters) {
        match counter {
            Ok(counter) => {
                if noisiest.is_none_or(|(n, _)| counter.errors() > n) {
                    noisiest = Some((counter.errors(), container.name.as_str()));
                }
                sum = Some(match sum {
                    Some(sum) => sum.merge(counter),
                    None => counter,
                });
            }
            Err(e) if failed == containers.len() && e.may_pass() => return Err(e.into()),
            Err(e) => {
                let summary = format!("{}: cannot read log: {e}", container.name);
                let finding =
                    Finding::new(&ident(&container.name), platform::SYSTEM, Status::Unknown, summary);
                findings.push(finding.hint(platform.commands().log_driver(&container.name)));
            }
        }
    }
    let Some(sum) = sum else { return Ok(Output::new(findings, LogState::default())) };
    let state = sum.finish(TOP_PATTERNS);
    let name = noisiest.map_or(params.service.as_str(), |(_, name)| name);
    findings.insert(0, finding(params, &state, zone).hint(search_command(platform.commands(), name, params)));
    Ok(Output::new(findings, state))
}

fn finding(params: &Params, state: &LogState, zone: Tz) -> Finding {
    #[expect(clippy::cast_precision_loss, reason = "counts for a reader")]
    let (errors, lines) = (state.errors as f64, state.lines as f64);
    let mut summary = format!(
        "{}: {} in the last {} ({})",
        params.service,
        counted(errors, "error"),
        go_duration(params.since),
        counted(lines, "line")
    );
    if let Some(top) = state.patterns.first() {
        #[expect(clippy::cast_precision_loss, reason = "counts for a reader")]
        let times = units::count(top.count as f64);
        summary += &format!("; most frequent, {times}×: {}", top.pattern);
        if let Some(at) = top.last_seen {
            summary += &format!(" (last {})", at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S"));
        }
    }
    let threshold = Threshold::above(Some(params.warn), Some(params.crit));
    Finding::measured("errors", platform::SYSTEM, summary, errors, Some("errors"), threshold)
        .details(json!(state))
}

/// The command that shows the last counted lines.
fn search_command(commands: &dyn HintCommands, container: &str, params: &Params) -> String {
    commands.search_logs(container, &go_duration(params.since), &params.levels.join("|"))
}

/// A duration as `docker logs --since` reads it: it has no days.
fn go_duration(span: Span) -> String {
    match span.duration().as_secs() {
        s if s % 3600 == 0 => format!("{}h", s / 3600),
        s if s % 60 == 0 => format!("{}m", s / 60),
        s => format!("{s}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_uses_dockers_duration_format() {
        let params: Params = serde_json::from_value(json!({ "service": "api", "since": "7d" })).unwrap();
        assert_eq!(
            search_command(&platform::testing::commands(), "api-1", &params),
            "docker logs --since 168h api-1 2>&1 | grep -E 'ERROR|CRITICAL|FATAL' | tail"
        );
        assert_eq!(go_duration(Span::seconds(90)), "90s");
        assert_eq!(go_duration(Span::seconds(300)), "5m");
    }

    #[test]
    fn the_summary_names_the_most_frequent_pattern() {
        let params: Params = serde_json::from_value(json!({ "service": "api" })).unwrap();
        let pattern = Pattern {
            pattern: "ERROR pool # exhausted".into(),
            count: 60,
            first_seen: None,
            last_seen: Some("2026-01-02T03:04:05Z".parse().unwrap()),
        };
        let state = LogState { errors: 70, lines: 1234, patterns: vec![pattern], ..LogState::default() };
        let finding = finding(&params, &state, chrono_tz::Europe::Chisinau);
        assert_eq!(finding.status, Status::Warn);
        assert_eq!(
            finding.summary,
            "api: 70 errors in the last 24h (1,234 lines); most frequent, 60×: \
             ERROR pool # exhausted (last 2026-01-02 05:04:05)"
        );
    }
}
