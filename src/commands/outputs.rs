//! Where a report goes besides standard output: a metrics file, a chart, a dead-man switch.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use crate::base::fault::Fault;
use crate::base::secret::SecretUrl;
use crate::clients::http::{Get, Http};
use crate::model::{Report, Status};
use crate::render::{self, Format, Style, stdio};

/// How long the dead-man switch may take.
const PING_LIMIT: Duration = Duration::from_secs(10);

/// Writes the report as metrics for node_exporter, which must never read half a file.
pub fn textfile(path: &Path, report: &Report) -> Result<(), Fault> {
    atomically(path, &render::report(report, Format::Prometheus, Style::default())?)
}

/// Draws what has a course over time.
pub fn chart(path: &Path, report: &Report) -> Result<(), Fault> {
    atomically(path, &render::chart(report))
}

/// Writes a text next to `path` and renames it there.
pub fn atomically(path: &Path, text: &str) -> Result<(), Fault> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    let write = || -> std::io::Result<()> {
        let mut file = File::create(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)
    };
    write().map_err(|e| {
        // The old file stays as it was; the half-written one goes.
        drop(std::fs::remove_file(&temporary));
        Fault::failed(format!("cannot write {}", path.display())).because(e)
    })
}

/// Tells a dead-man switch how it went. When that fails there is a note: the verdict stands.
pub async fn ping(url: &str, report: &Report) {
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
