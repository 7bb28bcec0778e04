//! Lost terminals: a hangup ends an action after its current step, and a server in order.

use std::fs::File;
use std::process::{Command, Stdio};

use rustix::process::Signal;

use crate::acting::waits_for_a_lock;
use crate::support::engine::{Setup, Tables};
use crate::support::ordctl::{Ordctl, migrated};
use crate::support::{eventually, signal, through_env};

const LOCK: &str = "LOCK TABLE due_work IN ACCESS EXCLUSIVE MODE";
const STATUS: &str = "SELECT string_agg(status, ' ') FROM ordctl.operation";

/// Whether the local journal records the interrupted step; without an end the run can be resumed.
fn is_recorded(ordctl: &Ordctl) -> bool {
    let journal = std::fs::read_dir(ordctl.data_dir().join("journal")).unwrap().flatten().next().unwrap();
    std::fs::read_to_string(journal.path()).unwrap().contains(r#""status":"interrupted""#)
}

#[tokio::test]
async fn a_hangup_ends_an_action_in_order() {
    for kind in [Signal::HUP, Signal::QUIT] {
        let (database, ordctl) = migrated().await;
        let mut blocker = database.store.postgres().session().await.unwrap();
        let transaction = blocker.transaction().await.unwrap();
        transaction.batch_execute(LOCK).await.unwrap();
        let mut command = through_env("--default-signal", &ordctl.command(&["maintain", "analyze", "--yes"]));
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        waits_for_a_lock(&database).await;
        signal(&child, kind);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("interrupted"), "{output:?}");
        assert_eq!(database.value(STATUS).await, "interrupted");
        assert!(is_recorded(&ordctl));
        transaction.rollback().await.unwrap();
    }
}

/// The terminal is gone, so that every output fails, too.
#[tokio::test]
async fn an_action_whose_terminal_is_gone_ends_in_order() {
    let (database, ordctl) = migrated().await;
    let mut blocker = database.store.postgres().session().await.unwrap();
    let transaction = blocker.transaction().await.unwrap();
    transaction.batch_execute(LOCK).await.unwrap();
    let command = ordctl.command(&[]);
    let program = env!("CARGO_BIN_EXE_ordctl");
    let line = format!("exec env --default-signal=HUP {program} maintain analyze --yes");
    let mut terminal = Command::new("script");
    terminal.args(["-qec", &line, "/dev/null"]).current_dir(ordctl.home()).env_clear();
    terminal.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut terminal = terminal.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    waits_for_a_lock(&database).await;
    terminal.kill().unwrap();
    terminal.wait().unwrap();
    eventually("the step is recorded", async || is_recorded(&ordctl)).await;
    eventually("the database knows it", async || database.value(STATUS).await == "interrupted").await;
    transaction.rollback().await.unwrap();
}

/// As with `nohup`.
#[tokio::test]
async fn an_ignored_hangup_stays_ignored() {
    let (database, ordctl) = migrated().await;
    let mut blocker = database.store.postgres().session().await.unwrap();
    let transaction = blocker.transaction().await.unwrap();
    transaction.batch_execute(LOCK).await.unwrap();
    let mut command = through_env("--ignore-signal", &ordctl.command(&["maintain", "analyze", "--yes"]));
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    waits_for_a_lock(&database).await;
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    let ignored = u64::from_str_radix(ignored.trim(), 16).unwrap();
    assert_eq!(ignored & 0b101, 0b101, "it listens for a signal that it was told to ignore: {status}");
    signal(&child, Signal::HUP);
    signal(&child, Signal::QUIT);
    transaction.rollback().await.unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(database.value(STATUS).await, "done");
}

/// Its log cannot be written, and it works and drains all the same.
#[tokio::test]
async fn a_server_whose_terminal_is_gone_works_and_drains() {
    let tables = Tables::new().await;
    let task = tables.task(&[r#"{ "uses": "log", "with": { "message": "done" } }"#.to_owned()], "").await;
    tables.queue(&task, 2).await;
    let ordctl = Setup::of(&tables.db).ordctl();
    let mut command = through_env("--default-signal", &ordctl.command(&["serve"]));
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut serve = command.stdout(Stdio::null()).stderr(full).spawn().unwrap();
    tables.until("SELECT count(*) FROM task_run WHERE success", "2").await;
    signal(&serve, Signal::HUP);
    let mut status = None;
    eventually("the server has exited", async || {
        status = serve.try_wait().unwrap();
        status.is_some()
    })
    .await;
    assert_eq!(status.unwrap().code(), Some(0));
    let left = "SELECT (SELECT count(*) FROM ordctl.worker) + (SELECT count(*) FROM worker_heartbeat)";
    assert_eq!(tables.db.value(left).await, "0", "it has signed off");
}
