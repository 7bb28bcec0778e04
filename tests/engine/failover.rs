//! A primary is frozen or demoted: the nodes go on on the promoted standby.

use crate::support::engine::{Node, Setup, http};
use crate::support::eventually;
use crate::support::postgres::{Cluster, execute, value};

const RUNS: &str = "SELECT count(*) FROM task_run WHERE final AND success";

struct Pair {
    primary: Cluster,
    standby: Cluster,
    setup: Setup,
}

impl Pair {
    /// Two servers in one URL without `target_session_attrs`; the read-only one comes first.
    fn new() -> Self {
        let primary = Cluster::separate();
        let standby = Cluster::standby_of(&primary);
        let mut setup = Setup::at(&primary, "postgres");
        setup.url =
            format!("postgresql://postgres@127.0.0.1:{},127.0.0.1:{}/postgres", standby.port, primary.port);
        Self { primary, standby, setup }
    }

    async fn promote(&self) {
        let standby = self.standby.store("postgres", "postgres");
        execute(&standby, "SELECT pg_promote()").await.unwrap();
    }

    /// The number of successful runs on the standby becomes greater than this one.
    async fn runs_after(&self, count: u32) -> u32 {
        let standby = self.standby.store("postgres", "postgres");
        let mut now = 0;
        eventually("runs go on", async || {
            now = value(&standby, RUNS).await.parse().unwrap();
            now > count
        })
        .await;
        now
    }
}

/// Creates a task that runs now; the status of the answer.
async fn create(url: &str) -> u16 {
    let at = (chrono::Utc::now() + chrono::TimeDelta::seconds(1)).to_rfc3339();
    let body = serde_json::json!({
        "title": "t", "description": "d", "schedule_kind": "once", "schedule_expr": at,
        "payload": {"pipeline": [{"id": "a", "uses": "noop"}]}
    });
    http().post(format!("{url}/tasks")).json(&body).send().await.unwrap().status().as_u16()
}

async fn created(node: &Node, url: &str) {
    eventually("POST /tasks works", async || create(url).await == 201).await;
    assert!(!node.log().contains("panicked"), "{}", node.log());
}

#[tokio::test]
async fn a_frozen_primary_is_left_for_the_promoted_standby() {
    let pair = Pair::new();
    let node = pair.setup.node(&[]);
    let url = node.http().await;
    assert_eq!(create(&url).await, 201, "the read-only server was chosen");
    let before = pair.runs_after(0).await;
    pair.primary.freeze_sessions();
    pair.promote().await;
    created(&node, &url).await;
    pair.runs_after(before).await;
    pair.primary.thaw_sessions();
}

/// The demoted server answers everything and refuses writes only.
#[tokio::test]
async fn a_server_that_no_longer_accepts_writes_is_left() {
    let pair = Pair::new();
    let node = pair.setup.node(&[]);
    let url = node.http().await;
    assert_eq!(create(&url).await, 201, "the read-only server was chosen");
    let before = pair.runs_after(0).await;
    pair.promote().await;
    let primary = pair.primary.store("postgres", "postgres");
    execute(&primary, "ALTER SYSTEM SET default_transaction_read_only = on").await.unwrap();
    execute(&primary, "SELECT pg_reload_conf()").await.unwrap();
    created(&node, &url).await;
    pair.runs_after(before).await;
}

#[tokio::test]
async fn serve_refuses_a_server_without_writes() {
    let pair = Pair::new();
    let setup = Setup::at(&pair.standby, "postgres");
    let mut node = setup.node(&[]);
    assert_ne!(node.end().await, 0);
    let log = node.log();
    assert!(
        log.contains("does not allow writes") && log.contains("set database.url to the primary"),
        "{log}"
    );
}
