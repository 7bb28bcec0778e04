//! Events between PostgreSQL and Redis: the outbox and its relay, the stream and its consumer.

mod bounds;
mod other_programs;
mod outages;

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::engine::{Node, Setup, Tables, http};
use crate::support::postgres::Database;
use crate::support::systems::{Server, shell};
use crate::support::{eventually, left_out};

fn redis() -> Server {
    let command = "redis-server --port PORT --bind 127.0.0.1 --save ''";
    Server::start("redis-server", command, &[], "redis-cli -p PORT ping")
}

/// The output of redis-cli, one value per line.
fn cli(redis: &Server, command: &str) -> String {
    shell(&format!("redis-cli -p {} {command}", redis.port))
}

fn setup(db: &Database, redis: &Server) -> Setup {
    setup_with(db, redis.port, "")
}

/// With Redis on this port and additional Redis settings.
fn setup_with(db: &Database, port: u16, more: &str) -> Setup {
    let mut setup = Setup::of(db);
    let rates = "api: { rate_per_agent: 0, rate_per_address: 0 }";
    setup.more = format!("redis: {{ url: \"redis://127.0.0.1:{port}/0\"{more} }}\n{rates}\n");
    setup
}

/// Waits until the group has no pending entries.
async fn all_acknowledged(redis: &Server) {
    eventually("all entries are acknowledged", async || {
        cli(redis, "XPENDING events ordctl").starts_with('0')
    })
    .await;
}

/// A task that a topic triggers and that saves the events' `n`.
async fn listener(tables: &Tables, topic: &str) -> String {
    let step = r#"{"uses": "transform", "with": {"expr": "payload.n", "data": "${event}"}, "save_as": "n"}"#;
    tables.task(&[step.to_owned()], &format!("schedule_expr = '{topic}'")).await
}

/// Selects the `n` of a task's runs, in order.
fn received(task: &str) -> String {
    format!(
        "SELECT coalesce(string_agg(output->'steps'->>'n', ' ' ORDER BY (output->'steps'->>'n')::int), '')
           FROM task_run WHERE task_id = '{task}'"
    )
}

async fn post(url: &str, topic: &str, n: usize) -> Duration {
    let begin = Instant::now();
    let body = json!({"topic": topic, "payload": {"n": n}});
    let answer = http().post(format!("{url}/events")).json(&body).send().await.unwrap();
    let took = begin.elapsed();
    assert_eq!(answer.status(), 202);
    took
}

/// The `n` of a topic's entries, in stream order.
fn in_stream(redis: &Server, topic: &str) -> Vec<u64> {
    let text = cli(redis, "--json XRANGE events - +");
    let entries: Value = serde_json::from_str(&text).unwrap();
    let fields = |entry: &Value| -> Vec<String> {
        entry[1].as_array().unwrap().iter().map(|f| f.as_str().unwrap().to_owned()).collect()
    };
    let of =
        |fields: &[String], name: &str| fields[fields.iter().position(|f| f == name).unwrap() + 1].clone();
    let all = entries.as_array().unwrap().iter().map(fields);
    let mine = all.filter(|f| of(f, "topic") == topic);
    mine.map(|f| serde_json::from_str::<Value>(&of(&f, "payload")).unwrap()["n"].as_u64().unwrap()).collect()
}

async fn nodes(setup: &Setup, args: &[&str], count: usize) -> (Vec<Node>, Vec<String>) {
    let nodes: Vec<Node> = (0..count).map(|_| setup.node(args)).collect();
    let urls = join_all(nodes.iter().map(Node::http)).await;
    (nodes, urls)
}

