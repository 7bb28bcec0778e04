//! Probe tasks: their measurement, and their removal in every case.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use super::{report, signal, status, summary, value};
use crate::support::engine::{Setup, Tables};
use crate::support::eventually;
use crate::support::ordctl::Ordctl;
use crate::support::postgres::{Cluster, Database, value as ask};

const PROBES: &str = "SELECT count(*) FROM task WHERE title LIKE 'ordctl baseline probe %'";

/// Rows that probes leave in any table.
const TRACES: &str = "SELECT (SELECT count(*) FROM task) + (SELECT count(*) FROM due_work) + (SELECT count(*) FROM task_run)
                           + (SELECT count(*) FROM ordctl.schedule) + (SELECT count(*) FROM ordctl.dead_letter)";

/// Six probes, the first in a second, 100 ms apart.
const QUICK: [&str; 8] = ["baseline", "--only", "probes", "-p", "probes=6", "-p", "lead=1s", "-p"];

fn probes<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut args: Vec<&str> = QUICK.to_vec();
    args.push("spacing=100ms");
    args.extend(more);
    args
}

fn act(ordctl: &Ordctl, more: &[&str]) -> (i32, Value) {
    let mut all = vec!["--yes"];
    all.extend(more);
    ordctl.json(&probes(&all))
}

/// The original script sleeps 35 s and checks whether a run exists.
#[tokio::test]
async fn probes_measure_the_start_delay_and_are_removed() {
    let tables = Tables::new().await;
    // Copies the runs of the probes before they are removed.
    tables
        .db
        .execute(
            "CREATE TABLE seen (late float8);
             CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN
                 INSERT INTO seen SELECT extract(epoch FROM NEW.started_at - t.schedule_expr::timestamptz)
                   FROM task t WHERE t.id = NEW.task_id;
                 RETURN NULL;
             END $$;
             CREATE TRIGGER see AFTER INSERT ON task_run FOR EACH ROW EXECUTE FUNCTION see()",
        )
        .await
        .unwrap();
    let setup = Setup::of(&tables.db);
    let _node = setup.node(&[]);
    tables.until("SELECT count(*) FROM worker_heartbeat", "1").await;
    let (code, report) = act(&setup.ordctl(), &[]);
    assert_eq!((code, report["kind"].as_str()), (0, Some("act")), "{report}");
    assert_eq!(tables.db.value("SELECT count(*) FROM seen").await, "6");
    let wanted: f64 = tables.db.value("SELECT max(late) FROM seen").await.parse().unwrap();
    let found = value(&report, "steps.probes.max");
    assert!((found - wanted).abs() < 0.002 * wanted + 2e-6, "{found}, not {wanted}");
    assert_eq!(value(&report, "steps.probes.p95"), found, "the p95 of six is the slowest");
    assert!(value(&report, "steps.probes.p50") <= found && found < 30.0, "{report}");
    assert_eq!(value(&report, "steps.probes.missed"), 0.0);
    assert!(summary(&report, "steps.probes.removed").starts_with("Probe tasks: 6 removed"), "{report}");
    assert_eq!(tables.db.value(TRACES).await, "0");
    let (code, report) = act(&setup.ordctl(), &["-p", "probes=3"]);
    assert_eq!((code, status(&report, "steps.probes.p95")), (2, "unknown"), "too few: {report}");
}

/// The original script passes when a task did not run.
#[tokio::test]
async fn probes_that_do_not_start_are_missed_and_count_with_their_wait() {
    let tables = Tables::new().await;
    let setup = Setup::of(&tables.db);
    let more = Setup { more: "baseline: { scheduling_p95: 1500ms }\n".into(), ..Setup::of(&tables.db) };
    let missed = |report: &Value| {
        assert_eq!(
            (value(report, "steps.probes.missed"), status(report, "steps.probes.missed")),
            (6.0, "crit")
        );
        assert!(value(report, "steps.probes.p95") >= 2.0, "{report}");
        assert_eq!(status(report, "steps.probes.p95"), "crit", "{report}");
    };
    // A scheduler queues them, and no worker takes them.
    let mut node = setup.node(&["--role", "scheduler"]);
    let (code, report) = act(&more.ordctl(), &["-p", "within=2s"]);
    assert_eq!(code, 2, "{report}");
    missed(&report);
    assert_eq!(tables.db.value(TRACES).await, "0");
    node.kill();
}

