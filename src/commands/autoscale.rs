//! `scale auto`: the number of workers follows the load, once (for cron) or on and on.

use std::time::Duration;

use clap::Args;
use tokio::sync::watch;

use super::Context;
use super::report::{ActFlags, LookFlags, load_valid_runbook, run_and_print, run_once, write_outputs};
use super::signals::stop_on_signals;
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::units::Span;
use crate::model::{Effect, Plan, PlannedStep, Report, Runbook};
use crate::render::{self, Progress, TerminalPrompt, stdio};
use crate::runbook::{self, Consent};

/// The runbook of one round.
const NAME: &str = "operate/scale-auto";

const EXAMPLES: &str = "\
Examples:
  ordctl scale auto --dry-run           what would be done now, and why
  ordctl scale auto --once --yes        one decision and at most one step: for cron
  ordctl scale auto --watch --yes       stays, looks every 30s, writes a line for each decision
  ordctl scale auto --watch 1m -o json --yes";

/// To as many workers as the load asks for
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Auto {
    /// One decision and at most one step; the default
    #[arg(long, conflicts_with = "watch")]
    once: bool,
    /// Stay, and decide again after each pause; ends on SIGTERM
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "30s", value_parser = pause)]
    watch: Option<Span>,
    /// Set a parameter of the runbook; may be repeated
    #[arg(short, long = "param", value_name = "KEY=VALUE", value_parser = super::report::parameter)]
    params: Vec<(String, String)>,
    /// Report to a dead-man switch: GET URL when ok or warning, URL/fail otherwise
    #[arg(long, value_name = "URL")]
    ping: Option<String>,
    /// Also write the report as metrics for node_exporter, atomically
    #[arg(long, value_name = "FILE")]
    textfile: Option<std::path::PathBuf>,
    /// Check everything and print the exact calls; change nothing
    #[arg(long, help_heading = "Acting")]
    dry_run: bool,
    /// Consent without being asked
    #[arg(short, long, help_heading = "Acting")]
    yes: bool,
}

fn pause(text: &str) -> Result<Span, String> {
    let span: Span = text.parse()?;
    if span < Span::seconds(1) { Err("1s at least".to_owned()) } else { Ok(span) }
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
        let act = ActFlags { dry_run: self.dry_run, yes: self.yes, ..ActFlags::default() };
        match self.watch {
            None => run_and_print(context, NAME, &look, &act).await,
            Some(pause) => {
                let runbook = load_valid_runbook(context, NAME)?;
                if !self.dry_run {
                    self.ask(context, &runbook)?;
                }
                let act = ActFlags { yes: true, ..act };
                on_and_on(context, &runbook, &look, &act, pause.duration()).await
            }
        }
    }

    /// The service whose number follows the load.
    fn service(&self, context: &Context) -> String {
        let given =
            self.params.iter().rev().find(|(key, _)| key == "service").map(|(_, value)| value.clone());
        let configured = context.settings().params.get(NAME).and_then(|p| p.get("service"));
        let configured = configured.and_then(|v| v.as_str()).map(str::to_owned);
        given.or(configured).unwrap_or_else(|| "worker".to_owned())
    }

    /// A policy that contradicts itself is a fault of the configuration.
    fn check(&self, context: &Context) -> Result<(), CliError> {
        let service = self.service(context);
        let auto = context.settings().services.get(&service).and_then(|s| s.auto.clone());
        match auto.unwrap_or_default().doubt() {
            None => Ok(()),
            Some((key, why)) => Err(CliError::usage(format!("services.{service}.auto.{key}: {why}"))
                .hint("ordctl config show --origin")),
        }
    }

    /// Asks once for everything that is to come.
    fn ask(&self, context: &Context, runbook: &Runbook) -> Result<(), CliError> {
        let world = context.world(None)?;
        let service = self.service(context);
        let limits = context.settings().services.get(&service).cloned().unwrap_or_default();
        let (min, max) = (limits.min(), limits.most());
        let step = PlannedStep {
            id: "scale".to_owned(),
            title: format!("Whenever the load asks for it: {min} to {max} containers of {service}"),
            uses: "service.scale".to_owned(),
            effect: Effect::Change,
            calls: vec!["what ordctl scale auto --dry-run shows at that time".to_owned()],
            left_out: None,
            depends: None,
            found: Vec::new(),
        };
        let plan = Plan {
            name: runbook.name.clone(),
            title: runbook.title().to_owned(),
            target: runbook::target(&world),
            steps: vec![step],
        };
        let prompt = TerminalPrompt::new(Progress::new(!context.flags.quiet).into());
        runbook::ask_consent(&plan, &Consent { yes: self.yes, confirm: None }, &prompt)
    }
}

/// Decides again and again, until it is told to end or nobody reads its lines. What fails is said, and
/// the next round begins anew: a server may be gone for a while, another run may act. The signal to end
/// waits for the round that is under way.
async fn on_and_on(
    context: &Context,
    runbook: &Runbook,
    look: &LookFlags,
    act: &ActFlags,
    pause: Duration,
) -> Result<u8, CliError> {
    let mut stop = stop_on_signals()?;
    let (_never, unhurried) = watch::channel(false);
    while !*stop.borrow() {
        match run_once(context, runbook, look, act, unhurried.clone()).await {
            Ok(report) => {
                let report = context.qualified(report);
                let told = told(context, &report);
                // A full disk under the lines or the metrics is no reason to leave the load alone.
                let outputs = write_outputs(&report, look).await;
                for fault in [told.as_ref().err(), outputs.as_ref().err()].into_iter().flatten() {
                    note(context, fault);
                }
                if matches!(told, Ok(false)) {
                    return Err(CliError::failed(
                        "nobody reads the lines any more: scaling by itself ends here",
                    ));
                }
            }
            Err(fault) if fault.code == exit::USAGE => return Err(fault),
            Err(fault) => note(context, &fault),
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            Ok(_) = stop.wait_for(|stop| *stop) => {}
        }
    }
    Ok(exit::OK)
}

/// Writes the line of a round; whether somebody still reads.
fn told(context: &Context, report: &Report) -> Result<bool, CliError> {
    let line = render::line(report, context.flags.output, context.style())?;
    if line.is_empty() { Ok(true) } else { stdio::stream(&line) }
}

/// A round that was refused or failed before it gave a report.
fn note(context: &Context, fault: &CliError) {
    let time = chrono::Utc::now().with_timezone(&context.settings().time_zone).format("%Y-%m-%d %H:%M:%S");
    let target = context.flags.target_flags();
    let hint = fault.hint.as_ref().map_or_else(String::new, |hint| format!(" -> {}", target.qualify(hint)));
    let cause = fault.source.as_ref().map_or_else(String::new, |cause| format!(": {cause:#}"));
    stdio::note(&format!("{time}  {fault}{cause}{hint}"));
}
