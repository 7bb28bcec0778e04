//! Members that join, leave and are killed.

use std::io::{BufRead, BufReader, Lines};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use ordctl::base::layout::Layout;
use ordctl::engine::embedded::Embedded;
use rustix::process::{Signal, kill_process};

use super::{Scratch, mode, query};
use crate::support::eventually;

const ROOT: &str = "ORDCTL_TEST_MEMBER_ROOT";

/// A member in another process.
struct Member {
    process: Child,
    /// The process leaves when this is closed.
    stdin: Option<ChildStdin>,
    _stdout: Lines<BufReader<ChildStdout>>,
}

impl Member {
    fn join(scratch: &Scratch) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([
            "--exact",
            "embedded::members::a_member_in_a_separate_process",
            "--ignored",
            "--nocapture",
        ]);
        command.env(ROOT, scratch.layout.root()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        assert!(lines.any(|l| l.unwrap().contains("joined")), "the member did not join");
        Self { stdin: process.stdin.take(), _stdout: lines, process }
    }

    fn leave(mut self) {
        drop(self.stdin.take());
        self.process.wait().unwrap();
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// Not a test: the process that [`Member`] starts.
#[tokio::test]
#[ignore = "started by other tests"]
async fn a_member_in_a_separate_process() {
    let Some(root) = std::env::var_os(ROOT) else { return };
    let embedded = Embedded::join(&Layout::new(PathBuf::from(root))).await.unwrap();
    println!("joined");
    tokio::task::spawn_blocking(|| std::io::stdin().lines().count()).await.unwrap();
    embedded.leave().await.unwrap();
}

#[tokio::test]
async fn the_first_member_starts_the_server_and_the_last_stops_it() {
    let scratch = Scratch::new();
    let layout = &scratch.layout;
    assert!(!Embedded::running(layout));
    let first = Embedded::join(layout).await.unwrap();
    assert!(first.started() && Embedded::running(layout));
    assert_eq!(query(&first, "SELECT current_user || current_database()").await, "orchestratororchestrator");
    let second = Embedded::join(layout).await.unwrap();
    assert!(!second.started());

    assert!(!first.leave().await.unwrap(), "it is not the last");
    assert_eq!(query(&second, "SELECT 'still here'").await, "still here");
    assert!(second.leave().await.unwrap());
    assert!(!Embedded::running(layout) && !scratch.pid_file().exists());

    let again = Embedded::join(layout).await.unwrap();
    assert!(again.started());
    assert!(again.leave().await.unwrap());
}

#[tokio::test]
async fn the_server_is_private() {
    let scratch = Scratch::new();
    let embedded = Embedded::join(&scratch.layout).await.unwrap();
    assert_eq!(mode(&scratch.layout.embedded_cluster()), 0o700);
    assert_eq!(mode(&scratch.layout.embedded_socket_dir()), 0o700);
    assert_eq!(query(&embedded, "SELECT current_setting('listen_addresses')").await, "");
    assert_eq!(query(&embedded, "SELECT current_setting('data_checksums')").await, "on");
    assert_eq!(query(&embedded, "SELECT current_setting('server_encoding')").await, "UTF8");
    let status = std::fs::read_to_string(format!("/proc/{}/status", scratch.pid().as_raw_nonzero())).unwrap();
    assert!(!status.contains("Uid:\t0\t"), "it runs as root: {status}");
    let environment = std::fs::read(format!("/proc/{}/environ", scratch.pid().as_raw_nonzero())).unwrap();
    assert!(!String::from_utf8_lossy(&environment).contains("CARGO"), "it has our environment");
    embedded.leave().await.unwrap();
}

#[tokio::test]
async fn members_in_other_processes_keep_the_server_running() {
    let scratch = Scratch::new();
    let other = Member::join(&scratch);
    let pid = scratch.pid();
    let us = Embedded::join(&scratch.layout).await.unwrap();
    assert!(!us.started());
    assert!(!us.leave().await.unwrap());
    assert!(Embedded::running(&scratch.layout));
    let us = Embedded::join(&scratch.layout).await.unwrap();
    other.leave();
    assert_eq!(scratch.pid(), pid, "we are still here");
    assert!(us.leave().await.unwrap());
}

#[tokio::test]
async fn a_server_whose_members_were_killed_is_adopted() {
    let scratch = Scratch::new();
    let owner = Member::join(&scratch);
    let pid = scratch.pid();
    owner.kill();
    assert!(Embedded::running(&scratch.layout));
    let heir = Embedded::join(&scratch.layout).await.unwrap();
    assert!(!heir.started());
    assert_eq!(scratch.pid(), pid);
    assert!(heir.leave().await.unwrap(), "the killed one counts no more");
    assert!(!Embedded::running(&scratch.layout));
}

#[tokio::test]
async fn a_killed_server_is_restarted_with_its_rows() {
    let scratch = Scratch::new();
    let before = Embedded::join(&scratch.layout).await.unwrap();
    query(&before, "SELECT 1::text FROM (SELECT lo_create(4711)) AS x").await;
    kill_process(scratch.pid(), Signal::KILL).unwrap();
    eventually("the server is gone", async || !Embedded::running(&scratch.layout)).await;
    assert!(scratch.pid_file().exists(), "a killed server leaves its pid file");
    let after = Embedded::join(&scratch.layout).await.unwrap();
    assert!(after.started());
    assert_eq!(query(&after, "SELECT count(*)::text FROM pg_largeobject_metadata").await, "1");
    assert!(!before.leave().await.unwrap());
    assert!(after.leave().await.unwrap());
}

#[tokio::test]
async fn a_stale_pid_file_does_not_prevent_a_start() {
    let scratch = Scratch::new();
    Embedded::join(&scratch.layout).await.unwrap().leave().await.unwrap();
    let cluster = scratch.layout.embedded_cluster();
    // The pid was reused by another process of PostgreSQL's user: a server of another cluster.
    let elsewhere = crate::support::postgres::cluster();
    let text = std::fs::read_to_string(elsewhere.socket_dir().join("data/postmaster.pid")).unwrap();
    let stranger = text.lines().next().unwrap();
    let lines = format!("{stranger}\n{}\n1\n5432\n/nowhere\n\n1 1\nready\n", cluster.display());
    std::fs::write(scratch.pid_file(), lines).unwrap();
    let embedded = Embedded::join(&scratch.layout).await.unwrap();
    assert!(embedded.started());
    embedded.leave().await.unwrap();
}

#[tokio::test]
async fn concurrent_members_start_one_server() {
    let scratch = Scratch::new();
    let joining = (0..6).map(|_| Embedded::join(&scratch.layout));
    let members: Vec<Embedded> =
        futures_util::future::join_all(joining).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(members.iter().filter(|m| m.started()).count(), 1);
    let leaving = members.into_iter().map(Embedded::leave);
    let stopped = futures_util::future::join_all(leaving).await;
    assert_eq!(stopped.into_iter().filter(|s| *s.as_ref().unwrap()).count(), 1);
}

#[tokio::test]
async fn the_server_listens_on_no_tcp_port() {
    let scratch = Scratch::new();
    let embedded = Embedded::join(&scratch.layout).await.unwrap();
    let inodes: Vec<String> = std::fs::read_dir(format!("/proc/{}/fd", scratch.pid().as_raw_nonzero()))
        .unwrap()
        .filter_map(|e| Some(std::fs::read_link(e.unwrap().path()).ok()?.to_string_lossy().into_owned()))
        .filter_map(|l| Some(l.strip_prefix("socket:[")?.trim_end_matches(']').to_owned()))
        .collect();
    let tcp =
        ["/proc/net/tcp", "/proc/net/tcp6"].map(|f| std::fs::read_to_string(f).unwrap_or_default()).concat();
    assert!(!inodes.is_empty());
    for inode in inodes {
        assert!(!tcp.contains(&format!(" {inode} ")), "{tcp}");
    }
    embedded.leave().await.unwrap();
}
