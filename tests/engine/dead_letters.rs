//! `queue workers`, `queue failed` and `queue retry`.

use serde_json::Value;

use crate::support::engine::{Setup, Tables};
use crate::support::eventually;
use crate::support::gate::Gate;
use crate::support::ordctl::{Ordctl, acting_user, finding};

const FAILS: &str =
    r#"{"uses": "shell.exec", "with": {"program": "/bin/sh", "args": ["-c", "echo broken >&2; exit 7"]}}"#;

/// Counts retries that wait for a lock.
const WAITING: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%dead_letter%'";

async fn broken(tables: &Tables, title: &str) -> String {
    tables
        .task(&[FAILS.to_owned()], &format!("title = '{title}', max_retries = 0, concurrency_key = 'k'"))
        .await
}

/// Inserts a dead letter as a node does.
async fn dead_letter(tables: &Tables, task: &str) -> String {
    let id = tables.db.value("SELECT gen_random_uuid()").await;
    let sql = format!(
        "INSERT INTO ordctl.dead_letter (occurrence, task_id, scheduled_at) VALUES ('{id}', '{task}', now())"
    );
    tables.db.execute(&sql).await.unwrap();
    id
}

fn failed(ordctl: &Ordctl, args: &[&str]) -> (i32, Vec<Value>) {
    let (code, list) = ordctl.json(&[&["queue", "failed"], args].concat());
    (code, list["failed"].as_array().unwrap().clone())
}

#[tokio::test]
async fn a_retried_dead_letter_runs_under_a_new_id_with_its_event() {
    let tables = Tables::new().await;
    let setup = Setup::of(&tables.db);
    let ordctl = setup.ordctl().with("SUDO_USER", "ada");
    let task = broken(&tables, "Broken").await;
    assert_eq!(failed(&ordctl, &[]), (0, vec![]));
    let _node = setup.node(&["--role", "worker"]);
    let queue = format!(
        "INSERT INTO due_work (task_id, run_at, event) VALUES ('{task}', now(), '{{\"id\": \"e\", \"n\": 42}}')"
    );
    tables.db.execute(&queue).await.unwrap();
    tables.drained().await;

    let (code, dead_letters) = failed(&ordctl, &["--task", "Broken"]);
    assert_eq!((code, dead_letters.len()), (1, 1));
    let old = dead_letters[0]["occurrence"].as_str().unwrap().to_owned();
    assert_eq!((&dead_letters[0]["task"], &dead_letters[0]["attempts"]), (&"Broken".into(), &1.into()));
    let error = dead_letters[0]["error"].as_str().unwrap();
    assert!(error.contains('7') && !error.contains('\n'), "{error}");
    let (_, status) = ordctl.json(&["queue", "status"]);
    assert_eq!(finding(&status, "dead_letters")["hint"], "ordctl queue failed");

    let (code, retried) = ordctl.json(&["queue", "retry", &old, "--yes"]);
    assert_eq!((code, &retried["retried"][0]["dead_letter"]), (0, &old.clone().into()), "{retried}");
    let new = retried["retried"][0]["occurrence"].as_str().unwrap().to_owned();
    assert_ne!(new, old);
    tables
        .until(
            "SELECT string_agg(id::text, ' ' ORDER BY finished_at) FROM task_run WHERE final",
            &format!("{old} {new}"),
        )
        .await;
    let again = format!(
        "SELECT concat_ws(' ', new.event = old.event, new.scheduled_at = old.scheduled_at, old.retried_at IS NOT NULL, new.retried_at IS NULL)
           FROM ordctl.dead_letter old JOIN ordctl.dead_letter new ON new.occurrence = '{new}' WHERE old.occurrence = '{old}'"
    );
    assert_eq!(tables.db.value(&again).await, "t t t t");
    let audit = "SELECT concat_ws(' ', subject_id, details ->> 'occurrence', details ->> 'os_user') FROM audit_log WHERE action = 'run.retried'";
    assert_eq!(tables.db.value(audit).await, format!("{old} {new} {}", acting_user("ada")));

    let output = ordctl.run(&["queue", "retry", &old, "--yes"]);
    assert!(output.code == 4 && output.err.contains("already retried"), "{output:?}");
    let output = ordctl.run(&["queue", "retry", &task, "--yes"]);
    assert!(output.code == 4 && output.err.contains("no dead letter has this id"), "{output:?}");
    assert_eq!(failed(&ordctl, &[]).1[0]["occurrence"], new);
}