/// A hold is not a slow scheduler: no probe would start.
#[tokio::test]
async fn an_engine_on_hold_is_refused_before_probes_are_created() {
    let tables = Tables::new().await;
    let never = "CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'made'; END $$;
                 CREATE TRIGGER never BEFORE INSERT ON task FOR EACH STATEMENT EXECUTE FUNCTION never()";
    tables.db.execute(never).await.unwrap();
    let ordctl = Setup::of(&tables.db).ordctl();
    assert_eq!(ordctl.run(&["hold", "--reason", "restore", "--yes"]).code, 0);
    let output = ordctl.run(&probes(&["--yes"]));
    assert_eq!(output.code, 4, "{output:?}");
    let refused = |text: &str| {
        text.contains("engine on hold since ") && text.contains(": restore") && text.contains("ordctl resume")
    };
    assert!(refused(&output.err), "{output:?}");
    let output = ordctl.run(&probes(&["--dry-run"]));
    assert!(output.code == 4 && refused(&output.out), "{output:?}");
    assert_eq!(ordctl.run(&["resume", "--yes"]).code, 0);
    assert_eq!(ordctl.run(&probes(&["--dry-run"])).code, 0);
}

/// The remaining probes are not representative.
#[tokio::test]
async fn probes_removed_by_another_process_give_no_verdict() {
    let tables = Tables::new().await;
    let setup = Setup::of(&tables.db);
    let _node = setup.node(&[]);
    let ordctl = setup.ordctl();
    let child = ordctl.spawn(&probes(&["-p", "lead=60s", "--yes", "-o", "json"]));
    tables.until(PROBES, "6").await;
    tables.db.execute("DELETE FROM task WHERE title LIKE 'ordctl baseline probe 2 %'").await.unwrap();
    let (code, output) = tokio::task::spawn_blocking(|| report(child)).await.unwrap();
    assert_eq!((code, status(&output, "steps.probes.p95")), (2, "unknown"), "{output}");
    assert!(summary(&output, "steps.probes.p95").contains("1 of 6 probe tasks were removed by"), "{output}");
    assert_eq!(tables.db.value(TRACES).await, "0");
}

/// All probes have the same mark. A run that lost the lock could remove the probes of the run that holds it.
#[tokio::test]
async fn a_run_that_lost_the_lock_removes_no_probes_of_another_run() {
    let tables = Tables::new().await;
    let ordctl = Setup::of(&tables.db).ordctl();
    let child = ordctl.spawn(&probes(&["-p", "lead=60s", "--yes", "-o", "json"]));
    tables.until(PROBES, "6").await;
    // The other run waits for the lock, so that it has it as soon as this one loses it.
    let other = tables.db.store.postgres().session().await.unwrap();
    let locks = "SELECT %s FROM pg_locks WHERE locktype = 'advisory' AND classid = x'6f726463'::int AND objid = x'746c0005'::int
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let wait =
        async { other.batch_execute("SELECT pg_advisory_lock(x'6f726463746c0005'::bigint)").await.unwrap() };
    let lose = async {
        tables.until(&format!("{} AND NOT granted", locks.replace("%s", "count(*)")), "1").await;
        let end = format!("{} AND granted", locks.replace("%s", "count(pg_terminate_backend(pid))"));
        tables.db.value(&end).await;
    };
    tokio::join!(wait, lose);
    signal(&child, Signal::INT);
    let (code, output) = tokio::task::spawn_blocking(|| report(child)).await.unwrap();
    assert_eq!((code, status(&output, "cleanup.removed")), (130, "crit"), "{output}");
    assert!(summary(&output, "cleanup.removed").contains("another run measures"), "{output}");
    assert_eq!(tables.db.value(PROBES).await, "6");
}

