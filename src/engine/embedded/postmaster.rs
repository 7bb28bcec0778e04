//! The server's process: whether it runs, how it is started and stopped.
//!
//! `postmaster.pid` alone proves nothing: after a kill -9 it stays, and its number may belong to
//! another process by now. A server is ours when its working directory is the cluster. Where
//! /proc does not tell, a server that answers on the socket is taken for ours.

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

const START_WITHIN: Duration = Duration::from_secs(120);
const STOP_WITHIN: Duration = Duration::from_secs(60);
const ORPHANS_GONE_WITHIN: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Down,
    /// It starts, recovers or stops.
    Between,
    /// It takes connections. No number: it runs where we do not see processes (another container).
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

    /// Whether somebody listens on the socket.
    pub(crate) fn answers(&self) -> bool {
        UnixStream::connect(self.socket_dir.join(".s.PGSQL.5432")).is_ok()
    }

    pub(crate) fn state(&self) -> State {
        let file = self.pid_file();
        match file {
            Some((pid, ready)) if self.is_ours(pid) => {
                if ready && self.answers() {
                    State::Up(Some(pid))
                } else {
                    State::Between
                }
            }
            _ if self.answers() => State::Up(None),
            _ => State::Down,
        }
    }

    /// Process number, and whether it is ready, as the server itself wrote them (the file's first
    /// and eighth line).
    fn pid_file(&self) -> Option<(u32, bool)> {
        let text = fs::read_to_string(self.cluster.join("postmaster.pid")).ok()?;
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok()?;
        let status = lines.nth(6).unwrap_or_default().trim();
        Some((pid, matches!(status, "ready" | "standby")))
    }

    fn is_ours(&self, pid: u32) -> bool {
        if Path::new("/proc/self/cwd").exists() {
            return self.works_here(&PathBuf::from(format!("/proc/{pid}")));
        }
        i32::try_from(pid).ok().and_then(Pid::from_raw).is_some_and(|p| test_kill_process(p).is_ok())
    }

    fn works_here(&self, process: &Path) -> bool {
        let here = self.cluster.canonicalize();
        here.is_ok_and(|here| fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == here))
    }

    /// Processes that work in the cluster: the server and its children.
    fn processes(&self) -> Vec<u32> {
        let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
        entries
            .flatten()
            .filter_map(|e| Some((e.file_name().to_str()?.parse().ok()?, e.path())))
            .filter(|(_, path)| self.works_here(path))
            .map(|(pid, _)| pid)
            .collect()
    }

    /// Starts the server and waits until it takes connections.
    pub(crate) fn start(&self, account: &Account, binaries: &Binaries) -> Result<(), EmbeddedError> {
        self.bury()?;
        let log = self.logs.join("start.log");
        drop(fs::remove_file(&log));
        let mut command = account.command(&binaries.program("pg_ctl"), &self.cluster);
        command
            .args(["start", "--silent", "--wait", "--timeout"])
            .arg(START_WITHIN.as_secs().to_string())
            .arg("--pgdata")
            .arg(&self.cluster)
            .arg("--log")
            .arg(&log)
            .arg("--options")
            .arg(self.options());
        let result = output(&mut command)?;
        if result.status.success() && self.answers() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&result.stderr).trim().to_owned();
        Err(EmbeddedError::Start(self.last_words().unwrap_or(said)))
    }

    /// After a server that was killed: waits for its children, which see that it has gone. Then
    /// its lock files prove nothing more, so those whose number lives on, as a stranger's or as
    /// that of a dead child nobody has asked after, are taken away: PostgreSQL would not start.
    fn bury(&self) -> Result<(), EmbeddedError> {
        let end = Instant::now() + ORPHANS_GONE_WITHIN;
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
            let lives_on = |pid: u32| Path::new(&format!("/proc/{pid}")).exists();
            if first_number(&path).is_some_and(lives_on) {
                fs::remove_file(&path).map_err(EmbeddedError::io(path))?;
            }
        }
        Ok(())
    }

    /// Settings of every start. They are on the command line, because the cluster may have moved
    /// since it was made; everything else is for postgresql.conf.
    fn options(&self) -> String {
        // A list of directories, in which quotes keep a comma from parting one.
        let socket = self.socket_dir.display().to_string().replace('"', "\"\"");
        [
            "listen_addresses=".to_owned(),
            "port=5432".to_owned(),
            format!("unix_socket_directories=\"{socket}\""),
            "max_connections=100".to_owned(),
            // One file a weekday, each overwritten a week later: bounded, and no one has to care.
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

    /// The end of what the server logged at its last start.
    fn last_words(&self) -> Option<String> {
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

    /// Stops the server: its clients are cut off, what they committed is kept (fast shutdown).
    pub(crate) fn stop(&self) -> Result<(), EmbeddedError> {
        let Some((pid, _)) = self.pid_file().filter(|(pid, _)| self.is_ours(*pid)) else { return Ok(()) };
        let Some(process) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return Ok(()) };
        if kill_process(process, Signal::INT).is_err() && !self.is_ours(pid) {
            return Ok(());
        }
        let end = Instant::now() + STOP_WITHIN;
        while self.is_ours(pid) {
            if Instant::now() >= end {
                return Err(EmbeddedError::Stop { pid, after: STOP_WITHIN });
            }
            std::thread::sleep(POLL);
        }
        Ok(())
    }
}

/// The number in the first line of a lock file.
fn first_number(path: &Path) -> Option<u32> {
    fs::read_to_string(path).ok()?.lines().next()?.trim().parse().ok()
}
