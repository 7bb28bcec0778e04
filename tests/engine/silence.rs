//! A connection falls silent and stays open: its loop goes on over another one.

use crate::support::engine::{Setup, Tables, http};
use crate::support::eventually;
use crate::support::gate::Gate;
use crate::support::proxy::{Fault, Proxy};

const NOOP: &str = r#"{"uses": "noop"}"#;

/// A database, and nodes that reach it through a proxy.
struct Silence {
    tables: Tables,
    proxy: Proxy,
    setup: Setup,
}

impl Silence {
    async fn new() -> Self {
        let tables = Tables::new().await;
        let proxy = Proxy::to_port(crate::support::postgres::cluster().port);
        let setup = Setup { url: proxy.postgres(&tables.db.name), ..Setup::of(&tables.db) };
        Self { tables, proxy, setup }
    }

    /// The client ports of the sessions whose last statement contains this text.
    async fn sessions(&self, statement: &str) -> Vec<u16> {
        let mut found = Vec::new();
        eventually(&format!("a session runs {statement}"), async || {
            let ports = format!(
                "SELECT string_agg(client_port::text, ' ') FROM pg_stat_activity
                  WHERE datname = current_database() AND client_port > 0 AND application_name = 'ordctl'
                    AND pid <> pg_backend_pid() AND strpos(query, '{statement}') > 0"
            );
            let ports = self.tables.db.value(&ports).await;
            found = ports.split_whitespace().map(|p| p.parse().unwrap()).collect();
            found.retain(|port| self.proxy.is_open(*port));
            !found.is_empty()
        })
        .await;
        found
    }

    /// Silences the sessions whose last statement contains this text, and waits until the node closes them.
    async fn silence(&self, statement: &str) -> Vec<u16> {
        let ports = self.sessions(statement).await;
        ports.iter().for_each(|port| self.proxy.session(*port, Fault::Silent));
        ports
    }

    async fn replaced(&self, ports: &[u16]) {
        eventually("the silent sessions are closed", async || {
            !ports.iter().any(|port| self.proxy.is_open(*port))
        })
        .await;
    }

    /// Creates a task that is due now.
    async fn once(&self) {
        let insert = "INSERT INTO task (title, description, created_by, schedule_kind, schedule_expr, payload)
             VALUES ('once', 'd', '00000000-0000-0000-0000-000000000001', 'once',
                     to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), '{\"pipeline\": []}')";
        self.tables.db.execute(insert).await.unwrap();
    }

    async fn runs(&self, wanted: &str) {
        self.tables.until("SELECT count(*) FROM task_run WHERE final AND success", wanted).await;
    }
}

#[tokio::test]
async fn a_silent_scheduler_session_is_replaced() {
    let silence = Silence::new().await;
    let _node = silence.setup.node(&["--role", "scheduler,worker"]);
    silence.once().await;
    silence.runs("1").await;
    let ports = silence.silence("Time until the next occurrence").await;
    silence.once().await;
    silence.runs("2").await;
    silence.replaced(&ports).await;
}

#[tokio::test]
async fn silent_lane_sessions_are_replaced() {
    let silence = Silence::new().await;
    let _node = silence.setup.node(&["--role", "worker"]);
    let task = silence.tables.task(&[NOOP.to_owned()], "").await;
    silence.tables.queue(&task, 1).await;
    silence.runs("1").await;
    let ports = silence.silence("Time until the next row").await;
    silence.tables.queue(&task, 5).await;
    silence.runs("6").await;
    silence.replaced(&ports).await;
}

