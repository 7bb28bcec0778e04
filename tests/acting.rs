//! Acting: consent, dry run, lock, journal, resume after a kill at every step, interruption.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};

use rustix::process::Signal;
use serde_json::Value;

use crate::support::ordctl::{CommandOutput, Ordctl, acting_user, finding, migrated};
use crate::support::postgres::{Database, cluster};
use crate::support::{User, eventually, signal};

const TABLES: [&str; 5] = ["task", "task_run", "due_work", "audit_log", "worker_heartbeat"];

/// Which tables the planner knows.
async fn analyzed(database: &Database) -> String {
    let sql = "SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class \
               WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND reltuples >= 0";
    database.value(sql).await
}

pub async fn waits_for_a_lock(database: &Database) {
    eventually("the run waits for the table's lock", async || {
        let sql = "SELECT count(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'ANALYZE%'";
        database.value(sql).await == "1"
    })
    .await;
}

#[tokio::test]
async fn without_consent_nothing_is_changed() {
    let (database, ordctl) = migrated().await;
    for args in [&["maintain", "analyze"] as &[&str], &["maintain", "analyze", "--confirm", "staging"]] {
        let output = ordctl.run(args);
        assert_eq!(output.code, 4, "{output:?}");
        assert!(output.out.is_empty() && output.err.contains("hint:"), "{output:?}");
    }
    assert_eq!(analyzed(&database).await, "");
    assert!(!ordctl.data_dir().exists(), "a refusal leaves nothing behind");
}

/// Whatever the umask is, other users read neither what a run did nor with which parameters.
#[tokio::test]
async fn lock_files_and_journals_are_private() {
    let (_database, ordctl) = migrated().await;
    assert_eq!(ordctl.run(&["maintain", "analyze", "--yes"]).code, 0);
    let mut modes = Vec::new();
    for folder in ["locks", "journal"] {
        for entry in std::fs::read_dir(ordctl.data_dir().join(folder)).unwrap() {
            let mode = entry.unwrap().metadata().unwrap().permissions().mode() & 0o777;
            modes.push((folder, mode));
        }
    }
    assert_eq!(modes, [("locks", 0o600), ("journal", 0o600)]);
}

/// A link that another user placed leads to a file that must not be overwritten.
#[tokio::test]
async fn a_lock_file_that_is_a_link_is_refused() {
    let (_database, ordctl) = migrated().await;
    assert_eq!(ordctl.run(&["maintain", "analyze", "--yes"]).code, 0);
    let lock = std::fs::read_dir(ordctl.data_dir().join("locks")).unwrap().next().unwrap().unwrap().path();
    let victim = ordctl.home().join("victim");
    std::fs::write(&victim, "precious").unwrap();
    std::fs::remove_file(&lock).unwrap();
    std::os::unix::fs::symlink(&victim, &lock).unwrap();
    let output = ordctl.run(&["maintain", "analyze", "--yes"]);
    assert_eq!(output.code, 4, "{output:?}");
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "precious");
}

