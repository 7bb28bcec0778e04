//! `logs`: shows service logs merged by time or folded by pattern; `logs analyze` reports problems in them.

use chrono::{DateTime, Utc};
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand, value_parser};
use regex::bytes::Regex;

use super::Context;
use super::last_lines::LastLines;
use super::log_fold::print_folded;
use super::report::{LookFlags, RunFlags, run_and_print};
use super::signals::stop_on_signals;
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::moment::Moment;
use crate::base::pattern;
use crate::base::typed;
use crate::clients::ClientError;
use crate::clients::platform;
use crate::model::Severity;
use crate::render::{Lines, stdio};
use crate::tools::logs::tail;
use crate::tools::logs::tail::{LineMatcher, MatchRules, Request, SeverityDetector, Tail, UnreadableLog};
use crate::tools::{ToolContext, ToolError};

/// Show service logs merged by time
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
pub(crate) struct Logs {
    #[command(subcommand)]
    command: Option<LogsCommand>,
    #[command(flatten)]
    lines: ShowLines,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LogsCommand {
    /// Report errors, slow requests and security events in the logs
    #[command(after_help = ANALYZE)]
    Analyze(Analyze),
}

const EXAMPLES: &str = "\
Examples:
  ordctl logs                                    last hour of all services
  ordctl logs api worker --since 15m --level warn
  ordctl logs --fold --level error --since 24h   count similar lines
  ordctl logs -f -n 20 worker --exclude heartbeat
  ordctl logs analyze --since 1h";

const ANALYZE: &str = "\
Examples:
  ordctl logs analyze
  ordctl logs analyze --since 24h api worker
  ordctl logs analyze --only security -p security_warn=5
  ordctl logs analyze -o json | jq '.sections[].findings[].details'";

/// Maximum of --tail: its lines are kept in memory.
const TAIL_MAX: i64 = 100_000;

#[derive(Debug, Args)]
pub(crate) struct ShowLines {
    /// Show only these services [default: all]
    #[arg(value_name = "SERVICE", value_parser = NonEmptyStringValueParser::new())]
    services: Vec<String>,
    /// Start at this time or this long ago [default: 1h]
    ///
    /// With --tail the default is 24h.
    #[arg(long, value_name = "WHEN", value_parser = typed::moment)]
    since: Option<Moment>,
    /// End at this time or this long ago [default: now]
    #[arg(long, value_name = "WHEN", value_parser = typed::moment, conflicts_with = "follow", hide_short_help = true)]
    until: Option<Moment>,
    /// Show only the last N lines of all services
    #[arg(short = 'n', long, value_name = "N", conflicts_with = "fold", value_parser = value_parser!(u32).range(..=TAIL_MAX))]
    tail: Option<u32>,
    /// Show only lines of at least this level, such as warn
    #[arg(long, value_enum, value_name = "LEVEL", hide_possible_values = true)]
    level: Option<Severity>,
    /// Show only lines that match; repeatable
    #[arg(long, value_name = "REGEX", value_parser = pattern::compile)]
    grep: Vec<Regex>,
    /// Hide lines that match; repeatable
    #[arg(long, value_name = "REGEX", value_parser = pattern::compile, hide_short_help = true)]
    exclude: Vec<Regex>,
    /// Follow new lines, including those of new containers
    #[arg(short, long)]
    follow: bool,
    /// Count similar lines as one, with first and last time
    #[arg(long, conflicts_with = "follow")]
    fold: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Analyze {
    /// Analyze only these services [default: all configured ones]
    #[arg(value_name = "SERVICE", value_parser = NonEmptyStringValueParser::new())]
    services: Vec<String>,
    /// Start at this time or this long ago [default: 1h]
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    since: Option<String>,
    /// End at this time or this long ago [default: now]
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    until: Option<String>,
    #[command(flatten)]
    look: LookFlags,
}

/// Validates a moment and keeps its text.
fn moment(text: &str) -> Result<String, String> {
    typed::moment(text).map(|_| text.to_owned())
}

impl Logs {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        match &self.command {
            Some(LogsCommand::Analyze(analyze)) => analyze.execute(context).await,
            None => self.lines.execute(context).await,
        }
    }
}

impl Analyze {
    async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let mut look = self.look.clone();
        let services = Some(self.services.join(",")).filter(|s| !s.is_empty());
        for (name, value) in
            [("since", self.since.clone()), ("until", self.until.clone()), ("services", services)]
        {
            look.params.extend(value.map(|value| (name.to_owned(), value)));
        }
        run_and_print(context, "operate/logs", &look, &RunFlags::default()).await
    }
}

impl ShowLines {
    /// Whether lines are left out for what they are. If not, the last lines of each log hold those of all logs.
    fn is_filtered(&self) -> bool {
        let is_matched = !self.grep.is_empty() || !self.exclude.is_empty();
        is_matched || self.level.is_some() || self.until.is_some()
    }

