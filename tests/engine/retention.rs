//! Retention: deleted and kept rows, batches, and several nodes.

use crate::support::engine::{Node, Setup, Tables};
use crate::support::eventually;

const HOUR: &str = "{ runs: 1h, audit: 1h, events: 1h }";

/// Inserts rows of each kind, named after the expected result. Due work that was queued three hours ago
/// still waits, so later events can be published again.
async fn fill(tables: &Tables) {
    let task = tables.task(&[r#"{"uses": "noop"}"#.to_owned()], "").await;
    let paused = tables.task(&[r#"{"uses": "noop"}"#.to_owned()], "status = 'paused'").await;
    let (waits, leased) = ("00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000b");
    let needed = "00000000-0000-0000-0000-00000000000c";
    let sql = format!(
        "INSERT INTO due_work (task_id, run_at, scheduled_at, occurrence, priority, created_at, event, parked, locked_by, locked_until, lease_token)
         VALUES ('{task}', now() + interval '1 d', now(), '{waits}', 5, now() - interval '3 h', NULL, NULL, NULL, NULL, NULL),
                ('{task}', now(), now(), '{leased}', 5, now() - interval '3 h', NULL, NULL, 'x', now() + interval '1 h', gen_random_uuid()),
                ('{paused}', now(), now(), gen_random_uuid(), 5, now() - interval '9 h', '{{\"id\": \"{needed}\"}}', 'task', NULL, NULL, NULL);
         INSERT INTO task_run (task_id, error, occurrence, started_at, finished_at, success, final)
         VALUES ('{task}', 'goes', gen_random_uuid(), now() - interval '2 h', now() - interval '2 h', true, true),
                ('{task}', 'goes', gen_random_uuid(), now() - interval '2 h', now() - interval '2 h', false, false),
                ('{task}', 'goes', NULL, now() - interval '9 d', now() - interval '9 d', true, NULL),
                ('{task}', 'young', gen_random_uuid(), now() - interval '50 m', now(), true, true),
                ('{task}', 'goes', NULL, now() - interval '2 h', NULL, NULL, NULL),
                ('{task}', 'waits', '{waits}', now() - interval '2 h', now() - interval '2 h', false, false),
                ('{task}', 'leased', '{leased}', now() - interval '2 h', now() - interval '2 h', false, false);
         INSERT INTO task_run (task_id, error, lease_owner, leased_until, started_at, created_at)
         VALUES ('{task}', 'goes', 'crashed', now() - interval '1 h', now() - interval '2 h', now()),
                ('{task}', 'goes', 'crashed', NULL, NULL, now() - interval '2 h'),
                ('{task}', 'held by its lease', 'w', now() + interval '1 h', now() - interval '2 h', now()),
                ('{task}', 'held by its work', 'x', now() - interval '1 h', now() - interval '2 h', now()),
                ('{task}', 'young unstarted', NULL, NULL, NULL, now());
         INSERT INTO audit_log (action, at) VALUES ('goes', now() - interval '2 h'), ('young', now());
         INSERT INTO ordctl.event (id, topic, payload, published_at)
         VALUES (gen_random_uuid(), 'goes', '1', now() - interval '5 h'), ('{needed}', 'needed', '1', now() - interval '5 h'),
                (gen_random_uuid(), 'again', '1', now() - interval '2 h'), (gen_random_uuid(), 'young', '1', now());
         INSERT INTO ordctl.dead_letter (occurrence, task_id, scheduled_at, event, at, retried_at)
         VALUES (gen_random_uuid(), '{task}', now(), '\"goes\"', now() - interval '2 h', NULL),
                (gen_random_uuid(), '{task}', now(), '\"goes\"', now() - interval '2 h', now()),
                (gen_random_uuid(), '{task}', now() - interval '2 h', '\"young\"', now(), NULL)"
    );
    tables.db.execute(&sql).await.unwrap();
}

/// The names of the existing rows.
const LEFT: &str = "SELECT concat_ws('; ',
    (SELECT string_agg(error, ', ' ORDER BY error) FROM task_run),
    (SELECT string_agg(action, ', ' ORDER BY action) FROM audit_log),
    (SELECT string_agg(topic, ', ' ORDER BY topic) FROM ordctl.event),
    (SELECT string_agg(event #>> '{}', ', ' ORDER BY event::text) FROM ordctl.dead_letter))";

/// Waits until the node has been up longer than the delay of the first run.
async fn is_past_first_delay(tables: &Tables) {
    let up = "SELECT count(*) FROM worker_heartbeat WHERE last_seen > created_at + interval '2.5 s'";
    tables.until(up, "1").await;
}

async fn retention_ran(node: &Node) {
    eventually("retention has run", async || node.log().contains("older than their retention")).await;
}

#[tokio::test]
async fn nothing_is_deleted_by_default() {
    let tables = Tables::new().await;
    fill(&tables).await;
    let all = tables.db.value(LEFT).await;
    let node = Setup::of(&tables.db).node(&["--role", "worker"]);
    is_past_first_delay(&tables).await;
    assert_eq!(tables.db.value(LEFT).await, all);
    assert!(!node.log().contains("retention"));
}

#[tokio::test]
async fn old_rows_are_deleted_and_recent_or_needed_rows_are_kept() {
    let tables = Tables::new().await;
    fill(&tables).await;
    let node = Setup { retention: HOUR, ..Setup::of(&tables.db) }.node(&["--role", "worker"]);
    retention_ran(&node).await;
    assert_eq!(
        tables.db.value(LEFT).await,
        "held by its lease, held by its work, leased, waits, young, young unstarted; young; again, needed, young; young"
    );
    let log = node.log();
    assert!(log.contains("runs=6") && log.contains("dead_letters=2"), "{log}");
    assert!(log.contains("audit=1") && log.contains("events=1"), "{log}");
}

/// Ids are compared as numbers: 5-10 comes after 5-9, and 10-0 after 9-0.
#[tokio::test]
async fn an_event_that_can_be_delivered_again_is_kept() {
    let tables = Tables::new().await;
    let sql = "UPDATE ordctl.engine SET stream_start = '5-0', stream_read = '9-9';
         INSERT INTO ordctl.event (id, topic, payload, published_by, stream_id, published_at)
         SELECT gen_random_uuid(), topic, '1', by, place, now() - age::interval
           FROM (VALUES ('goes', 'stream', '5-9', '2 h'), ('goes', 'api', '5-10', '2 h'), ('goes', 'api', '4-11', '2 h'),
                        ('unread', 'api', '9-10', '2 h'), ('unread', 'stream', '10-0', '2 h'), ('unsent', 'api', NULL, '2 h'),
                        ('young', 'api', '6-0', '1 m'),
                        ('alert', 'alertmanager', '6-1', '29 d'), ('goes', 'alertmanager', '5-1', '31 d')) AS x (topic, by, place, age)";
    tables.db.execute(sql).await.unwrap();
    let delete = |stream: bool| {
        format!(
            "SELECT concat_ws(' ', deleted, seen) FROM ordctl.delete_events(now() - interval '1 h', NULL, '{}', 100, '{{}}', {stream})",
            uuid::Uuid::nil()
        )
    };
    assert_eq!(tables.db.value(&delete(true)).await, "4 8");
    let left = "SELECT string_agg(topic, ' ' ORDER BY topic) FROM ordctl.event";
    assert_eq!(tables.db.value(left).await, "alert unread unread unsent young");
    let start = "SELECT stream_start FROM ordctl.engine";
    assert_eq!(tables.db.value(start).await, "5-10");
    // Without a stream, events are not read back; a later stream starts at the first unread entry.
    assert_eq!(tables.db.value(&delete(false)).await, "3 4");
    assert_eq!(tables.db.value(left).await, "alert young");
    assert_eq!(tables.db.value(start).await, "5-10");
}

#[tokio::test]
async fn each_kind_of_row_has_its_own_retention() {
    let tables = Tables::new().await;
    fill(&tables).await;
    let setup = Setup { retention: "{ runs: null, audit: 90m }", ..Setup::of(&tables.db) };
    let node = setup.node(&["--role", "worker"]);
    retention_ran(&node).await;
    let log = node.log();
    assert!(log.contains("runs=0 dead_letters=0 audit=1 events=0"), "{log}");
}

#[tokio::test]
async fn two_nodes_delete_one_at_a_time_in_bounded_batches() {
    let tables = Tables::new().await;
    let task = tables.task(&[r#"{"uses": "noop"}"#.to_owned()], "").await;
    let count = |table: &str, name: &str| {
        format!(
            "CREATE TRIGGER counted AFTER DELETE ON {table} REFERENCING OLD TABLE AS gone
                FOR EACH STATEMENT EXECUTE FUNCTION counted('{name}');"
        )
    };
    let sql = format!(
        "CREATE TABLE batches (name text, n bigint, pid int);
         CREATE FUNCTION counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             INSERT INTO public.batches SELECT TG_ARGV[0], count(*), pg_backend_pid() FROM gone HAVING count(*) > 0;
             RETURN NULL;
         END $$;
         {} {} {} {}
         INSERT INTO task_run (task_id, started_at, finished_at) SELECT '{task}', now() - interval '2 h', now() FROM generate_series(1, 2500);
         INSERT INTO audit_log (action, at) SELECT 'x', now() - interval '2 h' FROM generate_series(1, 2500);
         INSERT INTO ordctl.event (id, topic, payload, published_at) SELECT gen_random_uuid(), 'x', '1', now() - interval '2 h' FROM generate_series(1, 2500);
         INSERT INTO ordctl.dead_letter (occurrence, task_id, scheduled_at, at) SELECT gen_random_uuid(), '{task}', now(), now() - interval '2 h' FROM generate_series(1, 2500);
         INSERT INTO ordctl.event (id, topic, payload) SELECT lpad(n::text, 32, '0')::uuid, 'young', '1' FROM generate_series(1, 1500) n;
         INSERT INTO ordctl.dead_letter (occurrence, task_id, scheduled_at) SELECT lpad(n::text, 32, '0')::uuid, '{task}', now() FROM generate_series(1, 1500) n",
        count("task_run", "runs"),
        count("audit_log", "audit"),
        count("ordctl.event", "events"),
        count("ordctl.dead_letter", "dead letters"),
    );
    tables.db.execute(&sql).await.unwrap();
    let setup = Setup { retention: HOUR, ..Setup::of(&tables.db) };
    let nodes = [setup.node(&["--role", "worker"]), setup.node(&["--role", "worker"])];
    let batches = "SELECT string_agg(concat_ws(' ', name, batches, most, rows), '; ' ORDER BY name) FROM (
        SELECT name, count(*) AS batches, max(n) AS most, sum(n) AS rows FROM batches GROUP BY name) AS b";
    let wanted = "audit 3 1000 2500; dead letters 3 1000 2500; events 3 1000 2500; runs 3 1000 2500";
    tables.until(batches, wanted).await;
    assert_eq!(tables.db.value("SELECT count(DISTINCT pid) FROM batches").await, "1");
    for node in &nodes {
        assert!(!node.log().contains("Retention: lost"), "{}", node.log());
    }
}

#[tokio::test]
async fn a_node_skips_retention_while_another_node_deletes() {
    let tables = Tables::new().await;
    fill(&tables).await;
    let all = tables.db.value(LEFT).await;
    let other = tables.db.store.postgres().session().await.unwrap();
    other.batch_execute("SELECT pg_advisory_lock(x'6f726463746c0003'::bigint)").await.unwrap();
    let setup = Setup { retention: HOUR, ..Setup::of(&tables.db) };
    let first = setup.node(&["--role", "worker"]);
    is_past_first_delay(&tables).await;
    assert_eq!(tables.db.value(LEFT).await, all);
    assert!(!first.log().contains("Retention: lost"), "{}", first.log());
    drop(other);
    retention_ran(&setup.node(&["--role", "worker"])).await;
    assert_ne!(tables.db.value(LEFT).await, all);
}
