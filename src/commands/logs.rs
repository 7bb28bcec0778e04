//! `logs`: what the services write, merged by time, folded, or analyzed.

use clap::{Args, Subcommand};
use regex::bytes::Regex;
use serde_json::{Value, json};

use super::Context;
use super::report::{LookFlags, RunFlags, run_and_print};
use super::signals::stop_on_signals;
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::moment::Moment;
use crate::base::pattern;
use crate::clients::ClientError;
use crate::clients::platform;
use crate::model::{Listing, Severity};
use crate::render::{self, Format, Lines, stdio};
use crate::tools::logs::tail;
use crate::tools::logs::tail::{Folded, Request, Select, Severities, Tail, Trouble, Wanted};
use crate::tools::{ToolContext, ToolError};

/// What the services write, merged by time
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
pub(crate) struct Logs {
    #[command(subcommand)]
    command: Option<LogsCommand>,
    #[command(flatten)]
    lines: LinesOf,
}

/// What else can be done with logs.
#[derive(Debug, Subcommand)]
pub(crate) enum LogsCommand {
    /// What the logs are a sign of: errors, slowness, security, the database, scarcity
    #[command(after_help = ANALYZE)]
    Analyze(Analyze),
}

const EXAMPLES: &str = "\
Examples:
  ordctl logs                                    the last hour of every service
  ordctl logs api worker --since 15m --level warn
  ordctl logs --since 2026-01-02T03:00:00Z --until 2026-01-02T04:00:00Z --grep 'task [0-9a-f-]{36}'
  ordctl logs --fold --level error --since 24h   similar lines as one, with first and last
  ordctl logs -f worker --exclude heartbeat
  ordctl logs api -o json | jq -r .message
  ordctl logs analyze --since 1h";

const ANALYZE: &str = "\
Examples:
  ordctl logs analyze
  ordctl logs analyze --since 24h api worker
  ordctl logs analyze --only security -p security_warn=5
  ordctl logs analyze -o json | jq '.sections[].findings[] | select(.id | endswith(\"by_minute\")).details'";

/// Which lines, and how they are shown.
#[derive(Debug, Args)]
pub(crate) struct LinesOf {
    /// Only these services; default: all that are configured, else all of the compose project
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
    /// From when on: so long ago, or an instant (RFC 3339)
    #[arg(long, value_name = "WHEN", default_value = "1h")]
    since: Moment,
    /// Until when
    #[arg(long, value_name = "WHEN", conflicts_with = "follow")]
    until: Option<Moment>,
    /// At least so grave
    #[arg(long, value_enum, value_name = "LEVEL")]
    level: Option<Severity>,
    /// Only lines in which this is found; may be repeated: one of them
    #[arg(long, value_name = "REGEX", value_parser = pattern::compile)]
    grep: Vec<Regex>,
    /// No line in which this is found; may be repeated
    #[arg(long, value_name = "REGEX", value_parser = pattern::compile)]
    exclude: Vec<Regex>,
    /// Go on with what is written from now on, also by new containers
    #[arg(short, long)]
    follow: bool,
    /// Similar lines as one, with how often, first and last
    #[arg(long, conflicts_with = "follow")]
    fold: bool,
}

/// What the logs are a sign of.
#[derive(Debug, Args)]
pub(crate) struct Analyze {
    /// Only these services; default: all that are configured
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
    /// From when on: so long ago, or an instant (RFC 3339); default: 1h
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    since: Option<String>,
    /// Until when
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    until: Option<String>,
    #[command(flatten)]
    look: LookFlags,
}

/// A moment that is right, as it was written.
fn moment(text: &str) -> Result<String, String> {
    text.parse::<Moment>().map(|_| text.to_owned())
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

impl LinesOf {
    async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let ctx = context.world(None)?.ctx;
        let now = ctx.clock.now();
        let since = self.since.instant(now);
        let until = self.until.map(|until| until.instant(now));
        if until.is_some_and(|until| until <= since) {
            return Err(CliError::usage("--until is not after --since"));
        }
        let select = Select::new(Wanted {
            until: until.map(platform::time_key),
            level: self.level,
            grep: self.grep.clone(),
            exclude: self.exclude.clone(),
            severities: Severities::default(),
        });
        let request = Request { services: self.services.clone(), since, select, follow: self.follow };
        let mut stop = stop_on_signals()?;
        let work = async {
            match self.fold {
                true => folded(context, &ctx, &request).await,
                false => lines(context, &ctx, &request).await,
            }
        };
        tokio::select! {
            code = work => code,
            Ok(_) = stop.wait_for(|stop| *stop) => Ok(exit::INTERRUPTED),
        }
    }
}