/// The lanes of a node cannot record their runs, and its lease renewer reaches the database: another node takes
/// the rows.
#[tokio::test]
async fn a_lane_without_progress_gets_no_lease() {
    let (silence, gate) = (Silence::new().await, Gate::start());
    let url = silence.setup.url.clone();
    let setup = Setup { url, lease: "6s", ..Setup::of(&silence.tables.db) }.allowing(gate.port);
    let task = silence.tables.task(&[gate.step("/wait")], "").await;
    silence.tables.queue(&task, 3).await;
    let cut_off = setup.node(&["--role", "worker"]);
    eventually("the runs are at the gate", async || gate.came("/wait") == 3).await;
    for port in silence.sessions("worker_heartbeat").await {
        silence.proxy.session(port, Fault::None);
    }
    silence.proxy.all(Fault::Silent);
    let other = Setup::of(&silence.tables.db).allowing(gate.port);
    let _other = other.node(&["--role", "worker"]);
    gate.open();
    silence.tables.drained().await;
    silence.runs("3").await;
    assert!(gate.came("/wait") > 3, "they ran again");
    let log = cut_off.log();
    assert!(!log.contains("Lease renewal: lost"), "else this says nothing: {log}");
}

#[tokio::test]
async fn a_silent_reaper_session_is_replaced() {
    let (silence, gate) = (Silence::new().await, Gate::start());
    let dying = Setup::of(&silence.tables.db).allowing(gate.port);
    let task = silence.tables.task(&[gate.step("/wait")], "").await;
    silence.tables.queue(&task, 1).await;
    let mut dying = dying.node(&["--role", "worker"]);
    eventually("the run is at the gate", async || gate.came("/wait") == 1).await;
    let setup = Setup { url: silence.setup.url.clone(), ..Setup::of(&silence.tables.db) }.allowing(gate.port);
    let _node = setup.node(&["--role", "worker"]);
    let ports = silence.silence("pg_postmaster_start_time").await;
    dying.kill();
    eventually("the other node has taken over", async || gate.came("/wait") == 2).await;
    silence.replaced(&ports).await;
    gate.open();
    silence.runs("1").await;
}

#[tokio::test]
async fn a_silent_renewer_session_is_replaced_within_the_lease() {
    let (silence, gate) = (Silence::new().await, Gate::start());
    let url = silence.setup.url.clone();
    let setup = Setup { url, lease: "6s", ..Setup::of(&silence.tables.db) }.allowing(gate.port);
    let task = silence.tables.task(&[gate.step("/wait")], "").await;
    silence.tables.queue(&task, 1).await;
    let node = setup.node(&["--role", "worker"]);
    eventually("the run is at the gate", async || gate.came("/wait") == 1).await;
    let ports = silence.silence("worker_heartbeat").await;
    silence.replaced(&ports).await;
    silence.tables.until("SELECT bool_or(now() > leased_at + interval '10 s') FROM due_work", "true").await;
    gate.open();
    silence.runs("1").await;
    assert_eq!(gate.came("/wait"), 1, "{}", node.log());
}

#[tokio::test]
async fn a_silent_listener_session_is_replaced() {
    let silence = Silence::new().await;
    let _node = silence.setup.node(&["--role", "worker"]);
    // The node asks the same at its start, over a session that it closes.
    silence.tables.until("SELECT count(*) > 0 FROM ordctl.worker", "true").await;
    let ports = silence.silence("SHOW transaction_read_only").await;
    silence.replaced(&ports).await;
    let later = silence.sessions("SHOW transaction_read_only").await;
    assert!(!later.iter().any(|port| ports.contains(port)), "{later:?}");
}

/// Every idle session of the pool and of the loops at once, as after a silent fail-over of a load balancer.
#[tokio::test]
async fn a_node_whose_sessions_all_fall_silent_goes_on() {
    let silence = Silence::new().await;
    let node = silence.setup.node(&[]);
    let url = node.http().await;
    let create = async |title: &str| {
        let body = serde_json::json!({
            "title": title, "description": "d", "schedule_kind": "event", "schedule_expr": "never",
            "payload": {"pipeline": [{"id": "a", "uses": "noop"}]}
        });
        let answer = http().post(format!("{url}/tasks")).json(&body).send().await.unwrap();
        answer.status().as_u16()
    };
    assert_eq!(create("before").await, 201);
    silence.proxy.open(Fault::Silent);
    eventually("POST /tasks works", async || create("after").await == 201).await;
    silence.once().await;
    silence.runs("1").await;
}
