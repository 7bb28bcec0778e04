//! Test support: processes that end with the test process, and waiting on conditions.

pub mod compose;
pub mod day;
pub mod docker_proxy;
pub mod engine;
pub mod gate;
pub mod ledger;
pub mod ordctl;
pub mod postgres;
pub mod proxy;
pub mod recorder;
pub mod swarm;
pub mod systems;
pub mod web;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use std::os::unix::process::CommandExt;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

/// Deadline of every wait.
pub const DEADLINE: Duration = Duration::from_secs(120);

/// A process that must not outlive this one. A shell runs `start` (in the background) and then reads from a
/// pipe. When the pipe closes, by `Drop` or because the test process ended or was killed, it runs `end`.
pub struct Guard(Child);

impl Guard {
    /// `start` and `end` are shell text; `$1` … are `args`. Runs as `user` if given.
    pub fn new(start: &str, end: &str, args: &[&Path], user: Option<User>) -> Self {
        let script = format!("{start}\nread -r _\n{end}");
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(script).arg("guard").args(args).current_dir("/").process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some(user) = user {
            command.uid(user.uid).gid(user.gid);
        }
        Self(command.spawn().unwrap())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        drop(self.0.wait());
    }
}

/// An unprivileged user.
#[derive(Clone, Copy, Debug)]
pub struct User {
    pub uid: u32,
    pub gid: u32,
}

impl User {
    /// User postgres when we are root, since PostgreSQL refuses to run as root.
    pub fn for_postgres() -> Option<Self> {
        let id = |flag| {
            let output = Command::new("id").args([flag, "postgres"]).output().unwrap();
            String::from_utf8(output.stdout)
                .unwrap()
                .trim()
                .parse()
                .expect("user postgres: apt-get install postgresql")
        };
        rustix::process::geteuid().is_root().then(|| Self { uid: id("-u"), gid: id("-g") })
    }
}

/// Consent for the functions that change state.
pub fn consent() -> ::ordctl::model::Consented {
    ::ordctl::model::Consented::from_configuration("a test")
}

/// The directory of the PostgreSQL server programs.
pub fn binaries() -> PathBuf {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .expect("PostgreSQL's server programs: apt-get install postgresql")
        .flatten()
        .filter_map(|e| Some((e.file_name().to_str()?.parse().ok()?, e.path().join("bin"))))
        .filter(|(_, dir)| dir.join("initdb").is_file())
        .collect();
    found.sort();
    found.pop().expect("PostgreSQL's server programs: apt-get install postgresql").1
}

/// Whether `ORDCTL_TEST_WITHOUT=docker,redis` leaves out a test that needs one of these systems. `make test`
/// lists the tests that were left out.
pub fn left_out(test: &str, needs: &[&str]) -> bool {
    let without = std::env::var("ORDCTL_TEST_WITHOUT").unwrap_or_default();
    let Some(system) = needs.iter().find(|n| without.split(',').any(|w| w == **n)) else { return false };
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("left-out");
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
    writeln!(file, "{test}: without {system}").unwrap();
    true
}

/// A command with the disposition of SIGHUP and SIGQUIT that this option of `env` sets. The tests may have inherited
/// another one.
pub fn through_env(option: &str, command: &Command) -> Command {
    let mut through = Command::new("env");
    through.args([&format!("{option}=HUP"), &format!("{option}=QUIT")]);
    through.arg(command.get_program()).args(command.get_args());
    through.current_dir(command.get_current_dir().unwrap()).env_clear();
    through.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    through.stdin(Stdio::null());
    through
}

/// Waits until a condition is true.
pub async fn eventually(what: &str, holds: impl AsyncFnMut() -> bool) {
    assert!(holds_within(DEADLINE, holds).await, "still not: {what}");
}

/// Waits until a condition is true; false when the limit ends first.
pub async fn holds_within(limit: Duration, mut holds: impl AsyncFnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    while !holds().await {
        if Instant::now() >= end {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    true
}

/// Runs a program that must succeed and returns its output.
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Waits until a process ends, and kills it when it has not ended within the limit.
pub fn run_until(mut child: Child, limit: Duration) -> ExitStatus {
    let pid = Pid::from_child(&child);
    let (ended, deadline) = mpsc::channel::<()>();
    let killer = std::thread::spawn(move || {
        if deadline.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
            kill_process(pid, Signal::KILL).unwrap();
        }
    });
    // The process stays a zombie, and its pid in use, until `killer` can no longer signal it.
    let status = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
    drop(ended);
    killer.join().unwrap();
    status.unwrap();
    child.wait().unwrap()
}

pub fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(), signal).unwrap();
}
