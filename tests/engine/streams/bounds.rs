//! The stream's length limit and the batch sizes.

use std::time::Duration;

use ordctl::base::secret::SecretUrl;
use ordctl::base::settings;
use ordctl::clients::redis::Redis;

use super::{all_acknowledged, cli, in_stream, listener, post, received, redis, setup, setup_with};
use crate::support::engine::Tables;
use crate::support::{eventually, left_out};

fn length(redis: &crate::support::systems::Server) -> usize {
    cli(redis, "XLEN events").parse().unwrap()
}

#[tokio::test]
async fn the_stream_is_trimmed_without_losing_unread_entries() {
    if left_out("the_stream_is_trimmed_without_losing_unread_entries", &["redis"]) {
        return;
    }
    let (tables, redis) = (Tables::new().await, redis());
    let task = listener(&tables, "orders").await;
    // A consumer has read the first entry and not acknowledged it.
    let first = cli(&redis, r#"XADD events '*' topic orders payload '{"n": 1}'"#);
    cli(&redis, "XGROUP CREATE events ordctl 0");
    cli(&redis, "XREADGROUP GROUP ordctl dead COUNT 1 STREAMS events '>'");
    let many = "yes 'XADD events * topic other payload 1' | head -n 1000";
    crate::support::systems::shell(&format!("{many} | redis-cli -p {} >/dev/null", redis.port));
    let node = setup_with(&tables.db, redis.port, ", max_length: 300").node(&[]);
    let url = node.http().await;
    tables.until("SELECT count(*) FROM ordctl.event WHERE topic = 'other'", "1000").await;
    post(&url, "mine", 1).await;
    tables.until("SELECT count(stream_id) FROM ordctl.event WHERE topic = 'mine'", "1").await;
    post(&url, "mine", 2).await;
    tables.until("SELECT count(stream_id) FROM ordctl.event WHERE topic = 'mine'", "2").await;
    assert!(cli(&redis, "XRANGE events - + COUNT 1").starts_with(&first), "it was not read");
    assert_eq!(length(&redis), 1003);
    cli(&redis, &format!("XCLAIM events ordctl dead 0 {first} IDLE 31000"));
    tables.until(&received(&task), "1").await;
    all_acknowledged(&redis).await;
    post(&url, "mine", 3).await;
    // Redis trims whole stream nodes of 100 entries.
    eventually("the stream is trimmed", async || (300..=400).contains(&length(&redis))).await;
    assert_eq!(in_stream(&redis, "mine"), [1, 2, 3]);
}

/// A consumer with pending entries stays, because its entries would be lost.
#[tokio::test]
async fn dead_consumers_without_pending_entries_are_removed() {
    if left_out("dead_consumers_without_pending_entries_are_removed", &["redis"]) {
        return;
    }
    let redis = redis();
    cli(&redis, "XADD events '*' topic orders");
    cli(&redis, "XGROUP CREATE events ordctl 0");
    cli(&redis, "XREADGROUP GROUP ordctl has COUNT 1 STREAMS events '>'");
    cli(&redis, "XGROUP CREATECONSUMER events ordctl empty");
    let url = SecretUrl::new(format!("redis://127.0.0.1:{}/0", redis.port));
    let client = Redis::new(&settings::Redis { url: Some(url), ..Default::default() }).unwrap();
    client.sweep("ordctl", Duration::from_secs(60)).await.unwrap();
    let names = || cli(&redis, "XINFO CONSUMERS events ordctl");
    assert!(names().contains("empty"), "it is young");
    eventually("it is swept out", async || {
        client.sweep("ordctl", Duration::ZERO).await.unwrap();
        !names().contains("empty")
    })
    .await;
    assert!(names().contains("has"));
}

#[tokio::test]
async fn large_events_are_sent_in_small_batches_and_recognized() {
    if left_out("large_events_are_sent_in_small_batches_and_recognized", &["redis"]) {
        return;
    }
    let (tables, redis) = (Tables::new().await, redis());
    let big = "INSERT INTO ordctl.event (id, topic, payload)
        SELECT gen_random_uuid(), 'big', jsonb_build_object('n', n, 'x', repeat(md5(n::text), 16384)) FROM generate_series(1, 40) n";
    tables.db.execute(big).await.unwrap();
    let outbox = ordctl::store::Library::default().sql("engine/events/outbox").unwrap().text;
    let size = format!("SELECT concat_ws(' ', count(*), min(payload::json->>'n')) FROM ({outbox}) AS o");
    assert_eq!(tables.db.value(&size).await, "8 1", "of half a MiB each");
    tables.db.execute("INSERT INTO ordctl.event (id, topic, payload) SELECT gen_random_uuid(), 'small', to_jsonb(n) FROM generate_series(1, 900) n").await.unwrap();
    let mut node = setup(&tables.db, &redis).node(&[]);
    let waiting = "SELECT count(*) FROM ordctl.event WHERE stream_id IS NULL";
    tables.until(waiting, "0").await;
    assert_eq!(in_stream(&redis, "big"), (1..=40).collect::<Vec<u64>>());
    node.kill();
    // The last batches are not marked as sent.
    tables.db.execute("UPDATE ordctl.event SET stream_id = NULL WHERE seq > 800").await.unwrap();
    let _node = setup(&tables.db, &redis).node(&[]);
    tables.until(waiting, "0").await;
    assert_eq!(length(&redis), 940, "none was sent twice");
}
