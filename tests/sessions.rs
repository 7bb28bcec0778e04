//! `db locks` and `db kill` on a real server.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

use ordctl::clients::postgres::Session;
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::support::eventually;
use crate::support::ordctl::{CommandOutput, Ordctl};
use crate::support::postgres::{Database, cluster};

/// A database with one table, and the program on it.
async fn prepared() -> (Database, Ordctl) {
    let database = Database::fresh().await;
    database.execute("CREATE TABLE stock (id int); INSERT INTO stock VALUES (1)").await.unwrap();
    let ordctl = Ordctl::configured("environment: test\n")
        .with("DATABASE_URL", cluster().url("postgres", &database.name));
    (database, ordctl)
}

/// A session of an application, and its process ID.
async fn session(database: &Database, application: &str) -> (Session, String) {
    let session = database.store.postgres().session().await.unwrap();
    session.batch_execute(&format!("SET application_name = '{application}'")).await.unwrap();
    let row = session.query_one("SELECT pg_backend_pid()::text", &[]).await.unwrap();
    let pid = row.get(0);
    (session, pid)
}

/// Runs a statement in the background.
fn background(session: Session, statement: &'static str) -> JoinHandle<(Session, bool)> {
    tokio::spawn(async move {
        let is_ok = session.batch_execute(statement).await.is_ok();
        (session, is_ok)
    })
}

async fn state(database: &Database, pid: &str) -> String {
    database.value(&format!("SELECT coalesce((SELECT coalesce(nullif(wait_event_type, 'Client'), state) FROM pg_stat_activity WHERE pid = {pid}), 'gone')")).await
}

async fn reaches(database: &Database, pid: &str, wanted: &str) {
    eventually(&format!("{pid} is {wanted}"), async || state(database, pid).await == wanted).await;
}

fn kill(ordctl: &Ordctl, pid: &str, more: &[&str]) -> CommandOutput {
    ordctl.run(&[&["db", "kill", pid], more].concat())
}

#[tokio::test]
async fn a_session_that_blocks_others_is_shown_and_ended() {
    let (database, ordctl) = prepared().await;
    assert_eq!(ordctl.run(&["db", "locks"]).code, 0);
    let (blocker, first) = session(&database, "report").await;
    blocker.batch_execute("BEGIN; LOCK TABLE stock").await.unwrap();
    let (waits, second) = session(&database, "shop").await;
    let waits = background(waits, "BEGIN; DELETE FROM stock");
    reaches(&database, &second, "Lock").await;
    let (behind, third) = session(&database, "shop2").await;
    let behind = background(behind, "BEGIN; LOCK TABLE stock");
    reaches(&database, &third, "Lock").await;

    let locks = ordctl.run(&["db", "locks"]);
    assert_eq!(locks.code, 1, "{locks:?}");
    for part in [
        &format!("pid {first}, user postgres, app report, idle in transaction"),
        "blocks 2 sessions",
        "BEGIN; LOCK TABLE stock",
        &format!("  pid {second}, user postgres, app shop, active"),
        "waits for RowExclusiveLock on stock",
        &format!("pid {third}"),
    ] {
        assert!(locks.out.contains(part), "{part}\n{}", locks.out);
    }
    assert!(locks.err.contains(&format!("ordctl db kill {first}")), "{locks:?}");
    let (_, tree) = ordctl.json(&["db", "locks"]);
    let own = |blocker: &Value| blocker["pid"].as_i64() == first.parse().ok();
    let root = tree["blockers"].as_array().unwrap().iter().find(|b| own(b)).unwrap();
    assert_eq!(root["waiters"][0]["pid"].to_string(), second, "{root}");
    let mut narrow = ordctl.command(&["db", "locks"]);
    let narrow = CommandOutput::of(narrow.env("COLUMNS", "80")).out;
    assert!(narrow.lines().all(|line| line.chars().count() <= 80), "{narrow}");
    // The morning report names the same session and the same command.
    let morning = ordctl.run(&["health", "morning", "--only", "blocked", "-p", "blocked_warn=0"]).out;
    assert!(morning.contains(&format!("ordctl db kill {first}")), "{morning}");

    let refused = kill(&ordctl, &first, &["--yes"]);
    assert_eq!(refused.code, 4, "it is hard to undo: {refused:?}");
    let planned = kill(&ordctl, &first, &["--dry-run"]);
    assert!(planned.code == 0 && planned.out.contains("blocks 2 sessions"), "{planned:?}");
    assert_eq!(state(&database, &first).await, "idle in transaction");
    let killed = kill(&ordctl, &first, &["--confirm", "test"]);
    assert!(killed.code == 0 && killed.err.contains("the session has ended"), "{killed:?}");
    assert_eq!(state(&database, &first).await, "gone");
    let (session, deleted) = waits.await.unwrap();
    assert!(deleted, "the waiting session goes on");
    session.batch_execute("COMMIT").await.unwrap();
    behind.await.unwrap();
    let (_, history) = ordctl.json(&["history"]);
    assert_eq!(
        (&history["history"][0]["command"], &history["history"][0]["outcome"]),
        (&"db kill".into(), &"done".into())
    );
    let gone = kill(&ordctl, &first, &["--confirm", "test"]);
    assert!(gone.code == 4 && gone.err.contains("no session has pid"), "{gone:?}");
}

