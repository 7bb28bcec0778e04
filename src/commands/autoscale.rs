//! `scale auto`: scales the workers to the load, once (for cron) or repeatedly.

use std::time::Duration;

use clap::Args;
use tokio::sync::watch;

use super::Context;
use super::act::ActFlags;
use super::report::{LookFlags, RunFlags, load_valid_runbook, run_and_print, run_once, write_outputs};
use super::signals::stop_on_signals;
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::units::Span;
use crate::model::{Plan, PlannedStep, Report, Runbook, consent};
use crate::render::{self, Progress, TerminalPrompt, stdio};
use crate::runbook;

const NAME: &str = "operate/scale-auto";

const EXAMPLES: &str = "\
Examples:
  ordctl scale auto --dry-run           print the decision and its calls
  ordctl scale auto --once --yes        decide once, for cron
  ordctl scale auto --watch --yes       decide every 30s, one line each
  ordctl scale auto --watch 1m -o json --yes";

/// Scale the workers to the load
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Auto {
    /// Decide once and change at most one step (the default)
    #[arg(long, conflicts_with = "watch")]
    once: bool,
    /// Keep running and decide after each pause, until SIGTERM
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "30s", value_parser = pause)]
    watch: Option<Span>,
    /// Set a parameter of the runbook; repeatable
    #[arg(short, long = "param", value_name = "KEY=VALUE", value_parser = super::report::parameter)]
    params: Vec<(String, String)>,
    /// Ping a dead-man switch: URL when ok or warning, else URL/fail
    #[arg(long, value_name = "URL")]
    ping: Option<String>,
    /// Also write the report as node_exporter metrics, atomically
    #[arg(long, value_name = "FILE")]
    textfile: Option<std::path::PathBuf>,
    #[command(flatten)]
    act: ActFlags,
}

fn pause(text: &str) -> Result<Span, String> {
    let span: Span = text.parse()?;
    if span < Span::seconds(1) { Err("the minimum is 1s".to_owned()) } else { Ok(span) }
}

impl Auto {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        self.check(context)?;
        let look = LookFlags {
            params: self.params.clone(),
            ping: self.ping.clone(),
            textfile: self.textfile.clone(),
            ..LookFlags::default()
        };
        let mut flags = RunFlags { act: self.act.clone(), ..RunFlags::default() };
        match self.watch {
            None => run_and_print(context, NAME, &look, &flags).await,
            Some(pause) => {
                let (runbook, stop) = (load_valid_runbook(context, NAME)?, stop_on_signals()?);
                if !self.act.dry_run {
                    self.ask(context, &runbook, stop.clone())?;
                }
                // The consent above covers every later decision.
                flags.act.yes = true;
                scale_repeatedly(context, &runbook, &look, &flags, (pause.duration(), stop)).await
            }
        }
    }

    /// The service to scale.
    fn service(&self, context: &Context) -> String {
        let given =
            self.params.iter().rev().find(|(key, _)| key == "service").map(|(_, value)| value.clone());
        let configured = context.settings().params.get(NAME).and_then(|p| p.get("service"));
        let configured = configured.and_then(|v| v.as_str()).map(str::to_owned);
        given.or(configured).unwrap_or_else(|| "worker".to_owned())
    }

    /// A policy that contradicts itself is a configuration error.
    fn check(&self, context: &Context) -> Result<(), CliError> {
        let service = self.service(context);
        let auto = context.settings().services.get(&service).and_then(|s| s.auto.clone());
        match auto.unwrap_or_default().contradiction() {
            None => Ok(()),
            Some((key, why)) => Err(CliError::usage(format!("services.{service}.auto.{key}: {why}"))
                .hint("ordctl config show --origin")),
        }
    }

    /// Asks once for all later decisions.
    fn ask(&self, context: &Context, runbook: &Runbook, stop: watch::Receiver<bool>) -> Result<(), CliError> {
        let executor = context.executor(None)?;
        let service = self.service(context);
        let limits = context.settings().services.get(&service).cloned().unwrap_or_default();
        let (min, max) = (limits.min(), limits.max_replicas());
        let title = format!("Scale {service} between {min} and {max} containers, as the load requires");
        let calls = vec!["the calls that `ordctl scale auto --dry-run` prints at that time".to_owned()];
        let step = PlannedStep::change("scale", title, "service.scale", calls);
        let plan = Plan {
            name: runbook.name.clone(),
            title: runbook.title().to_owned(),
            target: runbook::target(&executor),
            steps: vec![step],
            verify: Vec::new(),
        };
        let progress = Progress::new(!context.flags.quiet).into();
        let prompt = TerminalPrompt::new(progress, self.act.show_statements, stop);
        consent::ask(&plan, &self.act.consent(), &prompt).map(drop)
    }
}

/// Decides after each pause until a signal arrives or standard output closes. An error is printed and does
/// not end it: a server may be down for a while, or another run may act. A signal waits for the round in
/// progress.
async fn scale_repeatedly(
    context: &Context,
    runbook: &Runbook,
    look: &LookFlags,
    flags: &RunFlags,
    (pause, mut stop): (Duration, watch::Receiver<bool>),
) -> Result<u8, CliError> {
    let (_sender, never) = watch::channel(false);
    while !*stop.borrow() {
        match run_once(context, runbook, look, flags, never.clone()).await {
            Ok(report) => {
                let report = context.qualified(report);
                let printed = print_line(context, &report);
                // A full disk must not stop scaling.
                let written = write_outputs(&report, look).await;
                for error in [printed.as_ref().err(), written.as_ref().err()].into_iter().flatten() {
                    note(context, error);
                }
                if matches!(printed, Ok(false)) {
                    return Err(CliError::failed("standard output is closed; automatic scaling ends"));
                }
            }
            Err(error) if error.code == exit::USAGE => return Err(error),
            Err(error) => note(context, &error),
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            Ok(_) = stop.wait_for(|stop| *stop) => {}
        }
    }
    Ok(exit::OK)
}

/// Prints the line of a round. False: standard output is closed.
fn print_line(context: &Context, report: &Report) -> Result<bool, CliError> {
    let line = render::line(report, context.flags.output, context.style())?;
    if line.is_empty() { Ok(true) } else { stdio::stream(&line) }
}

/// Prints why a round gave no report.
fn note(context: &Context, error: &CliError) {
    let time = chrono::Utc::now().with_timezone(&context.settings().time_zone).format("%Y-%m-%d %H:%M:%S");
    let hint = error.hint.as_ref().map_or_else(String::new, |h| format!(" -> {}", context.qualified_hint(h)));
    let cause = error.source.as_ref().map_or_else(String::new, |cause| format!(": {cause:#}"));
    stdio::note(&format!("{time}  {error}{cause}{hint}"));
}