#[tokio::test]
async fn an_event_reaches_the_stream_with_the_contract_fields_and_runs_once() {
    if left_out("an_event_reaches_the_stream_with_the_contract_fields_and_runs_once", &["redis"]) {
        return;
    }
    let (tables, redis) = (Tables::new().await, redis());
    let task = listener(&tables, "orders").await;
    let (_nodes, urls) = nodes(&setup(&tables.db, &redis), &[], 1).await;
    post(&urls[0], "orders", 1).await;
    tables.until("SELECT count(*) FROM ordctl.event WHERE stream_id IS NOT NULL", "1").await;
    let entry: Value = serde_json::from_str(&cli(&redis, "--json XRANGE events - +")).unwrap();
    assert_eq!(entry[0][0].as_str().unwrap(), tables.db.value("SELECT stream_id FROM ordctl.event").await);
    let fields = entry[0][1].as_array().unwrap();
    let names: Vec<&str> = fields.iter().step_by(2).map(|f| f.as_str().unwrap()).collect();
    assert_eq!(names, ["event_id", "topic", "payload", "source_agent_id", "published_at", "published_by"]);
    assert_eq!(fields[5].as_str().unwrap(), r#"{"n": 1}"#);
    // The consumer reads it back and recognizes it.
    eventually("it is acknowledged", async || {
        cli(&redis, "XINFO GROUPS events")
            .contains(&format!("last-delivered-id\n{}", entry[0][0].as_str().unwrap()))
            && cli(&redis, "XPENDING events ordctl").starts_with('0')
    })
    .await;
    tables.drained().await;
    assert_eq!(tables.db.value(&received(&task)).await, "1");
}

#[tokio::test]
async fn entries_of_other_programs_run_even_after_a_consumer_died() {
    if left_out("entries_of_other_programs_run_even_after_a_consumer_died", &["redis"]) {
        return;
    }
    let (tables, redis) = (Tables::new().await, redis());
    let task = listener(&tables, "orders").await;
    // Added before the first node: a new database starts at the stream's beginning.
    cli(&redis, r#"XADD events '*' topic orders payload '{"n": 1}' source_agent_id '' published_by legacy"#);
    let mut node = setup(&tables.db, &redis).node(&[]);
    node.http().await;
    tables.until(&received(&task), "1").await;
    // A repeated event id; invalid entries; an entry without an id.
    let id = "5f8a8f9e-9df6-4f4c-a9b2-0f6a4c6f7a11";
    for _ in 0..2 {
        cli(&redis, &format!(r#"XADD events '*' event_id {id} topic orders payload '{{"n": 2}}'"#));
    }
    cli(&redis, "XADD events '*' payload 7");
    cli(&redis, "XADD events '*' topic orders.odd payload 'no json'");
    cli(&redis, r#"XADD events '*' topic orders payload '{"n": 3}'"#);
    tables.until(&received(&task), "1 2 3").await;
    assert_eq!(
        tables.db.value("SELECT payload FROM ordctl.event WHERE topic = 'orders.odd'").await,
        "\"no json\""
    );
    all_acknowledged(&redis).await;
    node.kill();
    // A consumer read an entry and died 30 s ago.
    let entry = cli(&redis, r#"XADD events '*' topic orders payload '{"n": 4}'"#);
    cli(&redis, "XREADGROUP GROUP ordctl dead COUNT 1 STREAMS events '>'");
    cli(&redis, &format!("XCLAIM events ordctl dead 0 {entry} IDLE 31000"));
    let _node = setup(&tables.db, &redis).node(&[]);
    tables.until(&received(&task), "1 2 3 4").await;
    all_acknowledged(&redis).await;
    // The group is lost with the stream; later entries are still imported.
    cli(&redis, "FLUSHALL");
    cli(&redis, r#"XADD events '*' topic orders payload '{"n": 5}'"#);
    tables.until(&received(&task), "1 2 3 4 5").await;
}

#[tokio::test]
async fn a_redis_outage_loses_delays_and_reorders_nothing() {
    if left_out("a_redis_outage_loses_delays_and_reorders_nothing", &["redis"]) {
        return;
    }
    let (tables, redis) = (Tables::new().await, redis());
    let task = listener(&tables, "orders").await;
    let (_nodes, urls) = nodes(&setup(&tables.db, &redis), &[], 3).await;
    let burst = async |from: usize| {
        let mut took = Vec::new();
        for n in (from..from + 120).step_by(6) {
            // Two topics; all nodes publish to each at the same time.
            let sent = (n..n + 6).map(|n| post(&urls[n % 3], if n % 2 == 0 { "orders" } else { "other" }, n));
            took.extend(join_all(sent).await);
        }
        took.sort();
        took[took.len() / 2]
    };
    burst(0).await;
    let well = burst(120).await;
    redis.freeze();
    let frozen = burst(240).await;
    tables.until("SELECT count(*) FROM ordctl.event", "360").await;
    tables.drained().await;
    assert!(
        tables
            .db
            .value("SELECT count(*) FROM ordctl.event WHERE stream_id IS NULL")
            .await
            .parse::<u32>()
            .unwrap()
            >= 100,
        "Redis was gone"
    );
    assert!(frozen < well * 3, "a request took {frozen:?} without Redis, {well:?} with it");
    redis.thaw();
    tables.until("SELECT count(*) FROM ordctl.event WHERE stream_id IS NULL", "0").await;
    let all: Vec<String> = (0..360).step_by(2).map(|n| n.to_string()).collect();
    assert_eq!(tables.db.value(&received(&task)).await, all.join(" "), "each ran once");
    for topic in ["orders", "other"] {
        let order = format!(
            "SELECT string_agg(payload->>'n', ' ' ORDER BY seq) FROM ordctl.event WHERE topic = '{topic}'"
        );
        let committed = tables.db.value(&order).await;
        // Entries sent while Redis froze can be duplicated; the first one counts.
        let mut seen = std::collections::HashSet::new();
        let sent: Vec<String> =
            in_stream(&redis, topic).into_iter().filter(|n| seen.insert(*n)).map(|n| n.to_string()).collect();
        assert_eq!(sent.join(" "), committed, "{topic}: the stream is in the order of the commits");
    }
}

/// A slow publisher delays only later publishers of the same topic.
#[tokio::test]
async fn event_numbers_of_a_topic_follow_commit_order() {
    let tables = Tables::new().await;
    let publish = |topic: &str| {
        let text = ordctl::store::Library::default().sql("engine/events/publish").unwrap().text;
        let values = ["gen_random_uuid()::text", &format!("'{topic}'"), "'{}'", "''", "''", "''"];
        // From the last one, because $1 is a prefix of $10.
        let mut text = text;
        for (n, value) in values.iter().enumerate().rev() {
            text = text.replace(&format!("${}", n + 1), value);
        }
        text
    };
    let mut slow = tables.db.store.postgres().session().await.unwrap();
    let first = slow.transaction().await.unwrap();
    first.batch_execute(&publish("a")).await.unwrap();
    let other = tables.db.store.postgres().session().await.unwrap();
    other.batch_execute("SET lock_timeout = '20s'").await.unwrap();
    other.batch_execute(&publish("b")).await.unwrap();
    let text = publish("a");
    let waiting = other.batch_execute(&text);
    let committing = async {
        tables.until("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted", "1").await;
        first.commit().await.unwrap();
    };
    let (second, ()) = futures_util::join!(waiting, committing);
    second.unwrap();
    let order = "SELECT string_agg(topic, ' ' ORDER BY seq) FROM ordctl.event";
    assert_eq!(tables.db.value(order).await, "a b a");
}

#[tokio::test]
async fn events_sent_by_a_dead_relay_are_not_sent_again() {
    if left_out("events_sent_by_a_dead_relay_are_not_sent_again", &["redis"]) {
        return;
    }
    let (tables, redis) = (Tables::new().await, redis());
    let setup = setup(&tables.db, &redis);
    let mut node = setup.node(&[]);
    let url = node.http().await;
    for n in 0..20 {
        post(&url, "orders", n).await;
    }
    tables.until("SELECT count(*) FROM ordctl.event WHERE stream_id IS NULL", "0").await;
    node.kill();
    tables.db.execute("UPDATE ordctl.event SET stream_id = NULL").await.unwrap();
    let node = setup.node(&[]);
    post(&node.http().await, "orders", 20).await;
    tables.until("SELECT count(*) FROM ordctl.event WHERE stream_id IS NULL", "0").await;
    assert_eq!(in_stream(&redis, "orders"), (0..=20).collect::<Vec<u64>>());
}

#[tokio::test]
async fn adoption_skips_old_stream_entries() {
    if left_out("adoption_skips_old_stream_entries", &["redis"]) {
        return;
    }
    let redis = redis();
    for n in 1..=3 {
        cli(&redis, &format!(r#"XADD events '*' topic orders payload '{{"n": {n}}}'"#));
    }
    let db = Database::upstream().await;
    db.execute("DELETE FROM worker_heartbeat; DELETE FROM due_work").await.unwrap();
    let setup = setup(&db, &redis);
    let _node = setup.node(&[]);
    let tables = Tables { db };
    eventually("the group exists", async || cli(&redis, "XINFO GROUPS events").contains("ordctl")).await;
    let task = listener(&tables, "orders").await;
    cli(&redis, r#"XADD events '*' topic orders payload '{"n": 4}'"#);
    tables.until(&received(&task), "4").await;
    assert_eq!(tables.db.value("SELECT count(*) FROM ordctl.event").await, "1");
    // The same after the group is lost.
    cli(&redis, "XGROUP DESTROY events ordctl");
    cli(&redis, r#"XADD events '*' topic orders payload '{"n": 5}'"#);
    tables.until(&received(&task), "4 5").await;
    assert_eq!(tables.db.value("SELECT count(*) FROM ordctl.event").await, "2");
}
