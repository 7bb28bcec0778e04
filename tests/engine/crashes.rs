//! A node is killed, suspended or disconnected: its work runs again and ends once.

use rustix::process::Signal;

use crate::support::engine::{Setup, Tables};
use crate::support::eventually;
use crate::support::gate::Gate;
use crate::support::postgres::{Cluster, cluster, execute};
use crate::support::proxy::{Fault, Proxy};

const FINAL: &str = "SELECT count(*) FROM task_run WHERE final AND success";

/// Kills a node while its run waits at the gate; another node takes over.
async fn killed_in(steps: fn(&Gate) -> Vec<String>) {
    let (tables, gate) = (Tables::new().await, Gate::start());
    let setup = Setup::of(&tables.db).allowing(gate.port);
    let task = tables.task(&steps(&gate), "").await;
    tables.queue(&task, 1).await;
    let mut first = setup.node(&["--role", "worker"]);
    eventually("the run is at the gate", async || gate.came("/wait") == 1).await;
    first.kill();
    let _second = setup.node(&["--role", "worker"]);
    eventually("another node has taken over", async || gate.came("/wait") == 2).await;
    gate.open();
    tables.drained().await;
    let runs = "SELECT string_agg(concat_ws(' ', attempt, success, final, error), '; ' ORDER BY attempt) FROM task_run";
    assert_eq!(tables.db.value(runs).await, "1 f f the worker stopped during the run; 2 t t");
    assert_eq!(tables.db.value("SELECT count(*) FROM ordctl.slot").await, "0");
}

#[tokio::test]
async fn a_node_killed_in_a_step() {
    killed_in(|gate| vec![gate.step("/wait")]).await;
}

#[tokio::test]
async fn a_node_killed_between_steps() {
    killed_in(|gate| vec![gate.step("/first"), gate.step("/wait"), gate.step("/last")]).await;
}

#[tokio::test]
async fn the_idempotency_key_is_the_same_at_every_attempt() {
    let (tables, gate) = (Tables::new().await, Gate::start());
    let setup = Setup::of(&tables.db).allowing(gate.port);
    let task = tables.task(&[gate.step("/fail")], "max_retries = 1, backoff_strategy = 'fixed'").await;
    tables.queue(&task, 2).await;
    let _node = setup.node(&["--role", "worker"]);
    tables.drained().await;
    let mut keys = gate.keys("/fail");
    keys.sort();
    assert_eq!(keys.len(), 4);
    assert!(keys[0] == keys[1] && keys[2] == keys[3] && keys[1] != keys[2], "{keys:?}");
    assert!(keys[0].ends_with("/request"), "{keys:?}");
}

/// SIGSTOP for longer than the lease, then SIGCONT.
#[tokio::test]
async fn a_node_suspended_past_its_lease_writes_nothing_and_works_again() {
    let (tables, gate) = (Tables::new().await, Gate::start());
    let setup = Setup::of(&tables.db).allowing(gate.port);
    let task = tables.task(&[gate.step("/wait")], "").await;
    tables.queue(&task, 1).await;
    let sleeper = setup.node(&["--role", "worker"]);
    eventually("the run is at the gate", async || gate.came("/wait") == 1).await;
    let owner = tables.db.value("SELECT locked_by FROM due_work").await;
    sleeper.signal(Signal::STOP);
    let mut other = setup.node(&["--role", "worker"]);
    eventually("another node has taken over", async || gate.came("/wait") == 2).await;
    gate.open();
    tables.drained().await;
    sleeper.signal(Signal::CONT);
    eventually("the suspended node detects the lost lease", async || {
        sleeper.log().contains("lease ended; stopping its runs")
    })
    .await;
    other.signal(Signal::TERM);
    assert_eq!(other.end().await, 0);
    // It works again as a new worker.
    tables.queue(&task, 1).await;
    tables.until(FINAL, "2").await;
    let runs = format!(
        "SELECT concat_ws(' ', count(*), count(*) FILTER (WHERE final), count(*) FILTER (WHERE final AND lease_owner = '{owner}')) FROM task_run"
    );
    assert_eq!(tables.db.value(&runs).await, "3 2 0");
}

