//! `baseline`: measures performance and compares it with targets and with a saved baseline.
//!
//! Later runs are judged by the saved figures, so they are saved only when every step of this run
//! succeeded. A figure that misses its target is valid; it is saved with a warning.

use std::path::{Path, PathBuf};

use clap::Args;

use super::report::{Flags, print, run};
use super::{Context, outputs};
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::layout::Layout;
use crate::base::plain_file;
use crate::base::sanitize::sanitize;
use crate::base::units;
use crate::clients::host;
use crate::model::{BASELINE_VERSION, Baseline as Saved, Figure, Kind, Machine, Report, Status, compare};
use crate::render::stdio;
use crate::runbook::Choice;

const RUNBOOK: &str = "operate/baseline";

/// Measure performance and compare it with a saved baseline
#[derive(Debug, Args)]
// Measuring probes is no high-impact action, so the short help leaves --confirm out.
#[command(after_help = EXAMPLES, mut_arg("confirm", |arg| arg.hide_short_help(true)))]
pub(crate) struct Baseline {
    #[command(flatten)]
    flags: Flags,
    /// Save the figures to this file [default: the environment's]
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    save: Option<Option<PathBuf>>,
    /// Compare with the figures in this file
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    compare: Option<Option<PathBuf>>,
    /// Warn about figures that are worse by more than this
    #[arg(long, value_name = "PERCENT", default_value = "20%", value_parser = share, hide_short_help = true)]
    threshold: f64,
}

const EXAMPLES: &str = "\
Examples:
  ordctl baseline --dry-run
  ordctl baseline --yes --save
  ordctl baseline --yes --compare --threshold 30%
  ordctl baseline --skip probes            measure without probe tasks
  ordctl baseline --only api -p rate=200 -p duration=1m";

/// `20%` as 0.2.
fn share(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).trim().parse::<f64>().ok();
    match number.filter(|n| (0.1..=1000.0).contains(n)) {
        Some(percent) => Ok(percent / 100.0),
        None => Err("use a percentage between 0.1% and 1000%, such as 20%".to_owned()),
    }
}

impl Baseline {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let Flags { look, run: run_flags } = &self.flags;
        if look.watch.is_some() {
            return Err(
                CliError::usage("--watch: baseline is an action, not a report").hint("leave out --watch")
            );
        }
        let choice = Choice { only: look.only.clone(), skip: look.skip.clone() };
        self.check(&choice)?;
        // An unreadable file fails before anything is measured.
        let saved = self.compare.as_ref().map(|given| read(&file(context, given.as_deref()))).transpose()?;
        let (mut report, completed) = run(context, RUNBOOK, look, run_flags).await?;
        if report.kind == Kind::DryRun {
            print(context, &report, look, run_flags).await?;
            return Ok(report.exit_code());
        }
        let measured = Saved::of(&report, machine());
        if let (Some((path, then)), true) = (&saved, completed) {
            let missing = |id: &str| missing(&report, &choice, id);
            let section = compare(&measured, then, path, self.threshold, missing);
            report = report.with(section);
        }
        print(context, &report, look, run_flags).await?;
        match (&self.save, completed) {
            (None, true) => {}
            (None, false) => return Ok(exit::INTERRUPTED),
            (Some(_), false) => return Err(CliError::interrupted("--save: interrupted, nothing was saved")),
            (Some(given), true) => save(&file(context, given.as_deref()), &measured, &report)?,
        }
        Ok(report.exit_code())
    }

    /// Refuses flags that cannot be combined, before anything is measured.
    fn check(&self, choice: &Choice) -> Result<(), CliError> {
        if self.save.is_some() && !choice.is_everything() {
            let message = "--save needs a complete baseline, so it cannot be combined with --only or --skip";
            return Err(CliError::usage(message).hint("ordctl baseline --yes --save"));
        }
        if self.flags.run.resume && (self.save.is_some() || self.compare.is_some()) {
            let message =
                "--save and --compare need a complete run, so they cannot be combined with --resume";
            return Err(CliError::usage(message).hint("leave out --resume"));
        }
        Ok(())
    }
}

