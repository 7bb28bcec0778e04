//! `schedule preview`: prints the next occurrences of a schedule.

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

/// Preview schedules
#[derive(Debug, Subcommand)]
pub(crate) enum ScheduleCommand {
    /// Show the next occurrences of a schedule
    #[command(
        after_help = "Examples:\n  ordctl schedule preview --kind cron --expr '30 2 * * *' --timezone Asia/Tokyo\n  ordctl schedule preview --kind rrule --expr 'FREQ=MONTHLY;BYDAY=-1FR' -o json"
    )]
    Preview(Preview),
}

#[derive(Debug, Args)]
pub(crate) struct Preview {
    /// Schedule kind: cron, rrule or once
    #[arg(long, value_name = "KIND", value_parser = keyword::<ScheduleKind>(&["cron", "rrule", "once"]))]
    kind: ScheduleKind,
    /// Schedule expression: five cron fields, an RRULE, or a time
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    expr: String,
    /// Time zone of the expression
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    timezone: String,
    /// Start an rrule without DTSTART at this time (RFC 3339) [default: now]
    #[arg(long, value_name = "TIME")]
    dtstart: Option<DateTime<Utc>>,
    /// Show occurrences after this time (RFC 3339) [default: now]
    #[arg(long, value_name = "TIME")]
    after: Option<DateTime<Utc>>,
    /// Show this many occurrences
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
            CliError::usage(format!("unknown time zone '{}'", self.timezone))
                .hint("use an IANA name such as Europe/Chisinau or UTC")
        })?;
        let schedule = Schedule::parse(self.kind, &self.expr, zone, self.dtstart.unwrap_or(now));
        let schedule = schedule.map_err(|e| e.into_cli_error().hint("ordctl schedule preview -h"))?;
        let mut at = self.after.unwrap_or(now);
        let mut occurrences = Vec::new();
        while occurrences.len() < self.count as usize {
            match schedule.after(at).map_err(ScheduleError::into_cli_error)? {
                None => break,
                Some(next) => {
                    occurrences.push(next);
                    at = next;
                }
            }
        }
        let utc = |at: &DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let text = match flags.output {
            Format::Json | Format::Yaml => {
                render::value(&occurrences.iter().map(utc).collect::<Vec<_>>(), flags.output)?
            }
            other => {
                let local = |at: &DateTime<Utc>| {
                    at.with_timezone(&zone).format("%a %Y-%m-%d %H:%M:%S %:z").to_string()
                };
                let rows = occurrences.iter().map(|at| vec![json!(local(at)), json!(utc(at))]).collect();
                render::listing(&Listing { name: "occurrences", columns: vec!["local", "utc"], rows }, other)?
            }
        };
        stdio::data(&text)?;
        if occurrences.is_empty() {
            stdio::note("no more occurrences");
        }
        Ok(exit::OK)
    }
}