#[tokio::test]
async fn concurrent_retries_of_a_dead_letter_queue_it_once() {
    let tables = Tables::new().await;
    let ordctl = Setup::of(&tables.db).ordctl();
    let task = broken(&tables, "Broken").await;
    let id = dead_letter(&tables, &task).await;
    let barrier = tables.db.store.postgres().session().await.unwrap();
    barrier.batch_execute("BEGIN; SELECT FROM ordctl.dead_letter FOR UPDATE").await.unwrap();
    let both = [
        ordctl.spawn(&["queue", "retry", &id, "--yes"]),
        ordctl.spawn(&["queue", "retry", "--all", "--yes"]),
    ];
    tables.until(WAITING, "2").await;
    barrier.batch_execute("COMMIT").await.unwrap();
    let mut codes: Vec<i32> =
        both.into_iter().map(|child| child.wait_with_output().unwrap().status.code().unwrap()).collect();
    codes.sort_unstable();
    assert_eq!(codes, [0, 4]);
    assert_eq!(tables.db.value("SELECT count(*) FROM due_work").await, "1");
    assert_eq!(tables.db.value("SELECT count(*) FROM audit_log WHERE action = 'run.retried'").await, "1");
}

#[tokio::test]
async fn a_retry_waits_for_a_pause_that_came_first() {
    let tables = Tables::new().await;
    let ordctl = Setup::of(&tables.db).ordctl();
    let task = broken(&tables, "Broken").await;
    let id = dead_letter(&tables, &task).await;
    let pause = tables.db.store.postgres().session().await.unwrap();
    pause.batch_execute("BEGIN; UPDATE task SET status = 'paused'").await.unwrap();
    let child = ordctl.spawn(&["queue", "retry", &id, "--yes"]);
    tables.until(WAITING, "1").await;
    pause.batch_execute("COMMIT").await.unwrap();
    let output = child.wait_with_output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(4) && error.contains("the task is paused"), "{error}");
    let left = "SELECT (SELECT count(*) FROM due_work), (SELECT count(*) FROM ordctl.dead_letter WHERE retried_at IS NULL)";
    assert_eq!(
        tables.db.value(&format!("SELECT concat_ws(' ', a, b) FROM ({left}) AS q (a, b)")).await,
        "0 1"
    );
}

#[tokio::test]
async fn retry_reports_and_keeps_dead_letters_of_inactive_tasks() {
    let tables = Tables::new().await;
    let ordctl = Setup::of(&tables.db).ordctl();
    let (active, other) = (broken(&tables, "Active").await, broken(&tables, "Other").await);
    let paused = broken(&tables, "Paused").await;
    for task in [&active, &active, &other, &paused] {
        dead_letter(&tables, task).await;
    }
    let id = dead_letter(&tables, &paused).await;
    tables.db.execute(&format!("UPDATE task SET status = 'paused' WHERE id = '{paused}'")).await.unwrap();
    let queued = "SELECT count(*) FROM due_work";

    let output = ordctl.run(&["queue", "retry", "--all"]);
    assert!(
        output.code == 4
            && output.err.contains("no consent: standard input is not a terminal")
            && output.err.contains("--yes"),
        "{output:?}"
    );
    assert_eq!(tables.db.value(queued).await, "0");
    let output = ordctl.run(&["queue", "retry", &id, "--yes"]);
    assert!(output.code == 4 && output.err.contains("of task 'Paused': the task is paused"), "{output:?}");
    let output = ordctl.run(&["queue", "retry", "--task", "Paused", "--yes"]);
    assert!(output.code == 4 && output.err.contains("2 of task 'Paused'"), "{output:?}");
    assert_eq!(tables.db.value(queued).await, "0");

    let output = ordctl.run(&["queue", "retry", "--task", "Other", "--yes"]);
    assert_eq!(output.code, 0, "{output:?}");
    assert_eq!(
        tables.db.value(&format!("{queued} WHERE task_id = '{other}' AND concurrency_key = 'k'")).await,
        "1"
    );
    let output = ordctl.run(&["queue", "retry", "--all", "--yes"]);
    assert!(output.code == 1 && output.err.contains("2 of task 'Paused'"), "{output:?}");
    assert!(output.out.lines().any(|l| l.trim() == "2  Active"), "{output:?}");
    assert_eq!(tables.db.value(&format!("{queued} WHERE task_id = '{active}'")).await, "2");
    let (code, left) = failed(&ordctl, &["--limit", "1"]);
    assert_eq!((code, &left[0]["task_status"]), (1, &"paused".into()));

    tables.db.execute("DELETE FROM ordctl.dead_letter").await.unwrap();
    let output = ordctl.run(&["queue", "retry", "--all"]);
    assert!(output.code == 0 && output.err.contains("no dead letters"), "{output:?}");
}

