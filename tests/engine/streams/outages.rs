//! Silent network failures, and Redis out of memory.

use rustix::process::Signal;

use super::{cli, in_stream, listener, nodes, post, received, redis, setup, setup_with};
use crate::support::engine::{Node, Tables};
use crate::support::proxy::{Fault, Proxy};
use crate::support::{eventually, left_out};

#[tokio::test]
async fn a_suspended_relay_is_replaced() {
    if left_out("a_suspended_relay_is_replaced", &["redis"]) {
        return;
    }
    let (tables, redis) = (Tables::new().await, redis());
    let setup = setup(&tables.db, &redis);
    let sleeper = setup.node(&["--role", "scheduler"]);
    let lock = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = x'746c0002'::bigint::oid
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    tables.until(lock, "1").await;
    let other = setup.node(&[]);
    let url = other.http().await;
    post(&url, "orders", 1).await;
    tables.until("SELECT count(stream_id) FROM ordctl.event", "1").await;
    sleeper.signal(Signal::STOP);
    post(&url, "orders", 2).await;
    tables.until("SELECT count(stream_id) FROM ordctl.event", "2").await;
    sleeper.signal(Signal::CONT);
    eventually("the suspended relay has resumed", async || sleeper.log().contains("Event relay: lost")).await;
    post(&url, "orders", 3).await;
    tables.until("SELECT count(stream_id) FROM ordctl.event", "3").await;
    assert_eq!(in_stream(&redis, "orders"), [1, 2, 3]);
}

/// The nodes take turns at trying, and each logs the outage once.
#[tokio::test]
async fn events_wait_in_order_while_redis_is_out_of_memory() {
    if left_out("events_wait_in_order_while_redis_is_out_of_memory", &["redis"]) {
        return;
    }
    let (tables, redis) = (Tables::new().await, redis());
    let (nodes, urls) = nodes(&setup(&tables.db, &redis), &[], 2).await;
    post(&urls[0], "orders", 1).await;
    tables.until("SELECT count(stream_id) FROM ordctl.event", "1").await;
    for outage in 1..=2 {
        cli(&redis, "CONFIG SET maxmemory 1");
        for n in 0..3 {
            post(&urls[n % 2], "orders", outage * 3 + n - 1).await;
        }
        let logged = |node: &Node| node.log().matches("Event relay: lost").count();
        // A node that relayed in between logs it again; the other has not seen the outage end.
        eventually("both have tried", async || {
            nodes.iter().all(|n| logged(n) >= 1) && nodes.iter().any(|n| logged(n) == outage)
        })
        .await;
        let tries = || {
            let stats = cli(&redis, "INFO errorstats");
            let count = stats
                .split("EXECABORT:count=")
                .nth(1)
                .and_then(|c| c.split('\r').next()?.trim().parse().ok());
            count.unwrap_or(0_u32)
        };
        let begin = tries();
        eventually("they try again and again", async || tries() >= begin + 3).await;
        cli(&redis, "CONFIG SET maxmemory 0");
        tables.until("SELECT count(*) FROM ordctl.event WHERE stream_id IS NULL", "0").await;
        for node in &nodes {
            assert!(logged(node) <= outage, "{}", node.log());
        }
    }
    assert_eq!(in_stream(&redis, "orders"), (1..=7).collect::<Vec<u64>>());
}

#[tokio::test]
async fn dead_connections_are_replaced() {
    if left_out("dead_connections_are_replaced", &["redis"]) {
        return;
    }
    let (tables, redis) = (Tables::new().await, redis());
    let task = listener(&tables, "orders").await;
    let proxy = Proxy::to_port(redis.port);
    let node = setup_with(&tables.db, proxy.port, "").node(&[]);
    let url = node.http().await;
    cli(&redis, r#"XADD events '*' topic orders payload '{"n": 1}'"#);
    tables.until(&received(&task), "1").await;
    post(&url, "orders", 2).await;
    tables.until("SELECT count(stream_id) FROM ordctl.event", "2").await;
    proxy.open(Fault::Silent);
    post(&url, "orders", 3).await;
    cli(&redis, r#"XADD events '*' topic orders payload '{"n": 4}'"#);
    tables.until("SELECT count(stream_id) FROM ordctl.event", "4").await;
    tables.until(&received(&task), "1 2 3 4").await;
}