#[tokio::test]
async fn a_signal_at_any_time_leaves_no_probe() {
    let tables = Tables::new().await;
    let setup = Setup::of(&tables.db);
    let _node = setup.node(&[]);
    for which in [Signal::INT, Signal::TERM] {
        let ordctl = setup.ordctl();
        let child = ordctl.spawn(&probes(&["-p", "lead=60s", "--yes", "-o", "json"]));
        tables.until(PROBES, "6").await;
        signal(&child, which);
        let (code, output) = report(child);
        assert_eq!((code, status(&output, "cleanup.removed")), (130, "ok"), "{output}");
        assert_eq!(tables.db.value(TRACES).await, "0");
    }
    // Interrupted while the statement that creates them waits: it may still create them.
    let slow = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END $$;
                CREATE TRIGGER slow AFTER INSERT ON task FOR EACH STATEMENT EXECUTE FUNCTION slow()";
    tables.db.execute(slow).await.unwrap();
    let blocker = tables.db.store.postgres().session().await.unwrap();
    blocker.batch_execute("SELECT pg_advisory_lock(7)").await.unwrap();
    let ordctl = setup.ordctl();
    let child = ordctl.spawn(&probes(&["-p", "lead=60s", "--yes", "-o", "json"]));
    tables
        .until("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7 AND NOT granted", "1")
        .await;
    signal(&child, Signal::INT);
    blocker.batch_execute("SELECT pg_advisory_unlock(7)").await.unwrap();
    let (code, output) = report(child);
    assert_eq!((code, status(&output, "cleanup.removed")), (130, "ok"), "{output}");
    assert_eq!(tables.db.value(TRACES).await, "0");
}

#[tokio::test]
async fn the_next_run_removes_only_the_probes_of_a_killed_run() {
    let tables = Tables::new().await;
    let setup = Setup::of(&tables.db);
    let _node = setup.node(&[]);
    // Tasks that have only some properties of a probe.
    for set in [
        "title = 'ordctl baseline probe 1 of 1'",
        r#"payload = '{"params": {"ordctl_probe": "x"}, "pipeline": []}'"#,
        r#"title = 'ordctl baseline probe 1 of 1', payload = '{"params": {"ordctl_probe": "x"}, "pipeline": []}'"#,
    ] {
        tables.task(&[], set).await;
    }
    let ordctl = setup.ordctl();
    let mut child = ordctl.spawn(&probes(&["-p", "lead=60s", "--yes"]));
    tables.until(PROBES, "8").await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(tables.db.value(PROBES).await, "8");
    let output = ordctl.run(&probes(&["--dry-run"]));
    assert!(output.out.contains("first remove 6 of an earlier run"), "{output:?}");
    let (code, report) = act(&ordctl, &[]);
    assert_eq!(code, 0, "{report}");
    assert!(
        summary(&report, "steps.probes.left").starts_with("Probe tasks of an earlier run: 6"),
        "{report}"
    );
    assert_eq!(tables.db.value("SELECT count(*) FROM task").await, "3");
}

#[tokio::test]
async fn a_step_that_times_out_leaves_no_probe() {
    const BOOK: &str = "name: short\nsteps:\n  - { id: probes, uses: probe.scheduling, timeout_seconds: 3, with: { lead: 60s } }\n";
    let tables = Tables::new().await;
    let setup = Setup::of(&tables.db).book("short", BOOK);
    let (code, report) = setup.ordctl().json(&["run", "short", "--yes"]);
    assert_eq!((code, status(&report, "cleanup.removed")), (2, "ok"), "{report}");
    assert!(summary(&report, "cleanup.removed").starts_with("Probe tasks: 10 removed"), "{report}");
    assert_eq!(tables.db.value(TRACES).await, "0");
}

