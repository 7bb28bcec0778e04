//! Lists and the short ids that they show.

use crate::support::engine::{Setup, Tables};
use crate::support::ordctl::Ordctl;

const SECOND: &str = "01a1fcad-0580-8ae2-9142-7066751f7a31";

async fn two_runs(tables: &Tables) -> String {
    let task = tables.task(&[], "title = 'Report'").await;
    let sql = format!(
        "INSERT INTO task_run (id, task_id, started_at, finished_at, success, attempt) VALUES
             ('01a1fcad-0580-8ae2-9000-7066751f7a30', '{task}', now() - interval '2 hours', now(), true, 1),
             ('{SECOND}', '{task}', now(), now(), false, 1)"
    );
    tables.db.execute(&sql).await.unwrap();
    task
}

/// The first word of each row of a list.
fn shown(ordctl: &Ordctl, args: &[&str]) -> Vec<String> {
    let out = ordctl.run(args).out;
    out.lines().skip(1).map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_listed_id_is_accepted_and_an_ambiguous_one_lists_its_candidates() {
    let tables = Tables::new().await;
    let ordctl = Setup::of(&tables.db).ordctl();
    let task = two_runs(&tables).await;
    let ids = shown(&ordctl, &["runs", "list"]);
    assert_eq!(ids, ["01a1fcad-0580-8ae2-91", "01a1fcad-0580-8ae2-90"]);
    // The other run counts where it is not listed, too.
    assert_eq!(shown(&ordctl, &["runs", "list", "--since", "1h"]), ids[..1]);
    let (_, run) = ordctl.json(&["runs", "show", &ids[0]]);
    assert_eq!(run["id"], SECOND);
    for args in [["runs", "show"], ["runs", "cancel"]] {
        let output = ordctl.run(&[&args[..], &["01a1fcad-0580"]].concat());
        assert_eq!(output.code, 64, "{output:?}");
        assert!(output.err.contains("several runs match '01a1fcad-0580'"), "{output:?}");
        assert!(output.err.contains(SECOND) && output.err.contains("Report (failed, "), "{output:?}");
    }
    let output = ordctl.run(&["runs", "show", "ffff"]);
    assert!(output.code == 64 && output.err.contains("no run matches 'ffff'"), "{output:?}");
    let (_, page) = ordctl.json(&["runs", "list", "--task", &task[..8], "--status", "failed"]);
    assert_eq!(page["runs"].as_array().unwrap().len(), 1, "{page}");
    assert_eq!((&page["runs"][0]["id"], &page["runs"][0]["task"]), (&SECOND.into(), &task.into()));
}

#[tokio::test]
async fn a_dead_letter_and_an_agent_are_found_by_the_start_of_their_ids() {
    let tables = Tables::new().await;
    let ordctl = Setup::of(&tables.db).ordctl();
    let task = tables.task(&[], "title = 'Broken'").await;
    let sql = format!(
        "INSERT INTO ordctl.dead_letter (occurrence, task_id, scheduled_at) VALUES
             ('01a1fcad-0580-8ae2-9000-7066751f7a30', '{task}', now()), ('{SECOND}', '{task}', now());
         INSERT INTO agent (id, name, scopes) VALUES
             ('a1000000-0000-4000-8000-000000000001', 'one', '{{}}'), ('a1000000-1000-4000-8000-000000000001', 'a100', '{{}}')"
    );
    tables.db.execute(&sql).await.unwrap();
    let output = ordctl.run(&["queue", "retry", "01a1fcad", "--yes"]);
    assert_eq!(output.code, 64, "{output:?}");
    assert!(output.err.contains("several dead letters match") && output.err.contains(SECOND), "{output:?}");
    let output = ordctl.run(&["queue", "retry", "01a1fcad-0580-8ae2-91", "--yes"]);
    assert_eq!(output.code, 0, "{output:?}");
    let retried = "SELECT occurrence FROM ordctl.dead_letter WHERE retried_at IS NOT NULL";
    assert_eq!(tables.db.value(retried).await, SECOND);
    // A name is no ambiguous id.
    let output = ordctl.run(&["agent", "revoke", "a100", "--dry-run"]);
    assert!(output.code == 0 && output.out.contains("agent 'a100'"), "{output:?}");
    let output = ordctl.run(&["agent", "revoke", "a1000000", "--yes"]);
    assert!(output.code == 64 && output.err.contains("several agents match"), "{output:?}");
    let output = ordctl.run(&["agent", "revoke", "a1000000-0", "--dry-run"]);
    assert!(output.code == 0 && output.out.contains("agent 'one'"), "{output:?}");
}

#[tokio::test]
async fn a_snoozed_task_starts_later() {
    let tables = Tables::new().await;
    let ordctl = Setup::of(&tables.db).ordctl();
    let task = tables.task(&[], "title = 'Later'").await;
    let output = ordctl.run(&["task", "snooze", "Later", "--for", "10m", "--yes"]);
    assert!(output.code == 1 && output.err.contains("no queued work"), "{output:?}");
    tables.queue(&task, 2).await;
    let output = ordctl.run(&["task", "snooze", "Later", "--for", "10m", "--yes"]);
    assert!(output.code == 0 && output.err.contains("for 10m, 2 queued occurrences postponed"), "{output:?}");
    let later = "SELECT count(*) FROM due_work WHERE run_at > now() + interval '9 minutes'";
    assert_eq!(tables.db.value(later).await, "2");
    for wrong in ["0s", "8d", "1.5s", "soon"] {
        let output = ordctl.run(&["task", "snooze", "Later", "--for", wrong, "--yes"]);
        assert!(output.code == 64 && output.err.contains(wrong), "{output:?}");
    }
    assert_eq!(ordctl.run(&["task", "cancel", "Later", "--yes"]).code, 0);
    let output = ordctl.run(&["task", "snooze", "Later", "--for", "10m", "--yes"]);
    assert!(output.code == 4 && output.err.contains("canceled"), "{output:?}");
}

/// Runs in progress are in no table of runs, and their ids have the same beginning when they start together.
#[tokio::test]
async fn the_short_id_of_a_running_run_is_unique() {
    let tables = Tables::new().await;
    let ordctl = Setup::of(&tables.db).ordctl();
    let task = two_runs(&tables).await;
    let sql = format!(
        "INSERT INTO due_work (id, task_id, run_at, occurrence, locked_by, locked_until, leased_at, lease_token)
         SELECT n, '{task}', now(), ('01a1fcad-0580-8ae2-9142-7066751f800' || n)::uuid, 'w', now() + interval '1 hour',
                now(), gen_random_uuid()
           FROM generate_series(1, 3) AS n;
         INSERT INTO ordctl.worker (id, node, lease_until, running) VALUES ('w', 'n', now() + interval '1 hour', '{{1,2,3}}')"
    );
    tables.db.execute(&sql).await.unwrap();
    let running = shown(&ordctl, &["runs", "list", "--status", "running"]);
    assert_eq!(running.len(), 3, "{running:?}");
    for id in running.iter().chain(&shown(&ordctl, &["runs", "list", "--status", "failed"])) {
        let output = ordctl.run(&["runs", "show", id]);
        assert!(output.code == 0 && output.out.contains(id.as_str()), "{id}: {output:?}");
    }
    let output = ordctl.run(&["runs", "cancel", &running[0], "--dry-run"]);
    assert_eq!(output.code, 0, "{output:?}");
}

#[tokio::test]
async fn the_plan_of_a_snooze_says_when_the_next_occurrence_is() {
    let tables = Tables::new().await;
    let ordctl = Setup::of(&tables.db).ordctl();
    let set = "title = 'Hourly', schedule_kind = 'cron', schedule_expr = '0 0 1 1 *', timezone = 'UTC'";
    let task = tables.task(&[], set).await;
    let plan = |args: &[&str]| {
        let (code, report) = ordctl.json(&[&["task", "snooze", "Hourly", "--dry-run"], args].concat());
        assert_eq!(code, 0, "{report:#}");
        (report["title"].to_string(), report["sections"].to_string())
    };
    let (title, steps) = plan(&["--for", "2d"]);
    let next_year = chrono::Datelike::year(&(chrono::Utc::now() + chrono::TimeDelta::days(2))) + 1;
    assert_eq!(title, "\"Snooze task 'Hourly'\"", "{steps}");
    let next = format!(", the next is {next_year}-01-01");
    assert!(
        steps.contains("Postpone queued work by 2d; no occurrence before ") && steps.contains(&next),
        "{steps}"
    );
    // A paused task has no schedule that moves.
    tables.db.execute(&format!("UPDATE task SET status = 'paused' WHERE id = '{task}'")).await.unwrap();
    let (_, steps) = plan(&["--for", "2d"]);
    assert!(steps.contains("Postpone queued work by 2d") && !steps.contains("occurrence"), "{steps}");
}

#[tokio::test]
async fn the_runs_of_a_task_are_canceled_with_one_consent() {
    let tables = Tables::new().await;
    let ordctl = Setup::of(&tables.db).ordctl();
    let (task, other) =
        (tables.task(&[], "title = 'Hangs'").await, tables.task(&[], "title = 'Other'").await);
    let sql = format!(
        "INSERT INTO due_work (id, task_id, run_at, locked_by, locked_until, leased_at, lease_token)
         SELECT n, (CASE WHEN n = 4 THEN '{other}' ELSE '{task}' END)::uuid, now(), 'w', now() + interval '1 hour', now(),
                gen_random_uuid()
           FROM generate_series(1, 4) AS n;
         INSERT INTO due_work (id, task_id, run_at) VALUES (5, '{task}', now());
         INSERT INTO ordctl.worker (id, node, lease_until, running)
         VALUES ('w', 'n', now() + interval '1 hour', '{{1,2,3,4}}')"
    );
    tables.db.execute(&sql).await.unwrap();
    let canceled = "SELECT string_agg(id::text, ' ' ORDER BY id) FROM due_work WHERE cancel";
    let (code, plan) = ordctl.json(&["runs", "cancel", "--task", "Hangs", "--dry-run"]);
    assert_eq!((code, &plan["title"]), (0, &"Cancel 3 runs in progress of task 'Hangs'".into()), "{plan:#}");
    let output = ordctl.run(&["runs", "cancel", "--task", "Hangs"]);
    assert!(output.code == 4 && output.err.contains("no consent"), "{output:?}");
    let output = ordctl.run(&["runs", "cancel", "--task", "Hangs", "--yes"]);
    assert!(output.code == 0 && output.err.contains("cancellation of 3 runs requested"), "{output:?}");
    assert_eq!(tables.db.value(canceled).await, "1 2 3", "neither queued work nor another task's");
    let audit = "SELECT count(DISTINCT subject_id) FROM audit_log WHERE action = 'run.canceled'";
    assert_eq!(tables.db.value(audit).await, "3");
    tables.db.execute("UPDATE ordctl.worker SET running = '{}'").await.unwrap();
    let output = ordctl.run(&["runs", "cancel", "--task", "Hangs", "--yes"]);
    assert!(output.code == 0 && output.err.contains("no run of this task is in progress"), "{output:?}");
}

#[tokio::test]
async fn the_queue_names_the_tasks_with_the_most_work() {
    let tables = Tables::new().await;
    let ordctl = Setup::of(&tables.db).ordctl();
    let section = |report: &serde_json::Value| {
        report["sections"].as_array().unwrap().iter().find(|s| s["id"] == "tasks").cloned()
    };
    assert_eq!(section(&ordctl.json(&["queue", "status"]).1), None);
    let slow = tables.task(&[], "title = 'Slow report'").await;
    let sql = format!(
        "INSERT INTO due_work (task_id, run_at) SELECT '{slow}', now() - interval '20 minutes' FROM generate_series(1, 40);
         INSERT INTO due_work (task_id, run_at) VALUES ('{slow}', now() + interval '1 hour');
         INSERT INTO due_work (task_id, run_at) VALUES ('{slow}', now() - interval '2 hours');
         UPDATE due_work SET parked = 'key' WHERE run_at < now() - interval '90 minutes';
         INSERT INTO due_work (task_id, run_at, locked_by, locked_until, leased_at, lease_token)
         SELECT '{slow}', now() - interval '1 hour', 'w', now() + interval '1 hour', now() - interval '12 minutes',
                gen_random_uuid()
           FROM generate_series(1, 2);
         INSERT INTO task_run (task_id, started_at, finished_at, success, attempt)
         SELECT '{slow}', now() - interval '2 hours', now() - interval '2 hours' + n * interval '10 seconds', n < 4, 1
           FROM generate_series(1, 5) AS n"
    );
    tables.db.execute(&sql).await.unwrap();
    for n in 1..=6 {
        let task = tables.task(&[], &format!("title = 'Quick {n}'")).await;
        tables.queue(&task, n).await;
    }
    let tasks = section(&ordctl.json(&["queue", "status"]).1).unwrap();
    let lines: Vec<&str> =
        tasks["findings"].as_array().unwrap().iter().map(|f| f["summary"].as_str().unwrap()).collect();
    assert!(lines.len() == 5 && lines[1].starts_with("Quick 6: 6 due"), "{lines:?}");
    assert!(lines[0].starts_with("Slow report: 40 due, oldest 20m"), "{lines:?}");
    assert!(
        lines[0].contains("; 2 running, longest 12m") && lines[0].ends_with("; usually 20 s"),
        "{lines:?}"
    );
    assert_eq!(tasks["findings"][0]["status"], "warn", "{tasks}");
}