#[tokio::test]
async fn a_statement_is_canceled_first_and_a_session_whose_transaction_goes_on_is_ended() {
    let (database, ordctl) = prepared().await;
    let (sleeper, pid) = session(&database, "report").await;
    let sleeper = background(sleeper, "SELECT pg_sleep(600)");
    reaches(&database, &pid, "Timeout").await;
    let killed = kill(&ordctl, &pid, &["--confirm", "test"]);
    assert!(killed.code == 0 && killed.err.contains("statement canceled"), "{killed:?}");
    let (open, is_ok) = sleeper.await.unwrap();
    assert!(!is_ok && state(&database, &pid).await == "idle", "the session stays");
    // Its transaction goes on after the cancel, and still holds its locks.
    open.batch_execute("BEGIN; LOCK TABLE stock").await.unwrap();
    let open = background(
        open,
        "DO $$ BEGIN PERFORM pg_sleep(600); EXCEPTION WHEN query_canceled THEN PERFORM pg_sleep(600); END $$",
    );
    reaches(&database, &pid, "Timeout").await;
    let killed = kill(&ordctl, &pid, &["--wait", "200ms", "--confirm", "test"]);
    assert!(killed.code == 0 && killed.err.contains("the session has ended"), "{killed:?}");
    assert_eq!(state(&database, &pid).await, "gone");
    drop(open.await);
}

#[tokio::test]
async fn backups_and_sessions_of_ordctl_need_force() {
    let (database, ordctl) = prepared().await;
    for (application, why) in [("pg_dump", "it is a backup"), ("ordctl", "it belongs to ordctl")] {
        let (other, pid) = session(&database, application).await;
        other.batch_execute("BEGIN; SELECT 1").await.unwrap();
        let refused = kill(&ordctl, &pid, &["--confirm", "test"]);
        assert!(refused.code == 4 && refused.err.contains(why), "{refused:?}");
        assert!(
            refused.err.contains("nothing was changed") && refused.err.contains("--force"),
            "{refused:?}"
        );
        assert_eq!(state(&database, &pid).await, "idle in transaction");
        let forced = kill(&ordctl, &pid, &["--force", "--confirm", "test"]);
        assert_eq!((forced.code, state(&database, &pid).await.as_str()), (0, "gone"), "{forced:?}");
    }
    let server = database.value("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'").await;
    let refused = kill(&ordctl, &server, &["--force", "--confirm", "test"]);
    assert!(refused.code == 4 && refused.err.contains("process of the server itself"), "{refused:?}");
}

#[tokio::test]
async fn a_role_that_may_not_end_the_session_learns_it_from_the_dry_run() {
    let (database, _) = prepared().await;
    let role = format!("weak_{}", database.name);
    database.execute(&format!("CREATE ROLE {role} LOGIN")).await.unwrap();
    let weak =
        Ordctl::configured("environment: test\n").with("DATABASE_URL", cluster().url(&role, &database.name));
    let (_other, pid) = session(&database, "report").await;
    let refused = kill(&weak, &pid, &["--dry-run"]);
    assert!(refused.code == 4 && refused.err.contains(&format!("role {role} may not end")), "{refused:?}");
    assert!(refused.err.contains("GRANT pg_signal_backend"), "{refused:?}");
    database.execute(&format!("DROP ROLE {role}")).await.unwrap();
}

/// What somebody typed at a prompt of `ordctl db kill`, which was open while `meanwhile` happened.
async fn answered(ordctl: &Ordctl, pid: &str, meanwhile: impl Future<Output = ()>) -> String {
    let program = env!("CARGO_BIN_EXE_ordctl");
    let own = ordctl.command(&[]);
    let mut script = Command::new("script");
    script.args(["-qec", &format!("exec timeout 60 {program} db kill {pid}"), "/dev/null"]);
    script.current_dir(ordctl.home()).env_clear();
    script.envs(own.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("NO_COLOR", "1");
    let mut child: Child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut out, mut text, mut byte) = (child.stdout.take().unwrap(), Vec::new(), [0]);
    while !String::from_utf8_lossy(&text).contains("to continue") {
        assert_eq!(out.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&text));
        text.push(byte[0]);
    }
    meanwhile.await;
    child.stdin.take().unwrap().write_all(b"test\n").unwrap();
    out.read_to_end(&mut text).unwrap();
    child.wait().unwrap();
    String::from_utf8_lossy(&text).into_owned()
}

/// Between the plan and the answer the transaction ends, and the session does other work.
#[tokio::test]
async fn a_session_that_went_on_to_another_transaction_is_not_ended() {
    let (database, ordctl) = prepared().await;
    let (other, pid) = session(&database, "report").await;
    other.batch_execute("BEGIN; LOCK TABLE stock").await.unwrap();
    let text = answered(&ordctl, &pid, async {
        other.batch_execute("COMMIT").await.unwrap();
        other.batch_execute("BEGIN; SELECT 1").await.unwrap();
    })
    .await;
    // A terminal wraps it.
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("has ended by itself; nothing was changed"), "{text}");
    assert_eq!(state(&database, &pid).await, "idle in transaction");
    let text = answered(&ordctl, &pid, async {}).await;
    assert!(text.contains("the session has ended"), "{text}");
}

#[tokio::test]
async fn a_statement_that_waited_for_a_lock_points_to_its_blocker() {
    let (database, ordctl) = prepared().await;
    let (blocker, _) = session(&database, "report").await;
    blocker.batch_execute("BEGIN; LOCK TABLE stock").await.unwrap();
    let waits = "name: waits\nsteps: [{ id: a, uses: postgres.analyze, with: { table: stock, lock_timeout: 50ms } }]\n";
    std::fs::write(ordctl.home().join("waits.yaml"), waits).unwrap();
    let output = ordctl.run(&["run", "./waits.yaml", "--yes"]);
    assert!(output.code == 2 && output.out.contains("-> ordctl db locks\n"), "{output:?}");
}