#[tokio::test]
async fn workers_are_listed_with_their_runs_including_ordinauts() {
    let (tables, gate) = (Tables::new().await, Gate::start());
    let setup = Setup::of(&tables.db).allowing(gate.port);
    let ordctl = setup.ordctl();
    let task = tables.task(&[gate.step("/wait")], "").await;
    let mut node = setup.node(&["--role", "worker", "--concurrency", "3"]);
    tables.queue(&task, 1).await;
    eventually("the run is at the gate", async || gate.came("/wait") == 1).await;
    tables.until("SELECT count(*) FROM worker_heartbeat", "1").await;
    let upstream = format!(
        "INSERT INTO worker_heartbeat (worker_id, processed_count, pid, hostname) VALUES ('worker-py-1', 12, 34, 'old');
         INSERT INTO due_work (task_id, run_at, locked_by, locked_until) VALUES ('{task}', now(), 'worker-py-1', now() + interval '1 h')"
    );
    tables.db.execute(&upstream).await.unwrap();

    let (code, list) = ordctl.json(&["queue", "workers"]);
    assert_eq!((code, list["workers"].as_array().unwrap().len()), (0, 2), "{list}");
    let (ours, theirs) = (&list["workers"][0], &list["workers"][1]);
    assert!(
        ours["worker"].as_str().unwrap().starts_with("ordctl:") && ours["last_seen"].is_string(),
        "{ours}"
    );
    assert_eq!((&ours["kind"], &ours["lanes"], &ours["running"]), (&"ordctl".into(), &2.into(), &1.into()));
    assert_eq!((&ours["lease"], &ours["pid"]), (&"held".into(), &node.pid().into()));
    assert_eq!((&theirs["worker"], &theirs["kind"]), (&"worker-py-1".into(), &"upstream".into()));
    assert_eq!((&theirs["lanes"], &theirs["lease"]), (&Value::Null, &Value::Null));
    assert_eq!(
        (&theirs["running"], &theirs["processed"], &theirs["host"]),
        (&1.into(), &12.into(), &"old".into())
    );

    gate.open();
    tables.until("SELECT count(*) FROM due_work", "1").await;
    assert_eq!(ordctl.json(&["queue", "workers"]).1["workers"][0]["running"], 0);
    node.kill();
    let ended = "SELECT count(*) FROM ordctl.worker WHERE lease_until <= now()";
    tables.until(ended, "2").await;
    assert_eq!(ordctl.json(&["queue", "workers"]).1["workers"][0]["lease"], "ended");
}

