//! Shared by commands that run a runbook: flags, running, watching, and printing the report.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use indexmap::IndexMap;
use tokio::sync::watch;

use super::act::ActFlags;
use super::context::no_file;
use super::signals::stop_on_signals;
use super::{Context, outputs};
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::shell;
use crate::base::units::Span;
use crate::base::yaml;
use crate::model::{Finding, Kind, Report, ReportSection, Runbook, Status};
use crate::render::{self, Progress, Style, TerminalPrompt, stdio};
use crate::runbook::{self, Choice, Consent, Request};

/// Flags of a report.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct LookFlags {
    /// Set a parameter of the runbook; repeatable
    #[arg(short, long = "param", value_name = "KEY=VALUE", value_parser = parameter)]
    pub(crate) params: Vec<(String, String)>,
    /// Run only this section or step; repeatable
    #[arg(long, value_name = "ID")]
    pub(crate) only: Vec<String>,
    /// Leave out this section or step; repeatable
    #[arg(long, value_name = "ID")]
    pub(crate) skip: Vec<String>,
    /// Show every check on a terminal too
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Repeat and redraw at this interval, such as 5s
    #[arg(long, value_name = "DURATION")]
    pub(crate) watch: Option<Span>,
    /// Ping a dead-man switch: URL when ok or warning, else URL/fail
    #[arg(long, value_name = "URL", hide_short_help = true)]
    pub(crate) ping: Option<String>,
    /// Also write metrics for node_exporter to this file
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub(crate) textfile: Option<std::path::PathBuf>,
    /// Also write the report to this file, such as report.md
    ///
    /// The extension sets the format: txt, md, json, yaml, xml (JUnit) or prom (Prometheus).
    #[arg(long, value_name = "FILE", value_parser = outputs::ReportFile::parse, hide_short_help = true)]
    pub(crate) report: Option<outputs::ReportFile>,
    /// Chart file, a flag of commands whose reports have time series.
    #[arg(skip)]
    pub(crate) chart: Option<std::path::PathBuf>,
}

/// Flags of a command that reports and acts.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    #[command(flatten)]
    pub(crate) look: LookFlags,
    #[command(flatten)]
    pub(crate) run: RunFlags,
}

/// Flags of a runbook that acts.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct RunFlags {
    #[command(flatten)]
    pub(crate) act: ActFlags,
    /// Continue an unfinished run where it stopped
    #[arg(long)]
    pub(crate) resume: bool,
    /// Wait this long for another run on the same target to end
    #[arg(long, value_name = "DURATION", hide_short_help = true)]
    pub(crate) wait: Option<Span>,
}

pub(crate) fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as KEY=VALUE".to_owned()),
    }
}

/// Runs a runbook by name, prints its report and returns the exit code.
pub(crate) async fn run_and_print(
    context: &Context,
    name: &str,
    look: &LookFlags,
    flags: &RunFlags,
) -> Result<u8, CliError> {
    if let Some(pause) = look.watch {
        let runbook = load_valid_runbook(context, name)?;
        if !runbook.steps.is_empty() {
            return Err(CliError::usage(format!("--watch: {name} is an action, not a report"))
                .hint("leave out --watch"));
        }
        return watch(context, &runbook, look, pause.duration(), stop_on_signals()?).await;
    }
    let (report, completed) = run(context, name, look, flags).await?;
    print(context, &report, look, flags).await?;
    if report.status == Status::Skipped && context.settings().file.is_none() {
        stdio::notes([no_file().as_str(), "hint: ordctl init"]);
    }
    Ok(if completed { report.exit_code() } else { exit::INTERRUPTED })
}

/// Runs a runbook by name. Returns the report, and whether the run was not interrupted.
pub(crate) async fn run(
    context: &Context,
    name: &str,
    look: &LookFlags,
    flags: &RunFlags,
) -> Result<(Report, bool), CliError> {
    // Fails now rather than after hours of work.
    look.report.iter().try_for_each(outputs::ReportFile::check_writable)?;
    let runbook = load_valid_runbook(context, name)
        .map_err(|e| report_error(context, (name, name, Kind::Look), look, e))?;
    let kind = if runbook.steps.is_empty() { Kind::Look } else { Kind::Act };
    let title = (runbook.name.as_str(), runbook.title(), kind);
    let stop = stop_on_signals()?;
    if kind == Kind::Act && !flags.act.dry_run {
        // If this run is killed, the previous report must not be taken for its own.
        let words = "Run: not finished, it is still running or was killed";
        let finding = Finding::new("unfinished", "ordctl", Status::Unknown, words);
        let hint = shell::run(name, "--resume");
        write_section(
            context,
            title,
            look,
            ReportSection::new("unfinished", "Not finished", vec![finding.hint(hint)]),
        )?;
    }
    let report = run_once(context, &runbook, look, flags, stop.clone())
        .await
        .map_err(|e| report_error(context, title, look, e))?;
    let completed = !*stop.borrow();
    if report.kind == Kind::Act {
        let (words, code) = match report.exit_code() {
            _ if !completed => ("was interrupted", exit::INTERRUPTED),
            exit::REFUSED => ("was refused; nothing was changed", exit::REFUSED),
            exit::OK => ("is done", exit::OK),
            exit::WARNING => ("is done with warnings", exit::WARNING),
            code => ("failed", code),
        };
        context.set_outcome(format!("{name} {words}"), code);
    }
    Ok((report, completed))
}

