//! Several schedulers queue every occurrence once.

use ordctl::engine::scheduler::occurrence_id;
use rustix::process::Signal;

use crate::support::engine::{Setup, Tables};
use crate::support::eventually;

/// Creates `once` tasks that are due in `seconds`.
async fn once(tables: &Tables, tasks: u32, seconds: u32) {
    tables
        .db
        .execute(&format!(
            "INSERT INTO task (title, description, created_by, schedule_kind, schedule_expr, payload)
             SELECT 't' || g, 'd', '00000000-0000-0000-0000-000000000001', 'once',
                    to_char((now() + interval '{seconds} s') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),
                    '{{\"pipeline\": []}}'
               FROM generate_series(1, {tasks}) g"
        ))
        .await
        .unwrap();
}

const ONCE_EACH: &str =
    "SELECT concat_ws(' ', count(*), count(DISTINCT task_id)) FROM task_run WHERE final AND success";

#[tokio::test]
async fn three_schedulers_and_three_workers_run_everything_once() {
    let tables = Tables::new().await;
    let setup = Setup::of(&tables.db);
    let _schedulers = [(); 3].map(|()| setup.node(&["--role", "scheduler"]));
    let _workers = [(); 3].map(|()| setup.node(&["--role", "worker"]));
    once(&tables, 400, 2).await;
    tables.until(ONCE_EACH, "400 400").await;
    tables.drained().await;
    assert_eq!(tables.db.value(ONCE_EACH).await, "400 400");
    // A rule with one occurrence per second.
    tables
        .db
        .execute(
            "INSERT INTO task (title, description, created_by, schedule_kind, schedule_expr, payload)
             SELECT 's' || g, 'd', '00000000-0000-0000-0000-000000000001', 'rrule', 'FREQ=SECONDLY;COUNT=4',
                    '{\"pipeline\": []}' FROM generate_series(1, 20) g",
        )
        .await
        .unwrap();
    let each = "SELECT concat_ws(' ', count(*), count(DISTINCT (task_id, scheduled_at)), min(n), max(n))
                  FROM (SELECT task_id, scheduled_at, count(*) OVER (PARTITION BY task_id) AS n FROM task_run r
                          JOIN task t ON t.id = r.task_id WHERE schedule_kind = 'rrule') AS x";
    eventually("all of them", async || {
        let now = tables.db.value(each).await;
        // The first may be at the creation time and count as past.
        now == "80 80 4 4" || now == "60 60 3 3"
    })
    .await;
}

/// A scheduler stalls during its statement, dies or is suspended; another continues.
#[tokio::test]
async fn a_stalled_scheduler_duplicates_and_loses_nothing() {
    let tables = Tables::new().await;
    let setup = Setup::of(&tables.db);
    let _worker = setup.node(&["--role", "worker"]);
    let stalled = setup.node(&["--role", "scheduler"]);
    once(&tables, 30, 2).await;
    tables.until("SELECT count(*) FROM ordctl.schedule WHERE next_at IS NOT NULL", "30").await;
    // An uncommitted row of the same occurrence: the scheduler's insert waits for it, with the cursors
    // moved and not committed.
    let one = "SELECT task_id || ' ' || to_char(next_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM ordctl.schedule LIMIT 1";
    let one = tables.db.value(one).await;
    let (task, at) = one.split_once(' ').unwrap();
    let name = occurrence_id(task.parse().unwrap(), at.parse().unwrap());
    let mut session = tables.db.store.postgres().session().await.unwrap();
    let other = session.transaction().await.unwrap();
    let insert = format!(
        "INSERT INTO due_work (task_id, run_at, occurrence, priority) VALUES ('{task}', '{at}', '{name}', 5)"
    );
    other.batch_execute(&insert).await.unwrap();
    let waits = "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
                  WHERE NOT l.granted AND l.locktype = 'transactionid' AND a.datname = current_database()";
    tables.until(waits, "1").await;
    stalled.signal(Signal::STOP);
    let _second = setup.node(&["--role", "scheduler"]);
    other.rollback().await.unwrap();
    tables.until(ONCE_EACH, "30 30").await;
    stalled.signal(Signal::CONT);
    once(&tables, 5, 0).await;
    tables.until(ONCE_EACH, "35 35").await;
    assert_eq!(tables.db.value("SELECT count(*) FROM due_work").await, "0");
}

#[tokio::test]
async fn an_edit_by_another_program_takes_effect_at_once() {
    let tables = Tables::new().await;
    let setup = Setup::of(&tables.db);
    let _node = setup.node(&["--role", "scheduler,worker"]);
    once(&tables, 1, 3600).await;
    tables.until("SELECT count(*) FROM ordctl.schedule WHERE next_at IS NOT NULL", "1").await;
    tables
        .db
        .execute(
            "UPDATE task SET schedule_expr = to_char((now() + interval '1 s') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
        )
        .await
        .unwrap();
    tables.until(ONCE_EACH, "1 1").await;
    tables.db.execute("UPDATE task SET schedule_kind = 'cron', schedule_expr = '61 * * * *'").await.unwrap();
    tables.until("SELECT error FROM ordctl.schedule", "minute: 61 is not in 0-59").await;
}

/// Three days without a scheduler.
#[tokio::test]
async fn missed_occurrences_follow_the_catch_up_policy() {
    let tables = Tables::new().await;
    let setup = Setup::of(&tables.db);
    tables
        .db
        .execute(
            "INSERT INTO task (title, description, created_by, schedule_kind, schedule_expr, timezone, payload, catch_up)
             SELECT c, 'd', '00000000-0000-0000-0000-000000000001', 'cron', '0 */6 * * *', 'UTC', '{\"pipeline\": []}', c
               FROM unnest('{skip,once,all}'::text[]) c;
             UPDATE ordctl.schedule SET cursor_at = date_trunc('day', now()) - interval '3 days'",
        )
        .await
        .unwrap();
    let _node = setup.node(&["--role", "scheduler,worker"]);
    let counts = "SELECT string_agg(concat_ws(' ', t.title, (SELECT count(*) FROM task_run r WHERE r.task_id = t.id)), ', ' ORDER BY t.title)
                    FROM task t";
    let all: u32 = tables
        .db
        .value("SELECT 12 + floor(extract(hour FROM now() AT TIME ZONE 'UTC') / 6)::int")
        .await
        .parse()
        .unwrap();
    tables.until(counts, &format!("all {all}, once 1, skip 0")).await;
    assert_eq!(tables.db.value("SELECT count(*) FROM due_work").await, "0");
}