/// The status and the reason of a saved figure that this run lacks.
fn missing(report: &Report, choice: &Choice, id: &str) -> (Status, String) {
    let step = id.split('.').nth(1).unwrap_or(id);
    if let Some(why) = choice.skip_reason(&[step]) {
        return (Status::Skipped, format!("it was {why}"));
    }
    match report.findings().find(|f| f.id == id) {
        Some(f) if f.status == Status::Skipped => (Status::Skipped, "it was skipped in this run".to_owned()),
        Some(_) => (Status::Unknown, "this run has no verdict on it".to_owned()),
        None => (Status::Unknown, "it was not measured in this run".to_owned()),
    }
}

/// Saves the figures if every step succeeded, and warns about figures that miss their target.
fn save(path: &Path, measured: &Saved, report: &Report) -> Result<(), CliError> {
    // A critical finding with a figure has only missed its target.
    let failed = |status| matches!(status, Status::Crit | Status::Unknown);
    let of_run = || report.sections.iter().filter(|s| s.id != "comparison").flat_map(|s| &s.findings);
    let flaws: Vec<String> = of_run()
        .filter(|f| failed(f.status) && Figure::of(f).is_none())
        .map(|f| format!("{} is {}", f.id.strip_prefix("steps.").unwrap_or(&f.id), f.status.word()))
        .collect();
    if !flaws.is_empty() {
        let stays = if path.exists() { format!(", {} is unchanged", path.display()) } else { String::new() };
        let error = CliError::failed(format!("--save: nothing was saved{stays}: {}", flaws.join(", ")));
        return Err(CliError { code: report.exit_code(), ..error }.hint("ordctl baseline --yes --save"));
    }
    write(path, measured)?;
    for figure in measured.figures.values().filter(|f| f.misses()) {
        let show = |value: f64| units::quantity(value, Some(&figure.unit));
        let (value, target) = (show(figure.value), show(figure.target.unwrap_or_default()));
        let title = &figure.title;
        stdio::note(&format!(
            "warning: saved a figure that misses its target: {title} {value}, target {target}"
        ));
    }
    for finding in of_run().filter(|f| f.status == Status::Skipped && f.id.starts_with("steps.")) {
        stdio::note(&format!("warning: not saved: {}", finding.summary));
    }
    Ok(())
}

/// The given file, or the environment's.
fn file(context: &Context, given: Option<&Path>) -> PathBuf {
    if let Some(path) = given {
        return path.to_owned();
    }
    let settings = context.settings();
    let name = sanitize(&settings.environment, "_", '-');
    Layout::new(settings.data_dir()).baselines().join(format!("{name}.json"))
}

fn read(path: &Path) -> Result<(PathBuf, Saved), CliError> {
    let name = path.display();
    let hint = "ordctl baseline --yes --save";
    let text = plain_file::read_argument(path)
        .map_err(|e| CliError::usage(format!("--compare: cannot read {name}")).because(e).hint(hint))?;
    let saved: Saved = serde_json::from_str(&text).map_err(|e| {
        CliError::usage(format!("--compare: {name} is not a saved baseline")).because(e).hint(hint)
    })?;
    if saved.schema_version != BASELINE_VERSION {
        let message =
            format!("--compare: {name} has version {}, not {BASELINE_VERSION}", saved.schema_version);
        return Err(CliError::usage(message).hint(hint));
    }
    Ok((path.to_owned(), saved))
}

/// Writes the file. A measurement without figures must not replace a good one.
fn write(path: &Path, measured: &Saved) -> Result<(), CliError> {
    if measured.figures.is_empty() {
        return Err(CliError::failed("--save: nothing was measured, nothing was saved"));
    }
    let fail = |e: std::io::Error| CliError::failed(format!("cannot write {}", path.display())).because(e);
    if let Some(directory) = path.parent().filter(|d| !d.as_os_str().is_empty()) {
        std::fs::create_dir_all(directory).map_err(fail)?;
    }
    let text = serde_json::to_string_pretty(measured).map_err(|e| fail(e.into()))?;
    outputs::write_atomically(path, &(text + "\n"))?;
    stdio::note(&format!("{} figures saved to {}\n", measured.figures.len(), path.display()));
    Ok(())
}

/// This machine; an unknown value is 0.
fn machine() -> Machine {
    Machine {
        cpus: std::thread::available_parallelism().map_or(0, |n| n.get() as u64),
        memory_bytes: host::memory().map_or(0, |m| m.total),
        kernel: rustix::system::uname().release().to_string_lossy().into_owned(),
    }
}
