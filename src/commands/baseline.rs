//! `baseline`: does the system perform as it should, and as it did?

use std::path::{Path, PathBuf};

use clap::Args;

use super::report::{Flags, made, print};
use super::{Context, outputs};
use crate::base::exit;
use crate::base::fault::Fault;
use crate::base::layout::Layout;
use crate::clients::host;
use crate::model::{BASELINE_VERSION, Baseline as Saved, Kind, Machine, compare};
use crate::render::stdio;

const RUNBOOK: &str = "operate/baseline";

/// Does the system perform as it should, and as it did?
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Baseline {
    #[command(flatten)]
    flags: Flags,
    /// Keep the figures, atomically; without FILE one for the environment, in the data directory
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    save: Option<Option<PathBuf>>,
    /// Show each figure beside the one that was kept; without FILE the environment's
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    compare: Option<Option<PathBuf>>,
    /// From how much worse on it is a warning
    #[arg(long, value_name = "PERCENT", default_value = "20%", value_parser = share)]
    threshold: f64,
}

const EXAMPLES: &str = "\
Examples:
  ordctl baseline --dry-run
  ordctl baseline --yes --save
  ordctl baseline --yes --compare --threshold 30%
  ordctl baseline --yes -o junit --compare baseline.json
  ordctl baseline --skip probes            only looks: makes no task, needs no consent
  ordctl baseline --only api -p rate=200 -p duration=1m";

/// `20%` as 0.2.
fn share(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).trim().parse::<f64>().ok();
    match number.filter(|n| (0.1..=1000.0).contains(n)) {
        Some(percent) => Ok(percent / 100.0),
        None => Err("write a share such as 20%, between 0.1% and 1000%".to_owned()),
    }
}

impl Baseline {
    /// Runs it.
    pub async fn execute(&self, context: &Context) -> Result<u8, Fault> {
        let Flags { look, act } = &self.flags;
        if look.watch.is_some() {
            return Err(Fault::usage("--watch only looks, but baseline acts").hint("leave out --watch"));
        }
        // What cannot be read is known before anything is measured.
        let kept = self.compare.as_ref().map(|given| read(&file(context, given.as_deref()))).transpose()?;
        let (mut report, whole) = made(context, RUNBOOK, look, act).await?;
        if report.kind == Kind::DryRun {
            print(context, &report, look).await?;
            return Ok(report.exit_code());
        }
        let measured = Saved::of(&report, machine());
        if let (Some((path, then)), true) = (&kept, whole) {
            report = report.with(compare(&measured, then, path, self.threshold));
        }
        print(context, &report, look).await?;
        if !whole {
            return Ok(exit::INTERRUPTED);
        }
        if let Some(given) = &self.save {
            write(&file(context, given.as_deref()), &measured)?;
        }
        Ok(report.exit_code())
    }
}

/// The file that was named, or the environment's.
fn file(context: &Context, given: Option<&Path>) -> PathBuf {
    if let Some(path) = given {
        return path.to_owned();
    }
    let settings = context.settings();
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    let name: String = settings.environment.chars().map(plain).collect();
    Layout::new(settings.data_dir()).baselines().join(format!("{name}.json"))
}

fn read(path: &Path) -> Result<(PathBuf, Saved), Fault> {
    let name = path.display();
    let hint = "ordctl baseline --yes --save keeps one";
    let text = std::fs::read_to_string(path)
        .map_err(|e| Fault::usage(format!("--compare: cannot read {name}")).because(e).hint(hint))?;
    let saved: Saved = serde_json::from_str(&text)
        .map_err(|e| Fault::usage(format!("--compare: {name} is no saved baseline")).because(e).hint(hint))?;
    if saved.schema_version != BASELINE_VERSION {
        let message =
            format!("--compare: {name} has version {}, not {BASELINE_VERSION}", saved.schema_version);
        return Err(Fault::usage(message).hint(hint));
    }
    Ok((path.to_owned(), saved))
}

/// Keeps the figures. A measurement without any would take the place of a good one.
fn write(path: &Path, measured: &Saved) -> Result<(), Fault> {
    if measured.figures.is_empty() {
        return Err(Fault::failed("--save: nothing was measured, so nothing is kept"));
    }
    let fail = |e: std::io::Error| Fault::failed(format!("cannot write {}", path.display())).because(e);
    if let Some(directory) = path.parent().filter(|d| !d.as_os_str().is_empty()) {
        std::fs::create_dir_all(directory).map_err(fail)?;
    }
    let text = serde_json::to_string_pretty(measured).map_err(|e| fail(e.into()))?;
    outputs::atomically(path, &(text + "\n"))?;
    stdio::note(&format!("{} figures are kept in {}\n", measured.figures.len(), path.display()));
    Ok(())
}

/// This machine; what it does not tell is 0.
fn machine() -> Machine {
    Machine {
        cpus: std::thread::available_parallelism().map_or(0, |n| n.get() as u64),
        memory_bytes: host::memory().map_or(0, |m| m.total),
        kernel: rustix::system::uname().release().to_string_lossy().into_owned(),
    }
}
