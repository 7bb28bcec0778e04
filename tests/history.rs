//! `history`: what ran, how it ended and what it changed, from the journals of this host and of the database.

use serde_json::Value;

use crate::support::eventually;
use crate::support::ordctl::{CommandOutput, Ordctl, migrated};
use crate::support::postgres::Cluster;

fn runs(ordctl: &Ordctl, args: &[&str]) -> Vec<Value> {
    let (code, listed) = ordctl.json(&[&["history"], args].concat());
    assert_eq!(code, 0, "{listed}");
    listed["history"].as_array().unwrap().clone()
}

/// A run on another host, whose journal is in the database only.
const ELSEWHERE: &str = "
    INSERT INTO ordctl.operation (id, runbook, environment, host, os_user, pid, binary_version, started_at, finished_at, status)
    VALUES ('019a0000-0000-7000-8000-000000000001', 'operate/scale', 'test', 'app2', 'deploy', 7, '1.0',
            now() - interval '2 days', now() - interval '2 days' + interval '9 s', 'done'),
           ('019a0000-1000-7000-8000-000000000002', 'maintain/analyze', 'test', 'app2', 'deploy', 8, '1.0',
            now() - interval '3 days', NULL, 'running');
    INSERT INTO ordctl.operation_step (operation_id, position, step_id, uses, calls, started_at, finished_at, status, result)
    VALUES ('019a0000-0000-7000-8000-000000000001', 0, 'scale', 'service.scale', '[\"POST /containers/create\"]',
            now() - interval '2 days', now() - interval '2 days' + interval '9 s', 'done',
            '{\"service\": \"worker\", \"from\": 2, \"to\": 4}');";

#[tokio::test]
async fn a_run_is_listed_with_what_it_changed() {
    let (database, ordctl) = migrated().await;
    let old = "INSERT INTO audit_log (action, at) SELECT 'a', now() - interval '1 day' * n FROM generate_series(1, 120) n";
    database.execute(old).await.unwrap();
    database.execute(ELSEWHERE).await.unwrap();
    assert_eq!(ordctl.run(&["maintain", "weekly", "--yes", "--reason", "disk is full"]).code, 0);
    assert_eq!(ordctl.run(&["hold", "--yes"]).code, 0);
    let listed = runs(&ordctl, &[]);
    let of =
        |key: &str| listed.iter().map(|run| run[key].as_str().unwrap_or("-")).collect::<Vec<_>>().join(", ");
    assert_eq!(of("command"), "hold, maintain weekly, scale, maintain analyze");
    // The process of the last one is gone: nothing holds the lock for acting runs.
    assert_eq!(of("outcome"), "done, done, done, interrupted");
    let changed: Vec<&str> = listed.iter().map(|run| run["changed"].as_str().unwrap()).collect();
    assert!(changed[0].starts_with("Put the engine on hold"), "{changed:?}");
    assert!(changed[1].starts_with("31 rows deleted"), "{changed:?}");
    assert_eq!(changed[2], "worker: scaled from 2 to 4");
    assert_eq!(runs(&ordctl, &["--since", "1h"]).len(), 2);

    let mut narrow = ordctl.command(&["history"]);
    let text = CommandOutput::of(narrow.env("COLUMNS", "80")).out;
    assert_eq!(text.lines().count(), 5, "one line a run:\n{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");

    let id = listed[1]["id"].as_str().unwrap();
    let shown = ordctl.run(&["history", id]);
    assert_eq!(shown.code, 0, "{shown:?}");
    for part in ["disk is full", "Deleted audit log rows", "sizes_before", "31 rows deleted"] {
        assert!(shown.out.contains(part), "{part}:\n{}", shown.out);
    }
    let (_, run) = ordctl.json(&["history", id]);
    let audit = run["steps"].as_array().unwrap().iter().find(|s| s["id"] == "audit").unwrap();
    assert!(audit["calls"].to_string().contains("DELETE FROM public.audit_log"), "{audit}");
    assert!(ordctl.run(&["history", "019a0000-0"]).out.contains("deploy on app2"));
    let ambiguous = ordctl.run(&["history", "019a"]);
    assert!(ambiguous.code == 64 && ambiguous.err.contains("019a0000-1000"), "{ambiguous:?}");
}

#[tokio::test]
async fn a_run_that_was_killed_is_shown_with_the_command_that_continues_it() {
    let (database, ordctl) = migrated().await;
    let mut other = database.store.postgres().session().await.unwrap();
    let lock = other.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE due_work IN SHARE UPDATE EXCLUSIVE MODE").await.unwrap();
    let mut child = ordctl.command(&["maintain", "analyze", "--yes"]).spawn().unwrap();
    eventually("the run waits for the lock", async || {
        let sql = "SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'ANALYZE%'";
        database.value(sql).await == "1"
    })
    .await;
    let running = &runs(&ordctl, &[])[0];
    assert_eq!(
        (running["outcome"].as_str(), &running["resume"]),
        (Some("running"), &Value::Null),
        "{running}"
    );
    child.kill().unwrap();
    child.wait().unwrap();
    lock.rollback().await.unwrap();
    let killed = &runs(&ordctl, &[])[0];
    assert_eq!(killed["outcome"], "interrupted", "{killed}");
    assert_eq!(killed["summary"], "stopped in step due_work", "{killed}");
    let resume = killed["resume"].as_str().unwrap();
    assert!(ordctl.run(&["history"]).err.contains(resume));
    let words = shell_words::split(resume.strip_prefix("ordctl ").unwrap()).unwrap();
    let words: Vec<&str> = words.iter().map(String::as_str).chain(["--yes"]).collect();
    eventually("the database noticed the end", async || ordctl.run(&words).code == 0).await;
    let resumed = &runs(&ordctl, &[])[0];
    assert_eq!((resumed["outcome"].as_str(), &resumed["resume"]), (Some("done"), &Value::Null), "{resumed}");
    assert_eq!(resumed["id"], killed["id"]);
}

#[tokio::test]
async fn the_runs_of_this_host_are_listed_when_the_database_does_not_answer() {
    let cluster = Cluster::separate();
    let url = format!("postgresql://postgres@127.0.0.1:{}/postgres", cluster.port);
    let ordctl = Ordctl::new().with("DATABASE_URL", url);
    assert_eq!(ordctl.run(&["migrate", "--yes"]).code, 0);
    assert_eq!(ordctl.run(&["hold", "--yes"]).code, 0);
    cluster.freeze_sessions();
    let listed = ordctl.run(&["history", "--timeout", "1s"]);
    let missing = ordctl.run(&["history", "019a0000", "--timeout", "1s"]);
    cluster.thaw_sessions();
    assert_eq!(listed.code, 3, "{listed:?}");
    assert!(listed.out.contains("hold") && listed.out.contains("migrate"), "{listed:?}");
    assert!(listed.err.contains("runs on other hosts are missing"), "{listed:?}");
    assert_eq!(missing.code, 3, "a run may be on another host: {missing:?}");
}