/// Prints lines until there are no more, or nobody reads them.
async fn lines(context: &Context, ctx: &ToolContext, request: &Request) -> Result<u8, CliError> {
    let (zone, project) = (ctx.settings.time_zone, ctx.settings.docker.project.clone());
    let mut lines = Lines::new(context.flags.output, context.style(), zone, project)?;
    let mut tail = tail::open(ctx, request).await.map_err(fault)?;
    let mut known = missing(&tail.missing) || request.follow;
    let severities = Severities::default();
    let mut out = String::new();
    loop {
        let more = ready(&mut tail, &mut known).await;
        let width = tail.merge.longest_name();
        while let Some(merged) = tail.merge.pop() {
            lines.line(&tail::parse(&merged, &severities), width, &mut out);
        }
        let read = out.is_empty() || stdio::stream(&out)?;
        out.clear();
        if !read {
            return Ok(exit::OK);
        }
        if !more {
            break;
        }
    }
    // The last reader may still have something to say.
    while let Some(trouble) = tail.troubles.recv().await {
        known &= told(&trouble);
    }
    Ok(if known { exit::OK } else { exit::UNKNOWN })
}

/// Waits for lines, and tells at once of what cannot be read.
async fn ready(tail: &mut Tail, known: &mut bool) -> bool {
    loop {
        tokio::select! {
            more = tail.merge.ready() => return more,
            Some(trouble) = tail.troubles.recv() => *known &= told(&trouble),
        }
    }
}

async fn folded(context: &Context, ctx: &ToolContext, request: &Request) -> Result<u8, CliError> {
    let folded = tail::fold(ctx, request).await.map_err(fault)?;
    stdio::data(&render::listing(&listing(context, &folded), context.flags.output)?)?;
    let mut known = missing(&folded.missing);
    for trouble in &folded.troubles {
        known &= told(trouble);
    }
    Ok(if known { exit::OK } else { exit::UNKNOWN })
}

fn listing(context: &Context, folded: &Folded) -> Listing {
    let zone = context.settings().time_zone;
    let text = context.flags.output == Format::Text;
    let time = |at: Option<chrono::DateTime<chrono::Utc>>| match at {
        Some(at) if text => json!(at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string()),
        at => json!(at),
    };
    let row = |group: &tail::Group| -> Vec<Value> {
        let pattern = &group.pattern;
        let (first, last) = (time(pattern.first_seen), time(pattern.last_seen));
        vec![
            json!(pattern.count),
            first,
            last,
            json!(group.service),
            json!(group.level),
            json!(pattern.pattern),
        ]
    };
    let mut rows: Vec<Vec<Value>> = folded.groups.iter().map(row).collect();
    if folded.other > 0 {
        let none = || Value::Null;
        rows.push(vec![json!(folded.other), none(), none(), none(), none(), json!("(other)")]);
    }
    let columns = vec!["count", "first", "last", "service", "level", "pattern"];
    Listing { name: "patterns", columns, rows }
}

/// Names services without a container; says whether there are none.
fn missing(services: &[String]) -> bool {
    for service in services {
        stdio::note(&format!("warning: {service}: no container, so no log"));
    }
    services.is_empty()
}

/// Names what could not be read. Never "known".
fn told(trouble: &Trouble) -> bool {
    match &trouble.container {
        Some(container) => stdio::note(&format!("warning: the log of {container}: {}", trouble.error)),
        None => stdio::note(&format!("warning: {}", trouble.error)),
    }
    false
}

fn fault(error: ToolError) -> CliError {
    match error {
        ToolError::Client(e) => ClientError::fault(e),
        other => CliError::failed(other.to_string()),
    }
}
