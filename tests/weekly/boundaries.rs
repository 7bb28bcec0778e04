//! Killed at every boundary of two steps, and resumed: the end is that of an undisturbed run.

use std::process::Child;

use rustix::process::{Pid, Signal, kill_process};

use super::{STEPS, cleaned, left, prepared};
use crate::support::eventually;
use crate::support::ordctl::finding;
use crate::support::postgres::Database;

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

    async fn reached(&self) {
        eventually("the run is at the boundary", async || self.waiting().await == "1").await;
    }

    async fn waiting(&self) -> String {
        let waits =
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted
                        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        self.database.value(waits).await
    }

    async fn lift(&self) {
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

#[tokio::test]
async fn killed_at_every_boundary_it_ends_as_if_nothing_had_been() {
    let (undisturbed, ordctl) = prepared().await;
    let (code, report) = ordctl.json(&["maintain", "weekly", "--yes"]);
    assert_eq!(code, 0, "{report}");
    let gained = finding(&report, "gained")["details"]["rows"].clone();

    let (database, ordctl) = prepared().await;
    let mut first = true;
    // Where the statistics were reset, the same step analyzed: the plan of a resumed run leaves this one out.
    let taken: Vec<&str> = STEPS.into_iter().filter(|s| *s != "analyze").collect();
    for step in &taken {
        for event in ["INSERT", "UPDATE"] {
            let boundary = Boundary::set(&database, step, event).await;
            let mut args = vec!["maintain", "weekly", "--yes"];
            if !std::mem::take(&mut first) {
                args.push("--resume");
            }
            let child = ordctl.spawn(&args);
            boundary.kill(child).await;
        }
    }
    let (code, report) = ordctl.json(&["maintain", "weekly", "--yes", "--resume"]);
    assert_eq!(code, 0, "{report}");
    cleaned(&database).await;
    assert_eq!(state(&database).await, state(&undisturbed).await);
    assert_eq!(finding(&report, "gained")["details"]["rows"], gained, "{report}");
    let steps = "SELECT count(*) || ' ' || count(DISTINCT operation_id) FROM ordctl.operation_step";
    assert_eq!(database.value(steps).await, format!("{} 1", taken.len()), "one run, all of its steps");
}