#[tokio::test]
async fn without_consent_and_in_a_dry_run_no_probe_is_created() {
    let tables = Tables::new().await;
    let never = "CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'made'; END $$;
                 CREATE TRIGGER never BEFORE INSERT OR UPDATE OR DELETE ON task FOR EACH STATEMENT EXECUTE FUNCTION never()";
    tables.db.execute(never).await.unwrap();
    let ordctl = Setup::of(&tables.db).ordctl();
    let output = ordctl.run(&["baseline"]);
    assert_eq!(output.code, 4, "{output:?}");
    assert!(output.out.is_empty() && output.err.contains("--yes"), "{output:?}");
    let output = ordctl.run(&["baseline", "--dry-run", "--show-statements"]);
    assert_eq!(output.code, 0, "{output:?}");
    assert!(
        output.out.contains("INSERT INTO public.task") && output.out.contains("\ndry run: "),
        "{output:?}"
    );
    let (code, report) = ordctl.json(&["baseline", "--skip", "probes", "--skip", "workers"]);
    assert_eq!((code, report["kind"].as_str()), (0, Some("look")), "{report}");
    assert_eq!(status(&report, "steps.probes"), "skipped");
    assert!(!ordctl.data_dir().exists(), "a report leaves no journal");
    let (code, _) = ordctl.json(&["baseline", "--only", "probes", "--yes"]);
    assert_eq!(code, 2, "the trigger works");
}

#[tokio::test]
async fn only_one_run_at_a_time_measures_a_database() {
    let tables = Tables::new().await;
    let session = tables.db.store.postgres().session().await.unwrap();
    session.batch_execute("SELECT pg_advisory_lock(x'6f726463746c0005'::bigint)").await.unwrap();
    let (code, report) = act(&Setup::of(&tables.db).ordctl(), &[]);
    assert_eq!(code, 4, "{report}");
    assert!(summary(&report, "steps.probes").contains("another run measures"), "{report}");
}

/// The database is down for longer than the measurement waits. The probes cannot be removed, and the report
/// says so.
#[tokio::test]
async fn an_unreachable_database_is_reported_with_possible_leftovers() {
    let cluster = Cluster::separate();
    let database = Database { name: "postgres".into(), store: cluster.store("postgres", "postgres") };
    ordctl::engine::migrations::migrate(&database.store, &Default::default(), &crate::support::consent())
        .await
        .unwrap();
    let ordctl = Setup::at(&cluster, "postgres").ordctl();
    let child = ordctl.spawn(&probes(&["-p", "lead=60s", "--yes", "-o", "json"]));
    eventually("the probes are made", async || ask(&database.store, PROBES).await == "6").await;
    drop(cluster);
    let (code, output) = tokio::task::spawn_blocking(|| report(child)).await.unwrap();
    assert_eq!((code, status(&output, "steps.probes.p95")), (2, "unknown"), "{output}");
    assert_eq!(status(&output, "steps.probes.removed"), "crit", "{output}");
    assert!(summary(&output, "steps.probes.removed").contains("not removed"), "{output}");
}

/// An outage shorter than the wait loses no probes.
#[tokio::test]
async fn a_short_database_outage_is_survived() {
    let cluster = Cluster::separate();
    let database = Database { name: "postgres".into(), store: cluster.store("postgres", "postgres") };
    ordctl::engine::migrations::migrate(&database.store, &Default::default(), &crate::support::consent())
        .await
        .unwrap();
    let setup = Setup::at(&cluster, "postgres");
    let _node = setup.node(&[]);
    let ordctl = setup.ordctl();
    let child = ordctl.spawn(&probes(&["-p", "lead=3s", "--yes", "-o", "json"]));
    eventually("the probes are made", async || ask(&database.store, PROBES).await == "6").await;
    let ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'";
    cluster.freeze();
    tokio::time::sleep(Duration::from_millis(500)).await;
    cluster.thaw();
    ask(&database.store, ended).await;
    let (code, output) = tokio::task::spawn_blocking(|| report(child)).await.unwrap();
    assert_eq!((code, value(&output, "steps.probes.missed")), (0, 0.0), "{output}");
    assert_eq!(ask(&database.store, TRACES).await, "0");
}
