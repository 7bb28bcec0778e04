//! The server process: detects, starts and stops it.
//!
//! `postmaster.pid` alone is not proof: it survives kill -9, and another process may have its pid. The
//! server of this cluster is the process whose working directory is the cluster. Without /proc, a server
//! that answers on the socket counts as this one.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::EmbeddedError;
use super::account::{Account, output};
use super::binaries::Binaries;
use super::locks::POLL;
use crate::base::layout::Layout;
use crate::base::plain_file;

const START_TIMEOUT: Duration = Duration::from_secs(120);
const STOP_TIMEOUT: Duration = Duration::from_secs(60);
const ORPHANS_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Down,
    /// Starting, recovering or stopping.
    Transitioning,
    /// Accepts connections. The pid is unknown if its process is not visible (another container).
    Up(Option<u32>),
}

pub(super) struct Postmaster {
    cluster: PathBuf,
    socket_dir: PathBuf,
    logs: PathBuf,
}

impl Postmaster {
    pub(crate) fn new(layout: &Layout) -> Self {
        Self {
            cluster: layout.embedded_cluster(),
            socket_dir: layout.embedded_socket_dir(),
            logs: layout.embedded().join("log"),
        }
    }

    pub(crate) fn accepts_connections(&self) -> bool {
        UnixStream::connect(self.socket_dir.join(".s.PGSQL.5432")).is_ok()
    }

    pub(crate) fn state(&self) -> State {
        let file = self.pid_file();
        match file {
            Some((pid, ready)) if self.is_ours(pid) => {
                if ready && self.accepts_connections() {
                    State::Up(Some(pid))
                } else {
                    State::Transitioning
                }
            }
            _ if self.accepts_connections() => State::Up(None),
            _ => State::Down,
        }
    }

    /// The pid and whether the server is ready (lines 1 and 8 of the file).
    fn pid_file(&self) -> Option<(u32, bool)> {
        let text = plain_file::read_text(&self.cluster.join("postmaster.pid")).ok()?;
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok()?;
        let status = lines.nth(6).unwrap_or_default().trim();
        Some((pid, matches!(status, "ready" | "standby")))
    }

    fn is_ours(&self, pid: u32) -> bool {
        if Path::new("/proc/self/cwd").exists() {
            return self.has_cluster_as_cwd(&PathBuf::from(format!("/proc/{pid}")));
        }
        i32::try_from(pid).ok().and_then(Pid::from_raw).is_some_and(|p| test_kill_process(p).is_ok())
    }

    fn has_cluster_as_cwd(&self, process: &Path) -> bool {
        let here = self.cluster.canonicalize();
        here.is_ok_and(|here| fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == here))
    }

    /// The server and its child processes.
    fn processes(&self) -> Vec<u32> {
        let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
        entries
            .flatten()
            .filter_map(|e| Some((e.file_name().to_str()?.parse().ok()?, e.path())))
            .filter(|(_, path)| self.has_cluster_as_cwd(path))
            .map(|(pid, _)| pid)
            .collect()
    }

    /// Starts the server and waits until it accepts connections.
    pub(crate) fn start(&self, account: &Account, binaries: &Binaries) -> Result<(), EmbeddedError> {
        self.remove_stale_lock_files()?;
        let log = self.logs.join("start.log");
        drop(fs::remove_file(&log));
        let mut command = account.command(&binaries.program("pg_ctl"), &self.cluster);
        command
            .args(["start", "--silent", "--wait", "--timeout"])
            .arg(START_TIMEOUT.as_secs().to_string())
            .arg("--pgdata")
            .arg(&self.cluster)
            .arg("--log")
            .arg(&log)
            .arg("--options")
            .arg(self.options());
        let result = output(&mut command)?;
        if result.status.success() && self.accepts_connections() {
            return Ok(());
        }
        let stderr = String::from_utf8_lossy(&result.stderr).trim().to_owned();
        Err(EmbeddedError::Start(self.log_tail().unwrap_or(stderr)))
    }

    /// Cleans up after a killed server. Waits for its child processes, which exit by themselves, then
    /// removes lock files whose pid is in use by an unrelated process or a zombie: PostgreSQL would refuse
    /// to start.
    fn remove_stale_lock_files(&self) -> Result<(), EmbeddedError> {
        let end = Instant::now() + ORPHANS_TIMEOUT;
        loop {
            let pids = self.processes();
            if pids.is_empty() {
                break;
            }
            if Instant::now() >= end {
                return Err(EmbeddedError::Orphans { cluster: self.cluster.clone(), pids });
            }
            std::thread::sleep(POLL);
        }
        for path in [self.cluster.join("postmaster.pid"), self.socket_dir.join(".s.PGSQL.5432.lock")] {
            let is_in_use = |pid: u32| Path::new(&format!("/proc/{pid}")).exists();
            if first_line_pid(&path).is_some_and(is_in_use) {
                fs::remove_file(&path).map_err(EmbeddedError::io(path))?;
            }
        }
        Ok(())
    }

    /// Settings that depend on the cluster's location, which can change; postgresql.conf has the rest.
    fn options(&self) -> String {
        // A list of directories: quotes protect a comma in a path.
        let socket = self.socket_dir.display().to_string().replace('"', "\"\"");
        [
            "listen_addresses=".to_owned(),
            "port=5432".to_owned(),
            format!("unix_socket_directories=\"{socket}\""),
            "max_connections=100".to_owned(),
            // One file per weekday, overwritten after a week: bounded without rotation.
            "logging_collector=on".to_owned(),
            format!("log_directory={}", self.logs.display()),
            "log_filename=postgres-%a.log".to_owned(),
            "log_rotation_age=1d".to_owned(),
            "log_rotation_size=0".to_owned(),
            "log_truncate_on_rotation=on".to_owned(),
            "log_file_mode=0600".to_owned(),
        ]
        .map(|setting| format!("-c {}", shell_words::quote(&setting)))
        .join(" ")
    }

    /// The last log lines of the last start.
    fn log_tail(&self) -> Option<String> {
        let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
        let mut text = read(&self.logs.join("start.log"));
        if text.contains("redirecting log output") {
            let entries = fs::read_dir(&self.logs).ok()?.flatten();
            let days = entries.filter(|e| e.file_name().to_string_lossy().starts_with("postgres-"));
            let newest = days.max_by_key(|e| e.metadata().and_then(|m| m.modified()).ok())?;
            text = read(&newest.path());
        }
        let lines: Vec<&str> = text.lines().collect();
        let end = lines[lines.len().saturating_sub(4)..].join("; ");
        (!end.is_empty()).then_some(end)
    }

    /// Stops the server with a fast shutdown.
    pub(crate) fn stop(&self) -> Result<(), EmbeddedError> {
        let Some((pid, _)) = self.pid_file().filter(|(pid, _)| self.is_ours(*pid)) else { return Ok(()) };
        let Some(process) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return Ok(()) };
        if kill_process(process, Signal::INT).is_err() && !self.is_ours(pid) {
            return Ok(());
        }
        let end = Instant::now() + STOP_TIMEOUT;
        while self.is_ours(pid) {
            if Instant::now() >= end {
                return Err(EmbeddedError::Stop { pid, after: STOP_TIMEOUT });
            }
            std::thread::sleep(POLL);
        }
        Ok(())
    }
}

fn first_line_pid(path: &Path) -> Option<u32> {
    plain_file::read_text(path).ok()?.lines().next()?.trim().parse().ok()
}
