//! `check.security_events`: what the audit log says of attempts and of rights that were taken away.

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

/// How much of an event's details a summary quotes.
const QUOTED: usize = 120;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The actions that are security events, as a list or with commas between them.
    #[serde(deserialize_with = "names")]
    #[schemars(with = "Value")]
    pub(crate) actions: Vec<String>,
    #[serde(default = "since")]
    pub(crate) since: Moment,
    /// Until when; default: now.
    #[serde(default, deserialize_with = "moment::optional")]
    #[schemars(with = "Option<Moment>")]
    pub(crate) until: Option<Moment>,
    /// From so many events of an action on: a warning.
    #[serde(default = "warn")]
    pub(crate) warn: f64,
    /// From so many events of an action on: critical.
    #[serde(default)]
    pub(crate) crit: Option<f64>,
    /// How many of the newest events of an action are kept in the details.
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
    const HELP: &'static str = "security events of the audit log, counted by action";
    const SOURCE: &'static str = postgres::SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Vec<SecurityEvents>>, ToolError> {
        let now = ctx.clock.now();
        // An event of this moment by the database's clock may lie a little ahead of ours.
        let until = params.until.map_or(now + chrono::TimeDelta::minutes(1), |until| until.instant(now));
        let since = params.since.instant(now);
        let rows = ctx.store()?.security_events(&params.actions, since, until, params.newest).await?;
        let mut findings: Vec<Finding> = rows.iter().map(|row| finding(row, &params, ctx)).collect();
        if findings.is_empty() {
            let summary = format!("no security event of {} kinds", params.actions.len());
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