/// Without a home there is no fallback below `/tmp`, where other users could have placed links.
#[tokio::test]
async fn a_user_without_a_home_gets_no_shared_folder() {
    let Some(user) = User::for_postgres() else { return };
    let (_database, ordctl) = migrated().await;
    let program = tempfile::tempdir().unwrap();
    std::fs::set_permissions(program.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let copy = program.path().join("ordctl");
    std::fs::copy(env!("CARGO_BIN_EXE_ordctl"), &copy).unwrap();
    let mut command = std::process::Command::new(copy);
    command.args(["maintain", "analyze", "--yes"]).current_dir("/").uid(user.uid).gid(user.gid);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("DATABASE_URL", ordctl.variable("DATABASE_URL"));
    let output = CommandOutput::of(&mut command);
    assert_eq!(output.code, 4, "{output:?}");
    assert!(output.err.contains("/var/lib/ordctl/") && output.err.contains("--data-dir"), "{output:?}");
    assert!(!std::path::Path::new("/tmp/ordctl").exists());
}

/// Skipped steps were not requested, so no consent covers them.
#[tokio::test]
async fn when_every_step_is_left_out_nothing_is_changed() {
    let (database, ordctl) = migrated().await;
    let (code, report) = ordctl
        .json(&TABLES.iter().fold(vec!["maintain", "analyze"], |args, t| [args, vec!["--skip", t]].concat()));
    assert_eq!((code, report["kind"].as_str()), (3, Some("look")), "{report}");
    assert!(finding(&report, "steps.task")["summary"].as_str().unwrap().ends_with("skipped by --skip"));
    assert_eq!(analyzed(&database).await, "");
}

#[tokio::test]
async fn a_dry_run_checks_everything_and_changes_nothing() {
    let (database, ordctl) = migrated().await;
    let (code, report) = ordctl.json(&["maintain", "analyze", "--dry-run"]);
    assert_eq!((code, report["kind"].as_str()), (0, Some("dryrun")));
    let calls = &finding(&report, "plan.task_run")["details"]["calls"];
    assert_eq!(calls[1], "ANALYZE \"public\".\"task_run\"");
    assert_eq!(analyzed(&database).await, "");
    assert_eq!(database.value("SELECT count(*) FROM ordctl.operation").await, "0");
    assert!(!ordctl.data_dir().exists());

    database.execute("DROP TABLE worker_heartbeat").await.unwrap();
    let (code, report) = ordctl.json(&["maintain", "analyze", "--dry-run"]);
    assert_eq!(code, 4);
    assert_eq!(finding(&report, "plan.worker_heartbeat")["status"], "crit");
    let output = ordctl.run(&["maintain", "analyze", "--yes"]);
    assert_eq!(
        output.code, 4,
        "a precondition that fails late in the list keeps the first step from running"
    );
    assert_eq!(analyzed(&database).await, "");
}

#[tokio::test]
async fn a_run_is_journaled_in_the_file_and_in_the_database() {
    let (database, ordctl) = migrated().await;
    let (code, report) =
        ordctl.json(&["maintain", "analyze", "--yes", "--only", "task", "--only", "due_work"]);
    assert_eq!(code, 0, "{report}");
    assert_eq!(finding(&report, "verification.statistics")["status"], "skipped");
    assert_eq!(analyzed(&database).await, "due_work,task");
    let steps =
        "SELECT string_agg(step_id || ':' || status, ',' ORDER BY position) FROM ordctl.operation_step";
    assert_eq!(database.value(steps).await, "task:done,due_work:done");
    let actions = "SELECT string_agg(action, ',' ORDER BY id) FROM audit_log";
    assert_eq!(database.value(actions).await, "ordctl.run.begun,ordctl.run.ended");
    let journals: Vec<_> = std::fs::read_dir(ordctl.data_dir().join("journal")).unwrap().collect();
    assert_eq!(journals.len(), 1);
    assert_eq!(
        ordctl.run(&["maintain", "analyze", "--yes", "--resume"]).code,
        4,
        "nothing is left to resume"
    );
}

/// Killed during the change of any step, a resumed run continues with that step, and only with it and
/// those after it.
#[tokio::test]
async fn a_run_killed_at_any_step_is_resumed_there() {
    for (at, table) in TABLES.iter().enumerate() {
        let (database, ordctl) = migrated().await;
        let mut blocker = database.store.postgres().session().await.unwrap();
        let transaction = blocker.transaction().await.unwrap();
        transaction.batch_execute(&format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")).await.unwrap();
        let mut child = ordctl.spawn(&["maintain", "analyze", "--yes"]);
        waits_for_a_lock(&database).await;
        signal(&child, Signal::KILL);
        assert_eq!(child.wait().unwrap().signal(), Some(9));
        transaction.rollback().await.unwrap();
        eventually("the dead run's session is gone", async || {
            let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'ANALYZE%' AND state = 'active'";
            database.value(sql).await == "0"
        })
        .await;

        let (code, report) = ordctl.json(&["maintain", "analyze", "--yes", "--resume"]);
        assert_eq!(code, 0, "{report}");
        for (position, name) in TABLES.iter().enumerate() {
            let step = finding(&report, &format!("steps.{name}"));
            let before = step["summary"].as_str().unwrap().ends_with("already done");
            assert_eq!(before, position < at, "killed at {table}: {step}");
        }
        assert_eq!(analyzed(&database).await, "audit_log,due_work,task,task_run,worker_heartbeat");
        assert_eq!(database.value("SELECT count(*) FROM ordctl.operation").await, "1", "it is one operation");
        assert_eq!(database.value("SELECT status FROM ordctl.operation").await, "done");
    }
}

#[tokio::test]
async fn a_failed_step_stops_the_run_and_names_the_command_to_continue() {
    let (database, ordctl) = migrated().await;
    let runbook = "name: mine\nsteps:\n  - { id: a, uses: postgres.analyze, with: { table: task } }\n  \
                   - { id: b, uses: postgres.analyze, with: { table: due_work, lock_timeout: 50ms } }\n  \
                   - { id: c, uses: postgres.analyze, with: { table: agent } }\n";
    std::fs::write(ordctl.home().join("mine.yaml"), runbook).unwrap();
    let mut blocker = database.store.postgres().session().await.unwrap();
    let transaction = blocker.transaction().await.unwrap();
    transaction.batch_execute("LOCK TABLE due_work IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let (code, report) = ordctl.json(&["run", "./mine.yaml", "--yes"]);
    transaction.rollback().await.unwrap();
    assert_eq!(code, 2);
    assert_eq!(finding(&report, "steps.a")["status"], "ok");
    assert!(finding(&report, "steps.b")["summary"].as_str().unwrap().contains("lock timeout"));
    assert_eq!(finding(&report, "steps.c")["status"], "skipped");
    let hints: Vec<&Value> = report["next"].as_array().unwrap().iter().collect();
    assert!(hints.iter().any(|h| h.as_str().unwrap().contains("--resume")), "{hints:?}");

    std::fs::write(ordctl.home().join("mine.yaml"), runbook.replace("agent", "audit_log")).unwrap();
    let output = ordctl.run(&["run", "./mine.yaml", "--yes", "--resume"]);
    assert_eq!(output.code, 4, "other steps than those it began with: {output:?}");
    std::fs::write(ordctl.home().join("mine.yaml"), runbook).unwrap();
    assert_eq!(ordctl.run(&["run", "./mine.yaml", "--yes", "--resume"]).code, 0);
}

#[tokio::test]
async fn one_run_at_a_time_per_target_from_here_and_from_elsewhere() {
    let (database, ordctl) = migrated().await;
    let mut blocker = database.store.postgres().session().await.unwrap();
    let transaction = blocker.transaction().await.unwrap();
    transaction.batch_execute("LOCK TABLE task IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let child = ordctl.spawn(&["maintain", "analyze", "--yes"]);
    waits_for_a_lock(&database).await;
    let here = ordctl.run(&["maintain", "analyze", "--yes"]);
    assert_eq!(here.code, 4, "{here:?}");
    assert!(here.err.contains("maintain/analyze, process"), "{here:?}");
    assert!(here.err.contains("s ago)") && !here.err.contains("+00:00"), "a time for a person: {here:?}");
    // Another data directory simulates another host: only the database knows the run.
    let elsewhere = ordctl.run(&["maintain", "analyze", "--yes", "--data-dir", "other"]);
    assert_eq!(elsewhere.code, 4, "{elsewhere:?}");
    assert!(elsewhere.err.contains("another run is acting on this database"), "{elsewhere:?}");
    transaction.rollback().await.unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
}

#[tokio::test]
async fn an_interrupted_run_cancels_its_statement_and_can_be_resumed() {
    let (database, ordctl) = migrated().await;
    let mut blocker = database.store.postgres().session().await.unwrap();
    let transaction = blocker.transaction().await.unwrap();
    transaction.batch_execute("LOCK TABLE due_work IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let ordctl = ordctl.with("SUDO_USER", "ann");
    let child = ordctl.spawn(&["maintain", "analyze", "--yes", "-o", "json", "--reason", "slow"]);
    waits_for_a_lock(&database).await;
    signal(&child, Signal::INT);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(finding(&report, "steps.task_run")["status"], "ok");
    assert!(finding(&report, "steps.due_work")["summary"].as_str().unwrap().ends_with("interrupted"));
    transaction.rollback().await.unwrap();
    let args = ["maintain", "analyze", "--yes", "--resume", "--reason", "now"];
    let output = CommandOutput::of(ordctl.command(&args).env("SUDO_USER", "bob"));
    assert_eq!(output.code, 0, "{output:?}");
    let (ann, bob) = (acting_user("ann"), acting_user("bob"));
    let audit = "SELECT string_agg(concat_ws(' ', replace(action, 'ordctl.run.', ''), details ->> 'os_user',
                                             details ->> 'reason'), ', ' ORDER BY id) FROM audit_log";
    let rows = format!("begun {ann} slow, ended {ann}, begun {bob} now, ended {bob}");
    assert_eq!(database.value(audit).await, rows, "each row names who acted then");
    let journal = std::fs::read_dir(ordctl.data_dir().join("journal")).unwrap().flatten().next().unwrap();
    let text = std::fs::read_to_string(journal.path()).unwrap();
    let begin: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(begin["user"], ann, "the local journal keeps who began: {text}");
}

#[tokio::test]
async fn nothing_is_done_without_a_journal() {
    let (database, ordctl) = migrated().await;
    // A directory that nobody can create, not even root.
    let output = ordctl.run(&["maintain", "analyze", "--yes", "--data-dir", "/proc/nowhere"]);
    assert_eq!(output.code, 4, "{output:?}");
    assert!(output.err.contains("--data-dir"), "{output:?}");
    std::fs::create_dir_all(ordctl.data_dir()).unwrap();
    std::fs::write(ordctl.data_dir().join("journal"), "in the way").unwrap();
    let output = ordctl.run(&["maintain", "analyze", "--yes"]);
    assert_eq!(output.code, 4, "{output:?}");
    assert!(output.err.contains("cannot write the journal, and nothing is done without one"), "{output:?}");
    assert_eq!(analyzed(&database).await, "");
}

/// Findings before the change are its reasons, not its result.
#[tokio::test]
async fn a_bad_diagnosis_does_not_fail_a_successful_action() {
    let (_database, ordctl) = migrated().await;
    let book = ordctl.home().join("mend.yaml");
    let text = "name: mend\ntitle: Mend\n\
                diagnose:\n  - { id: ill, uses: check.query, with: { query: tasks_active, title: Tasks, crit: 0 } }\n\
                steps:\n  - { id: task, uses: postgres.analyze, with: { table: task } }\n";
    std::fs::write(&book, text).unwrap();
    let book = book.to_str().unwrap();
    for (flag, code) in [("--dry-run", 1), ("--yes", 1)] {
        let (got, report) = ordctl.json(&["run", book, flag]);
        assert_eq!((got, report["status"].as_str()), (code, Some("warn")), "{report}");
        assert_eq!(
            report["reasons"][0],
            finding(&report, "diagnosis.ill")["summary"],
            "the reason is reported"
        );
    }
}

const NIGHTLY: &str =
    "INSERT INTO task (title, description, created_by, schedule_kind, schedule_expr, payload)
    VALUES ('Nightly', 'd', '00000000-0000-0000-0000-000000000001', 'event', 'x', '{\"pipeline\": []}')";

/// Commands that change one thing act as runbooks do: plan, consent, journal, audit row.
#[tokio::test]
async fn single_changes_need_consent_and_have_a_plan() {
    let (database, ordctl) = migrated().await;
    database.execute(NIGHTLY).await.unwrap();
    let occurrence = "01a1fcad-0580-8ae2-9142-7066751f7a30";
    for args in [
        &["hold"] as &[&str],
        &["resume"],
        &["task", "run", "Nightly"],
        &["task", "pause", "Nightly"],
        &["task", "resume", "Nightly"],
        &["task", "snooze", "Nightly", "--for", "10m"],
        &["task", "cancel", "Nightly"],
        &["runs", "cancel", occurrence],
        &["agent", "create", "ci", "--scope", "admin"],
        &["agent", "rotate", "system"],
        &["agent", "revoke", "system"],
        &["queue", "retry", occurrence],
    ] {
        let output = ordctl.run(args);
        assert!(
            output.code == 4 && output.out.is_empty() && output.err.contains("--yes"),
            "{args:?}: {output:?}"
        );
        let output = ordctl.run(&[args, &["--confirm", "staging"]].concat());
        assert_eq!(output.code, 4, "{args:?}: {output:?}");
        let (code, plan) = ordctl.json(&[args, &["--dry-run"]].concat());
        assert_eq!((code, plan["kind"].as_str()), (0, Some("dryrun")), "{args:?}: {plan}");
        let calls = &plan["sections"][0]["findings"][0]["details"]["calls"];
        assert!(calls[0].as_str().unwrap().starts_with("query engine/"), "{args:?}: {plan}");
    }
    assert_eq!(database.value("SELECT count(*) FROM audit_log").await, "0");
    assert!(!ordctl.data_dir().exists(), "neither a refusal nor a dry run leaves anything behind");
}

#[tokio::test]
async fn a_dry_run_of_hold_prints_the_target_and_the_change() {
    let (database, ordctl) = migrated().await;
    let output = ordctl.run(&["hold", "--reason", "upgrade", "--dry-run"]);
    assert_eq!(output.code, 0, "{output:?}");
    assert!(output.out.contains(&database.name) && !output.out.contains("because = upgrade"), "{output:?}");
    let output = ordctl.run(&["hold", "--reason", "upgrade", "--dry-run", "--show-statements"]);
    assert!(output.out.contains("because = upgrade"), "{output:?}");
    assert_eq!(database.value("SELECT held FROM ordctl.engine").await, "false");
}

#[tokio::test]
async fn every_single_change_leaves_an_audit_row_with_user_and_reason() {
    let (database, ordctl) = migrated().await;
    // The process's own user acts, whatever the environment says.
    let ordctl = ordctl.with("SUDO_USER", "ann").with("USER", "eve").with("LOGNAME", "eve");
    let expected = format!("{} upgrade", acting_user("ann"));
    database.execute(NIGHTLY).await.unwrap();
    let timed = NIGHTLY.replace("Nightly", "Timed").replace("'event', 'x'", "'cron', '0 3 * * *'");
    database.execute(&timed).await.unwrap();
    for (args, action) in [
        (&["hold"] as &[&str], "engine.held"),
        (&["resume"], "engine.resumed"),
        (&["task", "pause", "Nightly"], "task.paused"),
        (&["task", "resume", "Nightly"], "task.resumed"),
        (&["task", "snooze", "Timed", "--for", "10m"], "task.snoozed"),
        (&["task", "cancel", "Nightly"], "task.canceled"),
        (&["agent", "create", "ci", "--scope", "admin"], "agent.created"),
        (&["agent", "revoke", "ci"], "agent.revoked"),
    ] {
        let output = ordctl.run(&[args, &["--yes", "--reason", "upgrade"]].concat());
        assert_eq!(output.code, 0, "{args:?}: {output:?}");
        for action in [action, "ordctl.run.begun"] {
            let sql = format!(
                "SELECT concat_ws(' ', details ->> 'os_user', details ->> 'reason')
                   FROM audit_log WHERE action = '{action}' ORDER BY id DESC LIMIT 1"
            );
            assert_eq!(database.value(&sql).await, expected, "{args:?}: {action}");
        }
    }
    let steps = "SELECT count(*) FROM ordctl.operation_step WHERE status = 'done'";
    assert_eq!(database.value(steps).await, "8");
    let journals = std::fs::read_dir(ordctl.data_dir().join("journal")).unwrap();
    for journal in journals.flatten() {
        let text = std::fs::read_to_string(journal.path()).unwrap();
        assert!(text.contains(r#""record":"end""#) && !text.contains("ordctl_"), "no API key: {text}");
    }
}

/// The audit log exists only after the migration.
#[tokio::test]
async fn migrate_needs_consent_and_records_who_and_why() {
    let database = Database::upstream().await;
    let url = cluster().url("postgres", &database.name);
    let ordctl = Ordctl::new().with("DATABASE_URL", url).with("SUDO_USER", "ann");
    for args in [&["migrate"] as &[&str], &["migrate", "--tune"]] {
        let output = ordctl.run(args);
        assert!(
            output.code == 4 && output.out.is_empty() && output.err.contains("--yes"),
            "{args:?}: {output:?}"
        );
        let output = ordctl.run(&[args, &["--yes", "--confirm", "WRONG"]].concat());
        assert_eq!(output.code, 4, "{args:?}: {output:?}");
        let (code, plan) = ordctl.json(&[args, &["--dry-run"]].concat());
        assert_eq!((code, plan["kind"].as_str()), (0, Some("dryrun")), "{args:?}: {plan}");
        let calls = &finding(&plan, "plan.0001_base")["details"]["calls"];
        assert_eq!(calls[0], "query engine/migrations/0001_base", "{plan}");
    }
    assert_eq!(database.value("SELECT to_regclass('ordctl.migration') IS NULL").await, "true");
    assert!(!ordctl.data_dir().exists(), "neither a refusal nor a dry run leaves anything behind");

    let output = ordctl.run(&["migrate", "--tune", "--yes", "--reason", "upgrade"]);
    assert_eq!(output.code, 0, "{output:?}");
    assert!(!output.err.contains("warning"), "{output:?}");
    let user = acting_user("ann");
    let audit = "SELECT string_agg(concat_ws(' ', action, details ->> 'os_user', details ->> 'reason'), ', ' ORDER BY id)
                   FROM audit_log WHERE action LIKE 'ordctl.%' OR action = 'schema.migrated'";
    let rows =
        format!("schema.migrated {user} upgrade, ordctl.run.begun {user} upgrade, ordctl.run.ended {user}");
    assert_eq!(database.value(audit).await, rows);
    assert_eq!(database.value("SELECT string_agg(status, ' ') FROM ordctl.operation").await, "done");
    let step =
        "SELECT concat_ws(' ', uses, status, jsonb_array_length(calls) > 7) FROM ordctl.operation_step";
    assert_eq!(database.value(step).await, "migrate done t");

    let output = ordctl.run(&["migrate"]);
    assert_eq!(output.code, 0, "nothing is pending: {output:?}");
    assert_eq!(database.value(audit).await, rows);
}
