//! `check.security_events`: failed logins, denied access and revocations in the audit log.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::base::moment;
use crate::base::moment::Moment;
use crate::base::sanitize::ident;
use crate::base::units::{Span, count};
use crate::clients::postgres;
use crate::model::{Finding, Status, Threshold};
use crate::store::security::SecurityEvents;
use crate::tools::logs::check::analysis::names;
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct CheckSecurityEvents;

/// Bytes of an event's details in the summary.
const QUOTED: usize = 120;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Actions that are security events: a list, or separated by commas.
    #[serde(deserialize_with = "names")]
    #[schemars(with = "Value")]
    pub(crate) actions: Vec<String>,
    #[serde(default = "since")]
    pub(crate) since: Moment,
    /// End of the period; default: now.
    #[serde(default, deserialize_with = "moment::optional")]
    #[schemars(with = "Option<Moment>")]
    pub(crate) until: Option<Moment>,
    /// Warn at or above this number of events per action.
    #[serde(default = "warn")]
    pub(crate) warn: f64,
    /// Critical at or above this number of events per action.
    #[serde(default)]
    pub(crate) crit: Option<f64>,
    /// Number of newest events per action in the details.
    #[serde(default = "newest")]
    pub(crate) newest: u32,
}

fn since() -> Moment {
    Moment::Ago(Span::seconds(3600))
}

const fn warn() -> f64 {
    1.0
}

const fn newest() -> u32 {
    10
}

impl Tool for CheckSecurityEvents {
    type Params = Params;
    type Result = Vec<SecurityEvents>;

    const NAME: &'static str = "check.security_events";
    const HELP: &'static str = "Count security events in the audit log by action";
    const SOURCE: &'static str = postgres::SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Vec<SecurityEvents>>, ToolError> {
        let now = ctx.clock.now();
        // The database's clock may be slightly ahead.
        let zone = ctx.settings.time_zone;
        let until =
            params.until.map_or(now + chrono::TimeDelta::minutes(1), |until| until.instant(now, zone));
        let since = params.since.instant(now, zone);
        let rows = ctx.store()?.security_events(&params.actions, since, until, params.newest).await?;
        let mut findings: Vec<Finding> = rows.iter().map(|row| finding(row, &params, ctx)).collect();
        if findings.is_empty() {
            let summary = format!("Security events: none ({} actions checked)", params.actions.len());
            findings.push(Finding::new("", Self::SOURCE, Status::Ok, summary));
        }
        Ok(Output::new(findings, rows))
    }
}

fn finding(events: &SecurityEvents, params: &Params, ctx: &ToolContext) -> Finding {
    let at = events.last.with_timezone(&ctx.settings.time_zone).format("%Y-%m-%d %H:%M:%S");
    let mut summary = format!("{}: {}, last {at}", events.action, count(events.count as f64));
    if let Some(last) = events.newest.as_ref().and_then(|newest| newest.first()) {
        if let Some(actor) = last["actor"].as_str() {
            summary += &format!(" by {actor}");
        }
        if !last["details"].is_null() {
            let mut quoted = ctx.secrets.mask(&last["details"].to_string());
            if quoted.len() > QUOTED {
                quoted.truncate(quoted.floor_char_boundary(QUOTED));
                quoted.push('…');
            }
            summary += &format!(" {quoted}");
        }
    }
    let threshold = Threshold::above(Some(params.warn), params.crit);
    Finding::measured(
        &ident(&events.action),
        postgres::SYSTEM,
        summary,
        events.count as f64,
        Some("events"),
        threshold,
    )
    .details(json!(events))
}
