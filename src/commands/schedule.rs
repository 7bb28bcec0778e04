//! `schedule preview`: when would it come?

use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, Subcommand};
use serde_json::json;

use super::cli::GlobalFlags;
use super::task_session::keyword;
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::engine::schedule::{Schedule, ScheduleError, ScheduleKind};
use crate::model::Listing;
use crate::render::{self, Format, stdio};

/// Reading schedules.
#[derive(Debug, Subcommand)]
pub(crate) enum ScheduleCommand {
    /// When would it come?
    #[command(
        after_help = "Examples:\n  ordctl schedule preview --kind cron --expr '30 2 * * *' --timezone Europe/Chisinau\n  ordctl schedule preview --kind rrule --expr 'FREQ=MONTHLY;BYDAY=-1FR' --dtstart 2026-01-01T09:00:00Z --count 3 -o json"
    )]
    Preview(Preview),
}

/// A schedule and a time.
#[derive(Debug, Args)]
pub(crate) struct Preview {
    /// cron, rrule or once
    #[arg(long, value_name = "KIND", value_parser = keyword::<ScheduleKind>(&["cron", "rrule", "once"]))]
    kind: ScheduleKind,
    /// Five cron fields, an RRULE, or an instant
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    expr: String,
    /// The zone of its wall-clock times
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    timezone: String,
    /// Where an rrule without DTSTART begins (RFC 3339); default: now
    #[arg(long, value_name = "INSTANT")]
    dtstart: Option<DateTime<Utc>>,
    /// Strictly after this instant (RFC 3339); default: now
    #[arg(long, value_name = "INSTANT")]
    after: Option<DateTime<Utc>>,
    /// So many
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    count: u32,
}

impl ScheduleCommand {
    pub(crate) fn execute(&self, flags: &GlobalFlags) -> Result<u8, CliError> {
        let Self::Preview(preview) = self;
        preview.execute(flags)
    }
}

impl Preview {
    fn execute(&self, flags: &GlobalFlags) -> Result<u8, CliError> {
        let now = Utc::now();
        let zone: chrono_tz::Tz = self.timezone.parse().map_err(|_| {
            CliError::usage(format!("there is no time zone '{}'", self.timezone))
                .hint("such as Europe/Chisinau or UTC")
        })?;
        let schedule = Schedule::parse(self.kind, &self.expr, zone, self.dtstart.unwrap_or(now));
        let schedule = schedule.map_err(|e| e.fault().hint("ordctl schedule preview -h"))?;
        let mut at = self.after.unwrap_or(now);
        let mut found = Vec::new();
        while found.len() < self.count as usize {
            match schedule.after(at).map_err(ScheduleError::fault)? {
                None => break,
                Some(next) => {
                    found.push(next);
                    at = next;
                }
            }
        }
        let utc = |at: &DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let text = match flags.output {
            Format::Json | Format::Yaml => {
                render::value(&found.iter().map(utc).collect::<Vec<_>>(), flags.output)?
            }
            other => {
                let local = |at: &DateTime<Utc>| {
                    at.with_timezone(&zone).format("%a %Y-%m-%d %H:%M:%S %:z").to_string()
                };
                let rows = found.iter().map(|at| vec![json!(local(at)), json!(utc(at))]).collect();
                render::listing(&Listing { name: "instants", columns: vec!["local", "utc"], rows }, other)?
            }
        };
        stdio::data(&text)?;
        if found.is_empty() {
            stdio::note("it does not come again");
        }
        Ok(exit::OK)
    }
}
