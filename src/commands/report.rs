//! What commands that end in a report share: their flags, running, watching, showing.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use indexmap::IndexMap;
use tokio::sync::watch;

use super::signals::stop_on_signals;
use super::{Context, outputs};
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::units::Span;
use crate::base::yaml;
use crate::model::{Finding, Kind, Report, ReportSection, Runbook, Status};
use crate::render::{self, Progress, TerminalPrompt, stdio};
use crate::runbook::{self, Choice, Consent, Request};

/// How long tidying up after a dropped call may hold up the program's end.
const TIDY: Duration = Duration::from_secs(30);

/// Flags of a command that looks.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct LookFlags {
    /// Set a parameter of the runbook; may be repeated
    #[arg(short, long = "param", value_name = "KEY=VALUE", value_parser = parameter)]
    pub(crate) params: Vec<(String, String)>,
    /// Only this section or step; may be repeated
    #[arg(long, value_name = "ID")]
    pub(crate) only: Vec<String>,
    /// Leave out this section or step; may be repeated
    #[arg(long, value_name = "ID")]
    pub(crate) skip: Vec<String>,
    /// Time-out of each question, instead of the runbook's
    #[arg(long, value_name = "DURATION")]
    pub(crate) timeout: Option<Span>,
    /// Repeat after this pause and redraw
    #[arg(long, value_name = "DURATION")]
    pub(crate) watch: Option<Span>,
    /// Report to a dead-man switch: GET URL when ok or warning, URL/fail otherwise
    #[arg(long, value_name = "URL")]
    pub(crate) ping: Option<String>,
    /// Also write the report as metrics for node_exporter, atomically
    #[arg(long, value_name = "FILE")]
    pub(crate) textfile: Option<std::path::PathBuf>,
    /// Also write the report to a file, whatever becomes of the run; its ending says in which format: txt,
    /// md, json, yaml, xml (JUnit), prom
    #[arg(long, value_name = "FILE", value_parser = outputs::ReportFile::of)]
    pub(crate) report: Option<outputs::ReportFile>,
    /// Where a chart goes: a flag of the commands whose reports have a course over time.
    #[arg(skip)]
    pub(crate) chart: Option<std::path::PathBuf>,
}

/// Flags of a command whose runbook looks and acts.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    #[command(flatten)]
    pub(crate) look: LookFlags,
    #[command(flatten)]
    pub(crate) act: ActFlags,
}

/// Flags of a command that acts.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ActFlags {
    /// Check everything and print the exact calls; change nothing
    #[arg(long, help_heading = "Acting")]
    pub(crate) dry_run: bool,
    /// Consent without being asked
    #[arg(short, long, help_heading = "Acting")]
    pub(crate) yes: bool,
    /// Consent to a grave action by naming its target
    #[arg(long, value_name = "NAME", help_heading = "Acting")]
    pub(crate) confirm: Option<String>,
    /// Go on with the last run after the step at which it stopped
    #[arg(long, help_heading = "Acting")]
    pub(crate) resume: bool,
    /// Wait so long for another run that acts on the same target, with consent given; without it, be refused at once
    #[arg(long, value_name = "DURATION", help_heading = "Acting")]
    pub(crate) wait: Option<Span>,
}

pub(crate) fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as KEY=VALUE".to_owned()),
    }
}

/// Runs a runbook by name, shows its report, and returns the exit code.
pub(crate) async fn show(
    context: &Context,
    name: &str,
    look: &LookFlags,
    act: &ActFlags,
) -> Result<u8, CliError> {
    if let Some(pause) = look.watch {
        let runbook = sound(context, name)?;
        if !runbook.steps.is_empty() {
            return Err(
                CliError::usage(format!("--watch only looks, but {name} acts")).hint("leave out --watch")
            );
        }
        return watch(context, &runbook, look, pause.duration(), stop_on_signals()?).await;
    }
    let (report, whole) = made(context, name, look, act).await?;
    print(context, &report, look).await?;
    Ok(if whole { report.exit_code() } else { exit::INTERRUPTED })
}

/// Runs a runbook by name. The report, and whether nobody has interrupted it.
pub(crate) async fn made(
    context: &Context,
    name: &str,
    look: &LookFlags,
    act: &ActFlags,
) -> Result<(Report, bool), CliError> {
    // Known now rather than after hours of work.
    look.report.iter().try_for_each(outputs::ReportFile::probe)?;
    let runbook =
        sound(context, name).map_err(|fault| tell_fault(context, (name, name, Kind::Look), look, fault))?;
    let kind = if runbook.steps.is_empty() { Kind::Look } else { Kind::Act };
    let title = (runbook.name.as_str(), runbook.title(), kind);
    let stop = stop_on_signals()?;
    if kind == Kind::Act && !act.dry_run {
        // A run that is killed must not leave the last one's report to be taken for its own.
        let words = "running, or killed before its end: this is replaced when it ends";
        let finding = Finding::new("unfinished", "ordctl", Status::Unknown, words);
        let hint = format!("ordctl run {name} --resume");
        tell(
            context,
            title,
            look,
            ReportSection::new("unfinished", "Not finished", vec![finding.hint(hint)]),
        )?;
    }
    let report = once(context, &runbook, look, act, stop.clone())
        .await
        .map_err(|fault| tell_fault(context, title, look, fault))?;
    let whole = !*stop.borrow();
    Ok((report, whole))
}

