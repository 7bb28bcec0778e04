//! Killed at every boundary between steps and resumed, a run ends like an undisturbed one.

use std::process::{Child, Output};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::unused_objects::{HERE, UnusedObjects, weekly};
use super::{STEPS, cleaned, left, prepared};
use crate::support::ordctl::{Ordctl, finding};
use crate::support::postgres::Database;
use crate::support::{eventually, left_out};

/// Blocks a run when it records a step: an `INSERT` before the step, an `UPDATE` after it.
pub struct Boundary<'a> {
    database: &'a Database,
    lock: ordctl::clients::postgres::Session,
}

const TRIGGER: &str = "
    CREATE TABLE IF NOT EXISTS public.boundary (step text, event text);
    CREATE OR REPLACE FUNCTION public.at_boundary() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM public.boundary b WHERE b.step = NEW.step_id AND b.event = TG_OP) THEN
            PERFORM pg_advisory_xact_lock(4711);
        END IF;
        RETURN NEW;
    END $$;
    CREATE OR REPLACE TRIGGER boundary BEFORE INSERT OR UPDATE ON ordctl.operation_step
       FOR EACH ROW EXECUTE FUNCTION public.at_boundary()";

impl<'a> Boundary<'a> {
    pub async fn set(database: &'a Database, step: &str, event: &str) -> Self {
        database.execute(TRIGGER).await.unwrap();
        let only = format!("TRUNCATE boundary; INSERT INTO boundary VALUES ('{step}', '{event}')");
        database.execute(&only).await.unwrap();
        let lock = database.store.postgres().session().await.unwrap();
        lock.batch_execute("SELECT pg_advisory_lock(4711)").await.unwrap();
        Self { database, lock }
    }

    pub async fn reached(&self) {
        eventually("the run is at the boundary", async || self.waiting().await == "1").await;
    }

    async fn waiting(&self) -> String {
        let waits =
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted
                        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        self.database.value(waits).await
    }

    pub async fn lift(&self) {
        self.lock.batch_execute("SELECT pg_advisory_unlock(4711)").await.unwrap();
        eventually("no session waits", async || self.waiting().await == "0").await;
    }

    /// Kills the run at the boundary.
    async fn kill(self, mut child: Child) {
        self.reached().await;
        child.kill().unwrap();
        child.wait().unwrap();
        self.lift().await;
    }

    /// Interrupts the run, which waits for the step, and interrupts it again; returns its output.
    async fn interrupt_twice(self, child: Child) -> Output {
        self.reached().await;
        let pid = Pid::from_child(&child);
        kill_process(pid, Signal::INT).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        let ended = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
        self.lift().await;
        ended
    }

    /// Acts while the run is suspended at the boundary.
    pub async fn frozen<T>(self, child: &Child, act: impl AsyncFnOnce() -> T) -> T {
        self.reached().await;
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        kill_process(pid, Signal::STOP).unwrap();
        // Its session must not time out on the server meanwhile.
        self.lift().await;
        let done = act().await;
        kill_process(pid, Signal::CONT).unwrap();
        done
    }
}

/// The row counts of autovacuum, and the rows left.
async fn state(database: &Database) -> String {
    let seen = "SELECT string_agg(relname || ':' || (n_live_tup > 0)::text || ':' || n_dead_tup, ' ' ORDER BY relname)
                  FROM pg_stat_user_tables WHERE relname IN ('task', 'task_run', 'audit_log')";
    format!("{}; {}", left(database).await, database.value(seen).await)
}

/// A database and unused Docker objects to clean up.
struct Fixture {
    database: Database,
    objects: UnusedObjects,
    ordctl: Ordctl,
}

impl Fixture {
    async fn of(name: &str) -> Self {
        let (database, _) = prepared().await;
        let objects = UnusedObjects::new(name);
        objects.container("ended", "", "true");
        objects.network("empty", "");
        objects.volume("data");
        let ordctl = objects.configured(&database, HERE);
        Self { database, objects, ordctl }
    }

    fn args(&self, more: &[&str]) -> Vec<String> {
        weekly(&self.objects.label(), more)
    }

    fn run(&self, more: &[&str]) -> Value {
        let args = self.args(more);
        let (code, report) = self.ordctl.json(&args.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(code, 0, "{report}");
        report
    }

    fn killed_at(&self, more: &[&str]) -> Child {
        self.ordctl.spawn(&self.args(more).iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// How many Docker objects are left: the image of the test, and the volume.
    fn left(&self) -> usize {
        self.objects.all().len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_killed_at_every_boundary_resumes_to_the_same_end() {
    if left_out("a_run_killed_at_every_boundary_resumes_to_the_same_end", &["docker"]) {
        return;
    }
    let undisturbed = Fixture::of("undisturbed").await;
    let reclaimed = finding(&undisturbed.run(&["--yes"]), "reclaimed")["details"].clone();
    assert_eq!(undisturbed.left(), 2);

    let fixture = Fixture::of("killed").await;
    let mut more = vec!["--yes"];
    // The reset step analyzes too, so the plan of a resumed run omits this step.
    let taken: Vec<&str> = STEPS.into_iter().filter(|s| *s != "analyze").collect();
    for step in &taken {
        for event in ["INSERT", "UPDATE"] {
            let boundary = Boundary::set(&fixture.database, step, event).await;
            boundary.kill(fixture.killed_at(&more)).await;
            more = vec!["--yes", "--resume"];
        }
    }
    let report = fixture.run(&more);
    cleaned(&fixture.database).await;
    assert_eq!(state(&fixture.database).await, state(&undisturbed.database).await);
    assert_eq!(fixture.left(), undisturbed.left(), "{report}");
    assert_eq!(finding(&report, "reclaimed")["details"]["rows"], reclaimed["rows"], "{report}");
    let steps = "SELECT count(*) || ' ' || count(DISTINCT operation_id) FROM ordctl.operation_step";
    assert_eq!(
        fixture.database.value(steps).await,
        format!("{} 1", taken.len()),
        "one run with all its steps"
    );
    let open = "SELECT string_agg(step_id, ', ') FROM ordctl.operation_step WHERE finished_at IS NULL";
    assert_eq!(fixture.database.value(open).await, "", "no step is recorded as running");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_interrupt_does_not_wait_for_the_step() {
    let (database, ordctl) = prepared().await;
    let boundary = Boundary::set(&database, "runs", "UPDATE").await;
    let ended = boundary.interrupt_twice(ordctl.spawn(&["maintain", "weekly", "--yes"])).await;
    let output = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(130), "{output}");
    assert!(output.contains("interrupted twice: ended in the middle of a step"), "{output}");
    let (code, report) = ordctl.json(&["maintain", "weekly", "--yes", "--resume"]);
    assert_eq!(code, 0, "{report}");
    cleaned(&database).await;
}

#[tokio::test]
async fn a_superseded_run_is_recorded_as_interrupted() {
    let (database, ordctl) = prepared().await;
    let boundary = Boundary::set(&database, "audit", "INSERT").await;
    boundary.kill(ordctl.spawn(&["maintain", "weekly", "--yes"])).await;
    database.execute("TRUNCATE boundary").await.unwrap();
    let (code, report) = ordctl.json(&["maintain", "weekly", "--yes"]);
    assert_eq!(code, 0, "{report}");
    let ended = "SELECT string_agg(status, ' ' ORDER BY started_at) FROM ordctl.operation WHERE finished_at IS NOT NULL";
    assert_eq!(database.value(ended).await, "interrupted done");
    let open = "SELECT count(*) FROM ordctl.operation_step WHERE status = 'running'";
    assert_eq!(database.value(open).await, "0");
}
