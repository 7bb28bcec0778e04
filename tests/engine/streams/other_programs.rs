//! Stream entries of other programs, valid or not.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{all_acknowledged, cli, in_stream, listener, post, received, redis, setup};
use crate::support::engine::{Tables, http};
use crate::support::{eventually, left_out};

#[tokio::test]
async fn binary_entries_do_not_block_the_stream() {
    if left_out("binary_entries_do_not_block_the_stream", &["redis"]) {
        return;
    }
    let (tables, redis) = (Tables::new().await, redis());
    let task = listener(&tables, "orders").await;
    let setup = setup(&tables.db, &redis);
    let mut node = setup.node(&[]);
    node.http().await;
    cli(&redis, r#"XADD events '*' "$(printf '\377\376')" 1 topic 'orders.odd' payload "$(printf '\377')""#);
    cli(&redis, r#"XADD events '*' topic orders payload '{"n": 1}'"#);
    tables.until(&received(&task), "1").await;
    all_acknowledged(&redis).await;
    assert_eq!(
        tables.db.value("SELECT payload FROM ordctl.event WHERE topic = 'orders.odd'").await,
        "\"\u{fffd}\""
    );
    // They do not block the relay that takes over, either.
    node.kill();
    let node = setup.node(&[]);
    post(&node.http().await, "orders", 2).await;
    tables.until("SELECT count(*) FROM ordctl.event WHERE stream_id IS NULL", "0").await;
    assert!(!node.log().contains("outbox"), "{}", node.log());
}

#[tokio::test]
async fn a_failed_entry_is_retried_while_others_continue() {
    if left_out("a_failed_entry_is_retried_while_others_continue", &["redis"]) {
        return;
    }
    let (tables, redis) = (Tables::new().await, redis());
    let (task, bad) = (listener(&tables, "orders").await, listener(&tables, "bad").await);
    let refuse = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON ordctl.event FOR EACH ROW WHEN (NEW.topic = 'bad') EXECUTE FUNCTION refuse()";
    tables.db.execute(refuse).await.unwrap();
    let first = cli(&redis, r#"XADD events '*' topic bad payload '{"n": 1}'"#);
    for n in 0..5 {
        cli(&redis, &format!("XADD events '*' payload {n}"));
    }
    cli(&redis, r#"XADD events '*' topic orders payload '{"n": 2}'"#);
    let node = setup(&tables.db, &redis).node(&[]);
    tables.until(&received(&task), "2").await;
    eventually("all but one are acknowledged", async || {
        let pending = cli(&redis, "XPENDING events ordctl");
        pending.starts_with("1\n") && pending.contains(&first)
    })
    .await;
    let log = node.log();
    assert_eq!(log.matches("skipped invalid entries").count(), 1, "{log}");
    assert!(log.contains("count=5") && log.contains("refused"), "{log}");
    // It is retried every 30 s.
    for attempt in 1..=2 {
        if attempt == 2 {
            tables.db.execute("DROP TRIGGER refuse ON ordctl.event").await.unwrap();
        }
        cli(&redis, &format!("XCLAIM events ordctl dead 0 {first} IDLE 31000"));
        eventually("it is retried", async || !cli(&redis, "XPENDING events ordctl - + 1").contains("dead"))
            .await;
    }
    tables.until(&received(&bad), "1").await;
    all_acknowledged(&redis).await;
    assert_eq!(node.log().matches("importing stream entries failed").count(), 1, "{}", node.log());
}

/// The topic is locked: publishing the event again would wait.
#[tokio::test]
async fn our_own_events_are_only_acknowledged() {
    if left_out("our_own_events_are_only_acknowledged", &["redis"]) {
        return;
    }
    let (tables, redis) = (Tables::new().await, redis());
    let node = setup(&tables.db, &redis).node(&[]);
    let url = node.http().await;
    eventually("the group is there", async || cli(&redis, "EXISTS events") == "1").await;
    redis.freeze();
    post(&url, "orders", 1).await;
    let lock = tables.db.store.postgres().session().await.unwrap();
    lock.batch_execute("SELECT pg_advisory_lock(x'6f7264'::int, hashtext('orders'))").await.unwrap();
    redis.thaw();
    tables.until("SELECT count(*) FROM ordctl.event WHERE stream_id IS NOT NULL", "1").await;
    let place = tables.db.value("SELECT stream_id FROM ordctl.event").await;
    eventually("it is read", async || {
        cli(&redis, "XINFO GROUPS events").contains(&format!("last-delivered-id\n{place}"))
    })
    .await;
    all_acknowledged(&redis).await;
}

#[tokio::test]
async fn deleted_events_do_not_fire_again_after_the_group_is_lost() {
    if left_out("deleted_events_do_not_fire_again_after_the_group_is_lost", &["redis"]) {
        return;
    }
    let (tables, redis) = (Tables::new().await, redis());
    let task = listener(&tables, "orders").await;
    let node = setup(&tables.db, &redis).node(&[]);
    let url = node.http().await;
    let add = |n: u32| cli(&redis, &format!(r#"XADD events '*' topic orders payload '{{"n": {n}}}'"#));
    (1..=3).for_each(|n| drop(add(n)));
    tables.until(&received(&task), "1 2 3").await;
    tables.drained().await;
    let is_processed = "SELECT ordctl.stream_place(stream_read) >= (SELECT max(ordctl.stream_place(stream_id)) FROM ordctl.event) FROM ordctl.engine";
    tables.until(is_processed, "true").await;
    tables.db.execute("UPDATE ordctl.event SET published_at = now() - interval '2 h'").await.unwrap();
    let cleanup = http().delete(format!("{url}/events/stream/cleanup?max_age_hours=1")).send().await.unwrap();
    assert_eq!(cleanup.json::<serde_json::Value>().await.unwrap()["details"]["removed"], json!(3));
    assert_eq!(in_stream(&redis, "orders"), [1, 2, 3], "they are young in the stream");
    cli(&redis, "XGROUP DESTROY events ordctl");
    add(4);
    tables.until(&received(&task), "1 2 3 4").await;
    // Another client recreates the group at the stream's beginning.
    let recreate = "MULTI\\nXGROUP DESTROY events ordctl\\nXGROUP CREATE events ordctl 0\\nEXEC\\n";
    crate::support::systems::shell(&format!("printf '{recreate}' | redis-cli -p {}", redis.port));
    add(5);
    tables.until(&received(&task), "1 2 3 4 5").await;
    all_acknowledged(&redis).await;
    // A second run of the same event would record no outcome, but the event would be new.
    let events = "SELECT string_agg(payload->>'n', ' ' ORDER BY seq) FROM ordctl.event";
    assert_eq!(tables.db.value(events).await, "4 5");
}

#[tokio::test]
async fn a_consumer_resumes_its_pending_entries_and_logs_each_outage_once() {
    if left_out("a_consumer_resumes_its_pending_entries_and_logs_each_outage_once", &["redis"]) {
        return;
    }
    let (tables, redis) = (Tables::new().await, redis());
    let task = listener(&tables, "orders").await;
    let node = setup(&tables.db, &redis).node(&["--role", "scheduler,worker"]);
    eventually("the group is there", async || cli(&redis, "EXISTS events") == "1").await;
    for (outage, wanted) in [(1, "1"), (2, "1 2")] {
        tables.db.execute("ALTER TABLE ordctl.event RENAME TO away").await.unwrap();
        cli(&redis, &format!(r#"XADD events '*' topic orders payload '{{"n": {outage}}}'"#));
        eventually("it tries again and again", async || {
            node.log().matches("Event consumer: lost").count() == outage
                && tables
                    .db
                    .value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
                    .await
                    != "0"
                && !cli(&redis, "XPENDING events ordctl").starts_with('0')
        })
        .await;
        let deliveries = || cli(&redis, "XPENDING events ordctl - + 1").lines().last().map(str::to_owned);
        eventually("it has read it three times", async || {
            deliveries().and_then(|n| n.parse().ok()).is_some_and(|n: u32| n >= 3)
        })
        .await;
        tables.db.execute("ALTER TABLE ordctl.away RENAME TO event").await.unwrap();
        let begin = Instant::now();
        tables.until(&received(&task), wanted).await;
        all_acknowledged(&redis).await;
        assert!(begin.elapsed() < Duration::from_secs(15), "it waited until it could claim it");
        assert_eq!(node.log().matches("Event consumer: lost").count(), outage, "{}", node.log());
    }
}

#[tokio::test]
async fn a_stopping_node_leaves_the_consumer_group() {
    if left_out("a_stopping_node_leaves_the_consumer_group", &["redis"]) {
        return;
    }
    let (tables, redis) = (Tables::new().await, redis());
    let mut node = setup(&tables.db, &redis).node(&["--role", "scheduler"]);
    eventually("it is in the group", async || {
        cli(&redis, "EXISTS events") == "1"
            && cli(&redis, "XINFO CONSUMERS events ordctl").contains("ordctl:")
    })
    .await;
    node.signal(rustix::process::Signal::TERM);
    assert_eq!(node.end().await, 0);
    assert_eq!(cli(&redis, "XINFO CONSUMERS events ordctl"), "");
}