/// Writes what kept a run from beginning where its report would stand: last week's must not be taken for
/// this week's. Gives the fault back.
fn tell_fault(context: &Context, title: (&str, &str, Kind), look: &LookFlags, fault: CliError) -> CliError {
    let summary = fault.chain();
    let status = if fault.code == exit::UNKNOWN { Status::Unknown } else { Status::Crit };
    let finding = Finding::new("fault", "ordctl", status, summary);
    let finding = fault.hint.iter().fold(finding, |f, hint| f.hint(hint));
    if let Err(other) = tell(context, title, look, ReportSection::new("fault", "Not run", vec![finding])) {
        stdio::note(&format!("warning: --report: {}", other.chain()));
    }
    fault
}

/// Writes a section where the report of a run would stand.
fn tell(
    context: &Context,
    (name, title, kind): (&str, &str, Kind),
    look: &LookFlags,
    section: ReportSection,
) -> Result<(), CliError> {
    let Some(file) = &look.report else { return Ok(()) };
    let world = context.world(None)?;
    let at = world.ctx.clock.now().with_timezone(&world.ctx.settings.time_zone).fixed_offset();
    let report = Report::new(name, title, kind, runbook::target(&world), at, vec![section]);
    file.write(&context.aimed(report))
}

/// The runbook, if there is nothing wrong with it: one that is broken must not run half-way.
pub(crate) fn sound(context: &Context, name: &str) -> Result<Runbook, CliError> {
    let entry = context.runbooks.find(name)?;
    let runbook = entry.parse()?;
    let problems = runbook::lint(&entry, &context.registry, &context.queries);
    match problems.first() {
        None => Ok(runbook),
        Some(first) => Err(CliError::usage(format!("{}: {}", first.place, first.message))
            .hint(format!("`ordctl runbook lint {name}` shows all {} problems", problems.len()))),
    }
}

/// One run of a runbook. Looking is dropped on a signal; acting ends after the step it is at.
pub(crate) async fn once(
    context: &Context,
    runbook: &Runbook,
    look: &LookFlags,
    act: &ActFlags,
    mut stop: watch::Receiver<bool>,
) -> Result<Report, CliError> {
    let progress = Arc::new(Progress::new(!context.flags.quiet));
    let mut world = context.world(Some(progress.clone()))?;
    let mut runbook = runbook.clone();
    if let Some(limit) = look.timeout {
        world.ctx.limit = limit.duration();
        runbook.timeout_seconds = Some(limit.as_secs_f64());
        // Who is in a hurry means every question; the steps that act keep the time they were given.
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
        dry_run: act.dry_run,
        resume: act.resume,
        consent: Consent { yes: act.yes, confirm: act.confirm.clone() },
        wait: act.wait.map(Span::duration).unwrap_or_default(),
    };
    let prompt = TerminalPrompt::new(progress.clone());
    let run = runbook::run(&world, &request, &prompt, stop.clone());
    let report = tokio::select! {
        report = run => report,
        Ok(_) = stop.wait_for(|stop| *stop), if !acts || act.dry_run => Err(CliError::interrupted("interrupted")),
    };
    // What was dropped half-way is tidied up before the report is shown: it tells how things are.
    world.ctx.clients.tidy.settle(TIDY).await;
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
        let report = once(context, runbook, look, &ActFlags::default(), stop.clone()).await?;
        stdio::clear()?;
        print(context, &report, look).await?;
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            Ok(_) = stop.wait_for(|stop| *stop) => return Ok(exit::INTERRUPTED),
        }
    }
}

/// Prints a report and hands it to where the flags say.
pub(crate) async fn print(context: &Context, report: &Report, look: &LookFlags) -> Result<(), CliError> {
    let report = &context.aimed(report.clone());
    let text = render::report(report, context.flags.output, context.style())?;
    // Standard output may be a full disk: what was done is told elsewhere all the same.
    let told = elsewhere(report, look).await;
    stdio::data(&text)?;
    told
}

/// Where a report goes besides standard output: to each, whatever happens with the others. The first
/// fault is returned.
pub(crate) async fn elsewhere(report: &Report, look: &LookFlags) -> Result<(), CliError> {
    let told = look.report.as_ref().map_or(Ok(()), |file| file.write(report));
    if report.kind == Kind::DryRun {
        return told;
    }
    let textfile = look.textfile.as_ref().map_or(Ok(()), |path| outputs::textfile(path, report));
    let chart = look.chart.as_ref().map_or(Ok(()), |path| outputs::chart(path, report));
    if let Some(url) = &look.ping {
        outputs::ping(url, report).await;
    }
    told.and(textfile).and(chart)
}