#[tokio::test]
async fn dead_letters_are_grouped_and_retried_by_task_error_and_time() {
    let tables = Tables::new().await;
    let ordctl = Setup::of(&tables.db).ordctl();
    let (first, second) = (broken(&tables, "First").await, broken(&tables, "Second").await);
    for (task, error, age) in [
        (&first, "timeout after 3001 ms", "2 hours"),
        (&first, "Timeout after 3002 ms", "1 hour"),
        (&first, "timeout after 29 ms", "1 minute"),
        (&first, "no such table", "1 minute"),
        (&second, "timeout after 29 ms", "3 hours"),
    ] {
        let id = dead_letter(&tables, task).await;
        let run = format!(
            "UPDATE ordctl.dead_letter SET at = now() - interval '{age}' WHERE occurrence = '{id}';
             INSERT INTO task_run (id, task_id, started_at, finished_at, success, error, attempt)
             VALUES ('{id}', '{task}', now(), now(), false, '{error}', 1)"
        );
        tables.db.execute(&run).await.unwrap();
    }
    let (_, list) = ordctl.json(&["queue", "failed"]);
    let groups: Vec<(&str, u64, &str)> = list["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|g| (g["task"].as_str().unwrap(), g["count"].as_u64().unwrap(), g["error"].as_str().unwrap()))
        .collect();
    assert_eq!(
        groups,
        [
            ("First", 2, "timeout after 29 ms"),
            ("First", 1, "no such table"),
            ("First", 1, "Timeout after 3002 ms"),
            ("Second", 1, "timeout after 29 ms"),
        ],
        "errors that differ only in numbers are one group"
    );
    assert_eq!(list["failed"].as_array().unwrap().len(), 5, "programs still find the single ones");
    let (_, recent) = ordctl.json(&["queue", "failed", "--each", "--since", "90m", "--error", "TIMEOUT"]);
    assert_eq!(recent["failed"].as_array().unwrap().len(), 2, "{recent}");

    let (_, plan) = ordctl.json(&["queue", "retry", "--error", "timeout", "--dry-run"]);
    assert_eq!(plan["title"], "Retry 4 dead letters of 2 tasks: error contains 'timeout'", "{plan}");
    let (_, plan) = ordctl.json(&["queue", "retry", "--error", "no such", "--dry-run"]);
    assert_eq!(plan["title"], "Retry 1 dead letter of 1 task: error contains 'no such'", "{plan}");
    let retry = ["queue", "retry", "--task", "First", "--error", "timeout", "--since", "90m", "--yes"];
    let output = ordctl.run(&retry);
    assert!(output.code == 0 && output.out.contains("2  First"), "{output:?}");
    let left = "SELECT count(*) FROM ordctl.dead_letter WHERE retried_at IS NULL";
    assert_eq!(tables.db.value(left).await, "3");
    assert_eq!(tables.db.value("SELECT count(*) FROM due_work").await, "2");
}

/// Inserts a dead letter with its run.
async fn failed_at(tables: &Tables, task: &str, id: &str, at: &str, error: &str) {
    let sql = format!(
        "INSERT INTO ordctl.dead_letter (occurrence, task_id, scheduled_at, at) VALUES ('{id}', '{task}', {at}, {at});
         INSERT INTO task_run (id, task_id, started_at, finished_at, success, error, attempt)
         VALUES ('{id}', '{task}', {at}, {at}, false, '{error}', 1)"
    );
    tables.db.execute(&sql).await.unwrap();
}

#[tokio::test]
async fn the_failures_of_one_day_are_selected_in_the_configured_time_zone() {
    let tables = Tables::new().await;
    let ordctl = Setup::of(&tables.db).ordctl().with("ORDCTL_TIME_ZONE", "Europe/Chisinau");
    let task = broken(&tables, "Nightly").await;
    for (n, at) in ["2026-03-01 21:59:59Z", "2026-03-01 22:00:00Z", "2026-03-02 22:00:00Z"].iter().enumerate()
    {
        let id = format!("01a1fcad-000{n}-8ae2-9142-7066751f7a30");
        failed_at(&tables, &task, &id, &format!("'{at}'::timestamptz"), "timeout").await;
    }
    failed_at(&tables, &task, "01a1fcad-0009-8ae2-9142-7066751f7a30", "now()", "timeout").await;
    let day = ["--since", "2026-03-02", "--until", "2026-03-03"];
    let (_, each) = ordctl.json(&[&["queue", "failed", "--each"][..], &day].concat());
    let failed: Vec<&str> =
        each["failed"].as_array().unwrap().iter().map(|l| l["occurrence"].as_str().unwrap()).collect();
    assert_eq!(failed, ["01a1fcad-0001-8ae2-9142-7066751f7a30"], "{each}");
    let (_, groups) = ordctl.json(&[&["queue", "failed"][..], &day].concat());
    assert_eq!(groups["groups"][0]["count"], 1, "{groups}");
    let (_, runs) = ordctl.json(&[&["runs", "list"][..], &day].concat());
    assert_eq!(runs["runs"].as_array().unwrap().len(), 1, "{runs}");
    let retry = ["queue", "retry", "--error", "timeout", "--dry-run"];
    let (_, plan) = ordctl.json(&[&retry[..], &day].concat());
    let title = "Retry 1 dead letter of 1 task: failed from 2026-03-02 00:00 until 2026-03-03 00:00, error contains 'timeout'";
    assert_eq!(plan["title"], title, "{plan}");
    let output = ordctl.run(&["queue", "retry", "--until", "yesterday", "--yes"]);
    assert!(output.code == 0 && output.out.contains("3  Nightly"), "{output:?}");
    let left = "SELECT count(*) FROM ordctl.dead_letter WHERE retried_at IS NULL";
    assert_eq!(tables.db.value(left).await, "1");
}

#[tokio::test]
async fn a_time_without_a_unit_or_an_empty_period_is_refused() {
    let ordctl = Ordctl::new();
    let lists: [&[&str]; 4] = [&["runs", "list"], &["queue", "failed"], &["queue", "retry"], &["logs"]];
    for list in lists {
        let output = ordctl.run(&[list, &["--since", "1"]].concat());
        assert!(output.code == 64 && output.err.contains("1 of what? use 1s, 1m, 1h or 1d"), "{output:?}");
        let output = ordctl.run(&[list, &["--since", "soon"]].concat());
        assert!(output.code == 64 && output.err.contains("yesterday, 14:00"), "{output:?}");
    }
    let output = ordctl.run(&["task", "snooze", "Report", "--for", "10"]);
    assert!(output.code == 64 && output.err.contains("10 of what?"), "{output:?}");
    let tables = Tables::new().await;
    let ordctl = Setup::of(&tables.db).ordctl();
    for list in &lists[..3] {
        let output = ordctl.run(&[list, &["--since", "today", "--until", "yesterday"][..]].concat());
        assert!(output.code == 64 && output.err.contains("must be after --since"), "{output:?}");
    }
}

#[tokio::test]
async fn a_filter_that_matches_nothing_is_no_all_clear() {
    let tables = Tables::new().await;
    let ordctl = Setup::of(&tables.db).ordctl();
    let task = broken(&tables, "Broken").await;
    let note = |args: &[&str]| {
        let output = ordctl.run(args);
        assert_eq!((output.code, output.out.as_str()), (0, ""), "{output:?}");
        output.err
    };
    for args in
        [&["queue", "failed", "--error", "zzz"][..], &["queue", "retry", "--error", "zzz", "--dry-run"]]
    {
        assert!(note(args).starts_with("no dead letters"), "{args:?}");
    }
    assert!(note(&["runs", "list"]).starts_with("no runs"));
    dead_letter(&tables, &task).await;
    assert!(note(&["queue", "failed", "--error", "zzz"]).starts_with("the only dead letter does not match"));
    for n in 0..60 {
        let id = format!("01a1fcad-00{n:02}-8ae2-9142-7066751f7a30");
        failed_at(&tables, &task, &id, "now()", "timeout").await;
    }
    for args in [
        &["queue", "failed", "--error", "zzz"][..],
        &["queue", "failed", "--each", "--until", "yesterday"],
        &["queue", "retry", "--error", "zzz", "--dry-run"],
    ] {
        assert!(note(args).starts_with("none of the 61 dead letters match"), "{args:?}");
    }
    assert!(note(&["runs", "list", "--status", "ok"]).starts_with("no runs match"));
}

#[tokio::test]
async fn the_example_of_a_group_opens_its_run_and_its_error_begins_with_the_cause() {
    let tables = Tables::new().await;
    let ordctl = Setup::of(&tables.db).ordctl().with("COLUMNS", "80");
    let task = broken(&tables, "Post orders").await;
    let (example, other) = ("01a1fcad-0580-8ae2-9142-7066751f7a30", "01a1fcad-0580-8ae2-9142-7066751f7a31");
    let error = |cause: &str| format!("step ''post'': http.request: {cause}");
    failed_at(&tables, &task, example, "now()", &error("timed out")).await;
    failed_at(&tables, &task, "f1a1fcad-0580-8ae2-9142-7066751f7a31", "now()", &error("refused")).await;
    // A step of another name with the same cause: without its step it would look like the first group.
    failed_at(
        &tables,
        &task,
        "e1a1fcad-0580-8ae2-9142-7066751f7a31",
        "now()",
        "step ''get'': http.request: refused",
    )
    .await;
    // No dead letter.
    let run = format!(
        "INSERT INTO task_run (id, task_id, started_at, finished_at, success, attempt)
         VALUES ('{other}', '{task}', now(), now(), true, 1)"
    );
    tables.db.execute(&run).await.unwrap();
    let output = ordctl.run(&["queue", "failed"]);
    let line = output.out.lines().find(|line| line.ends_with("  timed out")).expect(&output.out);
    let id = line.split_whitespace().find(|word| word.starts_with("01a1fcad")).unwrap();
    let shown = ordctl.run(&["runs", "show", id]);
    assert!(shown.code == 0 && shown.out.contains(example), "{id}: {shown:?}");
    assert!(output.out.contains("step 'pos") && output.out.contains("step 'get"), "{output:?}");
    assert!(ordctl.run(&["queue", "failed", "-o", "wide"]).out.contains("http.request: timed out"));
    let (_, list) = ordctl.json(&["queue", "failed", "--error", "timed"]);
    assert_eq!(list["groups"][0]["error"], "step 'post': http.request: timed out", "{list}");
}
