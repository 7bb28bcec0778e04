//! `check.security_events`: what the audit log says of attempts and of rights that were taken away.

use chrono::{DateTime, SecondsFormat, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::base::moment;
use crate::base::moment::Moment;
use crate::base::units::{Span, count};
use crate::clients::postgres;
use crate::model::{Finding, Status, Threshold};
use crate::store::Binds;
use crate::tools::ident::ident;
use crate::tools::logs::check::analysis::names;
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct SecurityEvents;

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

/// The events of one action.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Events {
    /// The action.
    pub(crate) action: String,
    /// How often.
    pub(crate) count: f64,
    /// When first.
    pub(crate) first: DateTime<Utc>,
    /// When last.
    pub(crate) last: DateTime<Utc>,
    /// The newest, with who did it, to what, and details.
    #[serde(default)]
    pub(crate) newest: Option<Vec<Value>>,
}

impl Tool for SecurityEvents {
    type Params = Params;
    type Result = Vec<Events>;

    const NAME: &'static str = "check.security_events";
    const HELP: &'static str = "security events of the audit log, counted by action";
    const SOURCE: &'static str = postgres::SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Vec<Events>>, ToolError> {
        let now = ctx.clock.now();
        // An event of this moment by the database's clock may lie a little ahead of ours.
        let until = params.until.map_or(now + chrono::TimeDelta::minutes(1), |until| until.instant(now));
        let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Micros, true);
        let binds = Binds::from([
            ("since".to_owned(), text(params.since.instant(now))),
            ("until".to_owned(), text(until)),
            ("actions".to_owned(), json!(params.actions).to_string()),
            ("newest".to_owned(), params.newest.to_string()),
        ]);
        let rows: Vec<Events> = ctx.store()?.rows_with("security_events", &binds).await?;
        let mut findings: Vec<Finding> = rows.iter().map(|row| finding(row, &params, ctx)).collect();
        if findings.is_empty() {
            let summary = format!("no security event of {} kinds", params.actions.len());
            findings.push(Finding::new("", Self::SOURCE, Status::Ok, summary));
        }
        Ok(Output::new(findings, rows))
    }
}

fn finding(events: &Events, params: &Params, ctx: &ToolContext) -> Finding {
    let at = events.last.with_timezone(&ctx.settings.time_zone).format("%Y-%m-%d %H:%M:%S");
    let mut summary = format!("{}: {}, last {at}", events.action, count(events.count));
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
        events.count,
        Some("events"),
        threshold,
    )
    .details(json!(events))
}