/// A task that kills its worker at each attempt, among a hundred that do not.
#[tokio::test]
async fn a_task_that_kills_its_worker_becomes_a_dead_letter_and_others_do_not() {
    let tables = Tables::new().await;
    let setup = Setup { lease: "1s", ..Setup::of(&tables.db) };
    let step = |s: &str| vec![s.to_owned()];
    let innocent =
        tables.task(&step(r#"{"uses": "wait", "with": {"seconds": 0.05}}"#), "max_retries = 1").await;
    let poison = tables
        .task(
            &step(
                r#"{"uses": "shell.exec", "with": {"program": "/bin/sh", "args": ["-c", "kill -9 $PPID"]}}"#,
            ),
            "max_retries = 2",
        )
        .await;
    tables.queue(&innocent, 50).await;
    tables.queue(&poison, 1).await;
    tables.queue(&innocent, 50).await;
    let mut node = setup.node(&["--role", "worker"]);
    let mut deaths = 0;
    eventually("the queue is empty", async || {
        if node.ended().is_some() {
            deaths += 1;
            node = setup.node(&["--role", "worker"]);
        }
        tables.db.value("SELECT count(*) FROM due_work").await == "0"
    })
    .await;
    assert_eq!(deaths, 3, "one for each attempt of the poison");
    let of = |task: &str| {
        format!(
            "SELECT concat_ws(' ', count(*) FILTER (WHERE final AND success), count(*) FILTER (WHERE final AND NOT success)) FROM task_run WHERE task_id = '{task}'"
        )
    };
    assert_eq!(tables.db.value(&of(&innocent)).await, "100 0");
    assert_eq!(tables.db.value(&of(&poison)).await, "0 1");
    assert_eq!(
        tables.db.value("SELECT string_agg(task_id::text, ' ') FROM ordctl.dead_letter").await,
        poison
    );
    assert_eq!(
        tables.db.value(&format!("SELECT max(attempt) FROM task_run WHERE task_id = '{poison}'")).await,
        "3"
    );
}

/// The database is away for longer than a lease; the runs end meanwhile. Nobody else ever had them.
#[tokio::test]
async fn outcomes_of_an_outage_longer_than_a_lease_are_recorded_afterwards() {
    let (tables, gate) = (Tables::new().await, Gate::start());
    let proxy = Proxy::to_port(cluster().port);
    let name = tables.db.value("SELECT current_database()").await;
    let base = Setup { lease: "2s", ..Setup::of(&tables.db) }.allowing(gate.port);
    let setup = Setup { url: proxy.postgres(&name), ..base };
    let task = tables.task(&[gate.step("/wait")], "max_retries = 0").await;
    tables.queue(&task, 5).await;
    let node = setup.node(&["--role", "worker"]);
    eventually("the runs are at the gate", async || gate.came("/wait") == 5).await;
    proxy.all(Fault::Refuse);
    gate.open();
    eventually("the lease has ended", async || node.log().contains("lease ended; stopping its runs")).await;
    tables.until("SELECT bool_and(lease_until < now() - interval '1 s') FROM ordctl.worker", "true").await;
    proxy.all(Fault::None);
    tables.drained().await;
    assert_eq!(tables.db.value("SELECT count(*) FROM ordctl.dead_letter").await, "0");
    let runs = "SELECT string_agg(concat_ws(' ', attempt, success, final), '; ') FROM task_run";
    assert_eq!(tables.db.value(runs).await, "1 t t; 1 t t; 1 t t; 1 t t; 1 t t");
    assert_eq!(gate.came("/wait"), 5, "nobody has begun them again");
}

/// Thirty runs of a killed node start together on the next one.
#[tokio::test]
async fn the_work_of_a_dead_worker_runs_concurrently_at_its_first_death() {
    let (tables, gate) = (Tables::new().await, Gate::start());
    let setup = Setup { lease: "1s", ..Setup::of(&tables.db) }.allowing(gate.port);
    let task = tables.task(&[gate.step("/wait")], "max_retries = 3").await;
    tables.queue(&task, 30).await;
    let mut first = setup.node(&["--role", "worker"]);
    eventually("the runs are at the gate", async || gate.came("/wait") == 30).await;
    first.kill();
    let mut second = setup.node(&["--role", "worker"]);
    // None of them can end before all have begun.
    eventually("they run together", async || gate.came("/wait") == 60).await;
    second.kill();
    let _third = setup.node(&["--role", "worker"]);
    eventually("one runs again", async || gate.came("/wait") > 60).await;
    tables.until("SELECT count(*) FROM due_work WHERE lease_token IS NULL AND parked = 'alone'", "29").await;
    gate.open();
    tables.drained().await;
    assert_eq!(tables.db.value("SELECT count(*) FROM task_run WHERE final AND success").await, "30");
}

/// The server crashes and recovers twice while two nodes work.
#[tokio::test]
async fn postgresql_restarts_under_load() {
    let cluster = Cluster::separate();
    let store = cluster.store("postgres", "postgres");
    ordctl::engine::migrations::migrate(&store, &Default::default(), &crate::support::consent())
        .await
        .unwrap();
    let setup = Setup { lease: "10s", ..Setup::at(&cluster, "postgres") };
    let fill = "INSERT INTO task (title, description, created_by, schedule_kind, schedule_expr, payload)
        VALUES ('t', 'd', '00000000-0000-0000-0000-000000000001', 'event', 'x',
                '{\"pipeline\": [{\"uses\": \"wait\", \"with\": {\"seconds\": 0.02}}]}');
        INSERT INTO due_work (task_id, run_at) SELECT id, now() FROM task, generate_series(1, 3000)";
    execute(&store, fill).await.unwrap();
    let nodes = [setup.node(&["--role", "worker"]), setup.node(&["--role", "worker"])];
    // During recovery it accepts no connections.
    let ask = async |sql: &str| {
        let session = store.postgres().session().await.ok()?;
        session.query_one(&format!("SELECT ({sql})::text"), &[]).await.ok()?.try_get::<_, String>(0).ok()
    };
    for part in [300, 1200] {
        let done = format!("SELECT count(*) > {part} FROM task_run");
        eventually("a part is done", async || ask(&done).await.as_deref() == Some("true")).await;
        let worker = "SELECT min(pid) FROM pg_stat_activity WHERE application_name = 'ordctl' AND pid <> pg_backend_pid()";
        let pid = rustix::process::Pid::from_raw(ask(worker).await.unwrap().parse().unwrap()).unwrap();
        rustix::process::kill_process(pid, Signal::KILL).unwrap();
    }
    let empty = "SELECT count(*) = 0 FROM due_work";
    eventually("the queue is empty", async || ask(empty).await.as_deref() == Some("true")).await;
    let sum = "SELECT concat_ws(' ', count(*), count(DISTINCT occurrence), bool_and(success)) FROM task_run WHERE final";
    assert_eq!(ask(sum).await.unwrap(), "3000 3000 t");
    drop(nodes);
}