/// Writes the error that prevented a run to the report file, so that an older report is not taken for
/// this run's. Returns the error.
fn report_error(context: &Context, title: (&str, &str, Kind), look: &LookFlags, error: CliError) -> CliError {
    let status = if error.code == exit::UNKNOWN { Status::Unknown } else { Status::Crit };
    let finding = Finding::new("fault", "ordctl", status, error.chain());
    let finding = error.hint.iter().fold(finding, |f, hint| f.hint(hint));
    let section = ReportSection::new("fault", "Not run", vec![finding]);
    if let Err(other) = write_section(context, title, look, section) {
        stdio::note(&format!("warning: --report: {}", other.chain()));
    }
    error
}

/// Writes a report of one section to the report file.
fn write_section(
    context: &Context,
    (name, title, kind): (&str, &str, Kind),
    look: &LookFlags,
    section: ReportSection,
) -> Result<(), CliError> {
    let Some(file) = &look.report else { return Ok(()) };
    let executor = context.executor(None)?;
    let at = executor.ctx.clock.now().with_timezone(&executor.ctx.settings.time_zone).fixed_offset();
    let report = Report::new(name, title, kind, runbook::target(&executor), at, vec![section]);
    file.write(&context.qualified(report))
}

/// Loads a runbook; one with problems is an error before any step runs.
pub(crate) fn load_valid_runbook(context: &Context, name: &str) -> Result<Runbook, CliError> {
    let runbook = runbook::load_valid(&context.runbooks, &context.registry, &context.queries, name)?;
    for warning in runbook::warnings(&runbook) {
        stdio::note(&format!("warning: {warning}"));
    }
    Ok(runbook)
}

/// Runs a runbook once. A signal drops a report at once and ends an action after its current step.
pub(crate) async fn run_once(
    context: &Context,
    runbook: &Runbook,
    look: &LookFlags,
    flags: &RunFlags,
    mut stop: watch::Receiver<bool>,
) -> Result<Report, CliError> {
    // Every step has a limit.
    context.deadline.lift();
    let progress = Arc::new(Progress::new(!context.flags.quiet));
    let mut executor = context.executor(Some(progress.clone()))?;
    let mut runbook = runbook.clone();
    if let Some(limit) = context.flags.timeout {
        executor.ctx.limit = limit.duration();
        runbook.timeout_seconds = Some(limit.as_secs_f64());
        // The limit is for every check; steps that act keep their own.
        let sections = runbook.sections.iter_mut().flat_map(|s| &mut s.steps);
        let looks = sections.chain(&mut runbook.diagnose).chain(&mut runbook.verify);
        looks.for_each(|step| step.timeout_seconds = None);
    }
    let params: IndexMap<_, _> = look.params.iter().map(|(k, v)| (k.clone(), yaml::scalar(v))).collect();
    let acts = !runbook.steps.is_empty();
    let request = Request {
        runbook,
        params,
        choice: Choice { only: look.only.clone(), skip: look.skip.clone() },
        dry_run: flags.act.dry_run,
        resume: flags.resume,
        consent: Consent::CommandLine(flags.act.consent()),
        wait: flags.wait.map(Span::duration).unwrap_or_default(),
    };
    let prompt = TerminalPrompt::new(progress.clone(), flags.act.show_statements, stop.clone());
    let report = runbook::run(&executor, &request, &prompt, stop.clone());
    let report = tokio::select! {
        report = report => report,
        Ok(_) = stop.wait_for(|stop| *stop), if !acts || flags.act.dry_run => Err(CliError::interrupted("interrupted")),
    };
    progress.clear();
    report
}

async fn watch(
    context: &Context,
    runbook: &Runbook,
    look: &LookFlags,
    pause: Duration,
    mut stop: watch::Receiver<bool>,
) -> Result<u8, CliError> {
    loop {
        let flags = RunFlags::default();
        let report = run_once(context, runbook, look, &flags, stop.clone()).await?;
        stdio::clear()?;
        print(context, &report, look, &flags).await?;
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            Ok(_) = stop.wait_for(|stop| *stop) => return Ok(exit::INTERRUPTED),
        }
    }
}

/// Prints a report and writes it to the outputs that the flags name.
pub(crate) async fn print(
    context: &Context,
    report: &Report,
    look: &LookFlags,
    flags: &RunFlags,
) -> Result<(), CliError> {
    let report = &context.qualified(report.clone());
    // Whoever chose a section wants to see it.
    let compact = stdio::out_is_terminal() && !look.verbose && look.only.is_empty();
    let style = Style { statements: flags.act.show_statements, compact, ..context.style() };
    let text = render::report(report, context.flags.output, style)?;
    // A full disk behind standard output must not keep the report from the other outputs.
    let written = write_outputs(report, look).await;
    stdio::data(&text)?;
    written
}

/// Writes the report file, the metrics and the chart, and pings. All are tried; the first error is
/// returned.
pub(crate) async fn write_outputs(report: &Report, look: &LookFlags) -> Result<(), CliError> {
    let file = look.report.as_ref().map_or(Ok(()), |file| file.write(report));
    if report.kind == Kind::DryRun {
        return file;
    }
    let textfile = look.textfile.as_ref().map_or(Ok(()), |path| outputs::textfile(path, report));
    let chart = look.chart.as_ref().map_or(Ok(()), |path| outputs::chart(path, report));
    if let Some(url) = &look.ping {
        outputs::ping(url, report).await;
    }
    file.and(textfile).and(chart)
}
