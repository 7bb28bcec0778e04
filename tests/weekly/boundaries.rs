//! Killed at every boundary of two steps, and resumed: the end is that of an undisturbed run.

use std::process::{Child, Output};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::rubbish::{HERE, Rubbish, weekly};
use super::{STEPS, cleaned, left, prepared};
use crate::support::ordctl::{Ordctl, finding};
use crate::support::postgres::Database;
use crate::support::{eventually, left_out};

/// Holds a run when it records a step: an `INSERT` before the step, an `UPDATE` after it.
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
        eventually("nobody waits", async || self.waiting().await == "0").await;
    }

    /// Kills the run at the boundary.
    async fn kill(self, mut child: Child) {
        self.reached().await;
        child.kill().unwrap();
        child.wait().unwrap();
        self.lift().await;
    }

    /// Asks the run to end, which waits for the step, and asks again; what it ends with.
    async fn ask_twice(self, child: Child) -> Output {
        self.reached().await;
        let pid = Pid::from_child(&child);
        kill_process(pid, Signal::INT).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        let ended = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
        self.lift().await;
        ended
    }

    /// Does something while the run stands still at the boundary.
    pub async fn frozen<T>(self, child: &Child, act: impl AsyncFnOnce() -> T) -> T {
        self.reached().await;
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        kill_process(pid, Signal::STOP).unwrap();
        // Its session on the server must not run out of time meanwhile.
        self.lift().await;
        let done = act().await;
        kill_process(pid, Signal::CONT).unwrap();
        done
    }
}

/// What autovacuum goes by, and what is left.
async fn state(database: &Database) -> String {
    let seen = "SELECT string_agg(relname || ':' || (n_live_tup > 0)::text || ':' || n_dead_tup, ' ' ORDER BY relname)
                  FROM pg_stat_user_tables WHERE relname IN ('task', 'task_run', 'audit_log')";
    format!("{}; {}", left(database).await, database.value(seen).await)
}

/// A world to clean: a database of the test's own, and what lies about on the Docker engine.
struct World {
    database: Database,
    rubbish: Rubbish,
    ordctl: Ordctl,
}

impl World {
    async fn of(name: &str) -> Self {
        let (database, _) = prepared().await;
        let rubbish = Rubbish::new(name);
        rubbish.container("ended", "", "true");
        rubbish.network("empty", "");
        rubbish.volume("data");
        let ordctl = rubbish.configured(&database, HERE);
        Self { database, rubbish, ordctl }
    }

    fn args(&self, more: &[&str]) -> Vec<String> {
        weekly(&self.rubbish.label(), more)
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

    /// How many things are left on the Docker engine: the test's own image, and the volume.
    fn left(&self) -> usize {
        self.rubbish.all().len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_every_boundary_it_ends_as_if_nothing_had_been() {
    if left_out("killed_at_every_boundary_it_ends_as_if_nothing_had_been", &["docker"]) {
        return;
    }
    let undisturbed = World::of("undisturbed").await;
    let reclaimed = finding(&undisturbed.run(&["--yes"]), "reclaimed")["details"].clone();
    assert_eq!(undisturbed.left(), 2);

    let world = World::of("killed").await;
    let mut more = vec!["--yes"];
    // Where the statistics were reset, the same step analyzed: the plan of a resumed run leaves this one out.
    let taken: Vec<&str> = STEPS.into_iter().filter(|s| *s != "analyze").collect();
    for step in &taken {
        for event in ["INSERT", "UPDATE"] {
            let boundary = Boundary::set(&world.database, step, event).await;
            boundary.kill(world.killed_at(&more)).await;
            more = vec!["--yes", "--resume"];
        }
    }
    let report = world.run(&more);
    cleaned(&world.database).await;
    assert_eq!(state(&world.database).await, state(&undisturbed.database).await);
    assert_eq!(world.left(), undisturbed.left(), "{report}");
    assert_eq!(finding(&report, "reclaimed")["details"]["rows"], reclaimed["rows"], "{report}");
    let steps = "SELECT count(*) || ' ' || count(DISTINCT operation_id) FROM ordctl.operation_step";
    assert_eq!(world.database.value(steps).await, format!("{} 1", taken.len()), "one run, all of its steps");
    let open = "SELECT string_agg(step_id, ', ') FROM ordctl.operation_step WHERE finished_at IS NULL";
    assert_eq!(world.database.value(open).await, "", "no step is said to be under way");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_twice_does_not_wait_for_the_step() {
    let (database, ordctl) = prepared().await;
    let boundary = Boundary::set(&database, "runs", "UPDATE").await;
    let ended = boundary.ask_twice(ordctl.spawn(&["maintain", "weekly", "--yes"])).await;
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(130), "{said}");
    assert!(said.contains("interrupted twice: ended in the middle of a step"), "{said}");
    let (code, report) = ordctl.json(&["maintain", "weekly", "--yes", "--resume"]);
    assert_eq!(code, 0, "{report}");
    cleaned(&database).await;
}

#[tokio::test]
async fn a_run_that_another_took_the_place_of_is_not_said_to_go_on() {
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
