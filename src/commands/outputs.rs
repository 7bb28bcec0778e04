//! Where a report goes besides standard output: a file, metrics, a chart, a dead-man switch.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::base::cli_error::CliError;
use crate::base::secret::SecretUrl;
use crate::clients::http::{Get, Http};
use crate::model::{Report, Status};
use crate::render::{self, Format, Style, stdio};

/// How long the dead-man switch may take.
const PING_LIMIT: Duration = Duration::from_secs(10);

/// A file that a report goes to; its ending is its format.
#[derive(Clone, Debug)]
pub(crate) struct ReportFile {
    path: PathBuf,
    format: Format,
}

impl ReportFile {
    /// Reads it from the command line.
    pub(crate) fn of(path: &str) -> Result<Self, String> {
        let path = PathBuf::from(path);
        let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        let format = match ending.as_str() {
            "txt" | "text" => Format::Text,
            "md" | "markdown" => Format::Markdown,
            "json" => Format::Json,
            "yaml" | "yml" => Format::Yaml,
            "xml" => Format::Junit,
            "prom" => Format::Prometheus,
            _ => return Err("its ending must be txt, md, json, yaml, xml (JUnit) or prom".to_owned()),
        };
        Ok(Self { path, format })
    }

    /// Whether it could be written, as far as that can be told without touching it.
    pub(crate) fn probe(&self) -> Result<(), CliError> {
        let refuse = |e: std::io::Error| {
            let fault = CliError::refused(format!("cannot write {}", self.path.display())).because(e);
            fault.hint("nothing was done; name another file with --report")
        };
        if self.path.is_dir() {
            return Err(refuse(std::io::ErrorKind::IsADirectory.into()));
        }
        let temporary = beside(&self.path);
        File::create(&temporary).and_then(|_| std::fs::remove_file(&temporary)).map_err(refuse)
    }

    /// Writes a report: whole, without colours.
    pub(crate) fn write(&self, report: &Report) -> Result<(), CliError> {
        atomically(&self.path, &render::report(report, self.format, Style::default())?)
    }
}

/// Writes the report as metrics for node_exporter, which must never read half a file.
pub(crate) fn textfile(path: &Path, report: &Report) -> Result<(), CliError> {
    atomically(path, &render::report(report, Format::Prometheus, Style::default())?)
}

/// Draws what has a course over time.
pub(crate) fn chart(path: &Path, report: &Report) -> Result<(), CliError> {
    atomically(path, &render::chart(report))
}

/// A name in the same directory, for what is not whole yet.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

/// Writes a text next to `path` and renames it there.
pub(crate) fn atomically(path: &Path, text: &str) -> Result<(), CliError> {
    let temporary = beside(path);
    let write = || -> std::io::Result<()> {
        let mut file = File::create(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)
    };
    write().map_err(|e| {
        // The old file stays as it was; the half-written one goes.
        drop(std::fs::remove_file(&temporary));
        CliError::failed(format!("cannot write {}", path.display())).because(e)
    })
}

/// Tells a dead-man switch how it went. When that fails there is a note: the verdict stands.
pub(crate) async fn ping(url: &str, report: &Report) {
    let well = matches!(report.status, Status::Ok | Status::Warn);
    let url = if well { url.to_owned() } else { format!("{}/fail", url.trim_end_matches('/')) };
    let url = SecretUrl::new(url);
    match Http::new().get(Get::new("dead-man switch", &url, PING_LIMIT)).await {
        Ok(answer) if answer.status < 400 => {}
        Ok(answer) => {
            stdio::note(&format!("warning: --ping: the dead-man switch answered {}", answer.status))
        }
        Err(e) => stdio::note(&format!("warning: --ping: {e}")),
    }
}