    async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        // A large log takes long; every read of it has a limit.
        context.deadline.lift();
        let ctx = context.executor(None)?.ctx;
        let now = ctx.clock.now();
        let default = if self.tail.is_some() { "24h" } else { "1h" };
        let since = match self.since {
            Some(since) => since,
            None => default.parse().map_err(CliError::failed)?,
        };
        let zone = ctx.settings.time_zone;
        let since = since.instant(now, zone);
        let until = self.until.map(|until| until.instant(now, zone));
        if until.is_some_and(|until| until <= since) {
            return Err(CliError::usage("--until must be after --since"));
        }
        let last = self.tail.map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        let last_of_each = last.filter(|_| !self.is_filtered());
        let request = |since, until: Option<DateTime<Utc>>, follow| {
            let filter = LineMatcher::new(MatchRules {
                until: until.map(platform::time_key),
                min_severity: self.level,
                grep: self.grep.clone(),
                exclude: self.exclude.clone(),
                detector: SeverityDetector::default(),
            });
            Request { services: self.services.clone(), since, last: last_of_each, filter, follow }
        };
        let mut stop = stop_on_signals()?;
        let work = async {
            match (last, self.follow) {
                _ if self.fold => print_folded(context, &ctx, &request(since, until, false)).await,
                // The last lines up to now, then all new ones.
                (Some(_), true) => {
                    let (old, new) = (request(since, Some(now), false), request(now, None, true));
                    print_lines(context, &ctx, &old, last).await?;
                    print_lines(context, &ctx, &new, None).await
                }
                (last, follow) => print_lines(context, &ctx, &request(since, until, follow), last).await,
            }
        };
        tokio::select! {
            code = work => code,
            Ok(_) = stop.wait_for(|stop| *stop) => Ok(exit::INTERRUPTED),
        }
    }
}

/// Prints lines until the logs or the reader of the output end; with `last` only that many, at the end.
async fn print_lines(
    context: &Context,
    ctx: &ToolContext,
    request: &Request,
    last: Option<usize>,
) -> Result<u8, CliError> {
    let (zone, project) = (ctx.settings.time_zone, ctx.settings.docker.project.clone());
    let mut lines = Lines::new(context.flags.output, context.style(), zone, project)?;
    let tail = ctx.while_answering(platform::SYSTEM, tail::open(ctx, request)).await;
    let mut tail = tail.map_err(cli_error)?;
    let mut complete = warn_missing(&tail.missing) || request.follow;
    let detector = SeverityDetector::default();
    let (mut out, mut kept) = (String::new(), last.map(LastLines::new));
    loop {
        let more = ready(&mut tail, &mut complete).await;
        let width = tail.merge.longest_name();
        while let Some(merged) = tail.merge.pop() {
            lines.line(&tail::parse(&merged, &detector), width, &mut out);
            if let Some(kept) = &mut kept {
                kept.push(&out);
                out.clear();
            }
        }
        let is_read = out.is_empty() || stdio::stream(&out)?;
        out.clear();
        if !is_read {
            return Ok(exit::OK);
        }
        if !more {
            break;
        }
    }
    if let Some(kept) = kept {
        complete &= kept.warn();
        for line in kept.into_lines() {
            if !stdio::stream(&line)? {
                return Ok(exit::OK);
            }
        }
    }
    // The last readers may still report errors. They end: every read of a log has a deadline.
    while let Some(log) = tail.unreadable.recv().await {
        complete &= warn(&log);
    }
    Ok(if complete { exit::OK } else { exit::UNKNOWN })
}

/// Waits for lines, and warns at once about logs that cannot be read.
async fn ready(tail: &mut Tail, complete: &mut bool) -> bool {
    loop {
        tokio::select! {
            more = tail.merge.ready() => return more,
            Some(log) = tail.unreadable.recv() => *complete &= warn(&log),
        }
    }
}

/// Warns about services without a container; true if there are none.
pub(super) fn warn_missing(services: &[String]) -> bool {
    for service in services {
        stdio::note(&format!("warning: {service}: no container, so no log"));
    }
    services.is_empty()
}

/// Warns about a log that cannot be read; always false, as the output is then incomplete.
pub(super) fn warn(log: &UnreadableLog) -> bool {
    match &log.container {
        Some(container) => stdio::note(&format!("warning: the log of {container}: {}", log.error)),
        None => stdio::note(&format!("warning: {}", log.error)),
    }
    false
}

pub(super) fn cli_error(error: ToolError) -> CliError {
    match error {
        ToolError::Client(e) => ClientError::fault(e),
        other => CliError::failed(other.to_string()),
    }
}
