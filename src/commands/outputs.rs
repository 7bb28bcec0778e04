//! Outputs of a report besides standard output: a file, metrics, a chart, a dead-man switch.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::base::atomic;
use crate::base::cli_error::CliError;
use crate::base::secret::SecretUrl;
use crate::clients::ClientError;
use crate::clients::http::{Get, Http};
use crate::model::{Report, Status};
use crate::render::{self, Format, Style, stdio};

const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// A report file; its extension sets the format.
#[derive(Clone, Debug)]
pub(crate) struct ReportFile {
    path: PathBuf,
    format: Format,
}

impl ReportFile {
    pub(crate) fn parse(path: &str) -> Result<Self, String> {
        let path = PathBuf::from(path);
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        let format = match extension.as_str() {
            "txt" | "text" => Format::Text,
            "md" | "markdown" => Format::Markdown,
            "json" => Format::Json,
            "yaml" | "yml" => Format::Yaml,
            "xml" => Format::Junit,
            "prom" => Format::Prometheus,
            _ => return Err("the extension must be txt, md, json, yaml, xml (JUnit) or prom".to_owned()),
        };
        Ok(Self { path, format })
    }

    /// Checks that the file can be written, without changing it.
    pub(crate) fn check_writable(&self) -> Result<(), CliError> {
        let refuse = |e: std::io::Error| {
            let error = CliError::refused(format!("cannot write {}", self.path.display())).because(e);
            error.hint("nothing was done; choose another file with --report")
        };
        if self.path.is_dir() {
            return Err(refuse(std::io::ErrorKind::IsADirectory.into()));
        }
        let temporary = atomic::temporary_path(&self.path);
        File::create(&temporary).and_then(|_| std::fs::remove_file(&temporary)).map_err(refuse)
    }

    /// Writes a complete report without color.
    pub(crate) fn write(&self, report: &Report) -> Result<(), CliError> {
        write_atomically(&self.path, &render::report(report, self.format, Style::default())?)
    }
}

/// Writes metrics for node_exporter, which must never read a partial file.
pub(crate) fn textfile(path: &Path, report: &Report) -> Result<(), CliError> {
    write_atomically(path, &render::report(report, Format::Prometheus, Style::default())?)
}

/// Draws the time series.
pub(crate) fn chart(path: &Path, report: &Report) -> Result<(), CliError> {
    write_atomically(path, &render::chart(report))
}

pub(crate) fn write_atomically(path: &Path, text: &str) -> Result<(), CliError> {
    atomic::write(path, text.as_bytes())
        .map_err(|e| CliError::output(format!("cannot write {}", path.display())).because(e))
}

/// Pings a dead-man switch. A failure is a warning and does not change the verdict.
pub(crate) async fn ping(url: &str, report: &Report) {
    let is_ok = matches!(report.status, Status::Ok | Status::Warn);
    let url = if is_ok { url.to_owned() } else { format!("{}/fail", url.trim_end_matches('/')) };
    let url = SecretUrl::new(url);
    match Http::new().get(Get::new("dead-man switch", &url, PING_TIMEOUT)).await {
        Ok(answer) if answer.status < 400 => {}
        Ok(answer) => {
            stdio::note(&format!("warning: --ping: the dead-man switch answered {}", answer.status))
        }
        // Where a URL is not valid, any part of it may be its secret.
        Err(ClientError::Misconfigured { message, .. }) => {
            stdio::note(&format!("warning: --ping: the URL is not valid: {message}"));
        }
        Err(e) => stdio::note(&format!("warning: --ping: {e}")),
    }
}
