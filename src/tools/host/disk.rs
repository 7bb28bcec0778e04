//! `check.disk`: space and inodes of the filesystems that matter, each reported once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::future::join_all;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::base::sanitize::ident;
use crate::base::shell;
use crate::base::units;
use crate::clients::ClientError;
use crate::clients::host;
use crate::clients::host::Filesystem;
use crate::model::{Finding, Status, Threshold};
use crate::tools::{Output, Tool, ToolContext, ToolError};

/// Per filesystem: a dead NFS server must not hide the others.
const TIMEOUT: Duration = Duration::from_secs(3);
/// For the data directory of the Docker engine.
const ENGINE_TIMEOUT: Duration = Duration::from_secs(1);

pub(crate) struct Disk;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Warn at or above this percentage of used space.
    #[serde(default = "warn")]
    pub(crate) warn: f64,
    /// Critical at or above this percentage of used space.
    #[serde(default = "crit")]
    pub(crate) crit: f64,
    /// Warn at or above this percentage of used inodes.
    #[serde(default = "warn")]
    pub(crate) inodes_warn: f64,
    /// Critical at or above this percentage of used inodes.
    #[serde(default = "crit")]
    pub(crate) inodes_crit: f64,
    /// Paths to check instead of `disks`, the data directory and Docker's data directory.
    #[serde(default)]
    pub(crate) paths: Vec<PathBuf>,
}

const fn warn() -> f64 {
    80.0
}

const fn crit() -> f64 {
    90.0
}

impl Tool for Disk {
    type Params = Params;
    type Result = Vec<Filesystem>;

    const NAME: &'static str = "check.disk";
    const HELP: &'static str = "Report disk space and inodes of the configured, data and Docker filesystems";
    const SOURCE: &'static str = host::SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Vec<Filesystem>>, ToolError> {
        let paths = if params.paths.is_empty() { paths(ctx).await } else { params.paths.clone() };
        let looked = join_all(paths.iter().map(|p| look(p))).await;
        let mut findings = Vec::new();
        let mut filesystems: Vec<Filesystem> = Vec::new();
        for (path, found) in paths.iter().zip(looked) {
            match found {
                Ok(fs) if filesystems.iter().any(|f| f.device == fs.device) => {}
                Ok(fs) => {
                    findings.extend(judge(&fs, &params));
                    filesystems.push(fs);
                }
                Err(e) => findings.push(unreadable(path, &e)),
            }
        }
        Ok(Output::new(findings, filesystems))
    }
}

/// The configured disks, the data directory and Docker's data directory.
async fn paths(ctx: &ToolContext) -> Vec<PathBuf> {
    let mut paths = ctx.settings.disks.clone();
    // Before the first run its nearest existing parent counts.
    let data = ctx.settings.data_dir();
    let found = tokio::time::timeout(TIMEOUT, host::existing(data.clone())).await;
    paths.push(found.unwrap_or(data));
    if let Ok(platform) = ctx.clients.platform()
        && let Ok(Ok(Some(root))) = tokio::time::timeout(ENGINE_TIMEOUT, platform.data_dir()).await
    {
        // An engine in a virtual machine names a path that is not here.
        if tokio::time::timeout(TIMEOUT, host::existing(root.clone())).await.is_ok_and(|e| e == root) {
            paths.push(root);
        }
    }
    paths
}

async fn look(path: &Path) -> Result<Filesystem, ClientError> {
    match tokio::time::timeout(TIMEOUT, host::filesystem(path)).await {
        Ok(found) => found,
        Err(_) => Err(ClientError::unreachable(
            host::SYSTEM,
            format!("{}: no answer from the filesystem", path.display()),
        )),
    }
}

fn unreadable(path: &Path, error: &ClientError) -> Finding {
    let summary = format!("{}: {error}", path.display());
    Finding::new(&id_of(path), host::SYSTEM, Status::Unknown, summary)
        .hint(format!("grep {} /proc/mounts", shell::quoted(path.display())))
}

fn id_of(path: &Path) -> String {
    if path == Path::new("/") { "root".to_owned() } else { ident(&path.to_string_lossy()) }
}

#[expect(clippy::cast_precision_loss, reason = "bytes for a reader")]
fn judge(fs: &Filesystem, params: &Params) -> Vec<Finding> {
    let id = id_of(&fs.mount);
    let (mount, quoted) = (fs.mount.display(), shell::word(fs.mount.display()));
    let share = fs.used_percent();
    let (free, total) = (units::bytes(fs.available as f64), units::bytes(fs.total as f64));
    let summary = format!("Disk {mount}: {share:.1} % used, {free} of {total} free");
    let threshold = Threshold::above(Some(params.warn), Some(params.crit));
    let room = Finding::measured(&id, host::SYSTEM, summary, share, Some("%"), threshold)
        .hint(format!("du -xah {quoted} | sort -h | tail -20"))
        .details(json!(fs));
    let inodes = fs.inodes_percent().map(|share| {
        let left = units::count(fs.inodes.saturating_sub(fs.inodes_used) as f64);
        let summary = format!("Inodes {mount}: {share:.1} % used, {left} free");
        let threshold = Threshold::above(Some(params.inodes_warn), Some(params.inodes_crit));
        Finding::measured(&format!("{id}.inodes"), host::SYSTEM, summary, share, Some("%"), threshold)
            .hint(format!("du -x --inodes --max-depth=2 {quoted} | sort -n | tail -20"))
    });
    Some(room).into_iter().chain(inodes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_and_inodes_have_separate_findings() {
        let fs = Filesystem {
            path: "/var/lib".into(),
            mount: "/".into(),
            device: 1,
            total: 1 << 30,
            used: 850,
            available: 150,
            inodes: 100,
            inodes_used: 95,
        };
        let params: Params = serde_json::from_value(json!({})).unwrap();
        let found = judge(&fs, &params);
        assert_eq!((found[0].id.as_str(), found[0].status), ("root", Status::Warn));
        assert_eq!(found[0].summary, "Disk /: 85.0 % used, 150 B of 1.0 GiB free");
        assert_eq!((found[1].id.as_str(), found[1].status), ("root.inodes", Status::Crit));
        let evil = Filesystem { mount: "/mnt/a;touch pwn".into(), ..fs.clone() };
        let hints: Vec<String> = judge(&evil, &params).into_iter().filter_map(|f| f.hint).collect();
        assert_eq!(hints.len(), 2);
        for hint in hints {
            assert!(shell_words::split(&hint).unwrap().contains(&"/mnt/a;touch pwn".to_owned()), "{hint}");
        }
        assert_eq!(judge(&Filesystem { inodes: 0, ..fs }, &params).len(), 1);
    }

    #[tokio::test]
    async fn an_unreadable_filesystem_is_unknown() {
        let path = Path::new("/no/such/disk");
        let finding = unreadable(path, &look(path).await.unwrap_err());
        assert_eq!((finding.id.as_str(), finding.status), ("no-such-disk", Status::Unknown));
        assert!(finding.summary.contains("No such file"), "{}", finding.summary);
    }
}
