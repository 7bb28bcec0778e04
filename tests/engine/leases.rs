//! Leases are renewed during a run, and a stale lease writes nothing.

use ordctl::store::Library;
use uuid::Uuid;

use crate::support::engine::{Setup, Tables};
use crate::support::eventually;
use crate::support::gate::Gate;

#[tokio::test]
async fn a_run_longer_than_its_lease_keeps_the_lease() {
    let (tables, gate) = (Tables::new().await, Gate::start());
    let setup = Setup { lease: "1s", ..Setup::of(&tables.db) }.allowing(gate.port);
    let task = tables.task(&[gate.step("/wait")], "").await;
    tables.queue(&task, 1).await;
    let _nodes = [setup.node(&["--role", "worker"]), setup.node(&["--role", "worker"])];
    eventually("the run is at the gate", async || gate.came("/wait") == 1).await;
    tables.until("SELECT bool_or(now() > leased_at + interval '4 s') FROM due_work", "true").await;
    assert_eq!(
        tables.db.value("SELECT locked_until > now() AND parked = 'running' FROM due_work").await,
        "true"
    );
    gate.open();
    tables.drained().await;
    assert_eq!(gate.came("/wait"), 1, "nobody else has begun it");
    assert_eq!(
        tables.db.value("SELECT string_agg(concat_ws(' ', attempt, success), ';') FROM task_run").await,
        "1 t"
    );
}

/// No statement writes anything with a token that is not the row's.
#[tokio::test]
async fn a_stale_token_writes_nothing() {
    let tables = Tables::new().await;
    let task = tables.task(&["{\"uses\": \"noop\"}".to_owned()], "").await;
    tables.queue(&task, 1).await;
    let (right, stale) = (Uuid::now_v7(), Uuid::now_v7());
    let lease = format!(
        "UPDATE due_work SET lease_token = '{right}', locked_by = 'w', leased_at = now(), locked_until = now() + interval '1 min'"
    );
    tables.db.execute(&lease).await.unwrap();
    let before = tables.db.value("SELECT due_work::text FROM due_work").await;
    let id = tables.db.value("SELECT id FROM due_work").await;
    let one = |token: Uuid| format!("'{{{id}}}', '{{{token}}}'");
    let times = "'{now}', '{now}'";
    let calls = |token: Uuid| {
        let one = one(token);
        [
            ("complete", format!("({one}, '{{true}}', '{{null}}', '{{null}}', {times}, '{{false}}')")),
            ("retry", format!("({one}, '{{e}}', '{{null}}', {times}, '{{0}}')")),
            ("hand_back", format!("({one})")),
            ("discard", format!("({one})")),
            ("renew_rows", format!("({one}, 60)")),
        ]
    };
    let call = async |name: &str, values: &str| {
        let text = Library::default().sql(&format!("engine/work/{name}")).unwrap().text;
        let session = tables.db.store.postgres().session().await.unwrap();
        session.batch_execute(&format!("PREPARE it AS {text}")).await.unwrap();
        session.batch_execute(&format!("EXECUTE it {values}")).await.unwrap();
    };
    for (name, values) in calls(stale) {
        call(name, &values).await;
        assert_eq!(tables.db.value("SELECT due_work::text FROM due_work").await, before, "{name}");
        assert_eq!(tables.db.value("SELECT count(*) FROM task_run").await, "0", "{name}");
    }
    let (name, values) = &calls(right)[0];
    call(name, values).await;
    assert_eq!(tables.db.value("SELECT count(*) FROM task_run WHERE final AND id = occurrence").await, "1");
}

/// Long computation on every processor: the lease is still renewed.
#[tokio::test]
async fn a_busy_step_does_not_delay_lease_renewal() {
    let tables = Tables::new().await;
    let more = "limits: { value: 1GiB, evaluation_steps: 1000000000000 }\n".to_owned();
    let setup = Setup { lease: "3s", more, ..Setup::of(&tables.db) };
    // Sorts repeatedly by an expensive key.
    let expr = (0..20).fold("@".to_owned(), |inner, _| format!("sort_by({inner}, &to_string(@))"));
    let step = format!(
        r#"{{"uses": "transform", "timeout_seconds": 600, "with": {{"expr": "length({expr})", "data": []}}}}"#
    );
    let task = tables.task(&[step], "").await;
    let data = "UPDATE task SET payload = jsonb_set(payload, '{pipeline,0,with,data}',
                    (SELECT jsonb_agg(g * 7919 % 1000003) FROM generate_series(1, 150000) g))";
    tables.db.execute(data).await.unwrap();
    // More steps than threads.
    tables.queue(&task, 6).await;
    let _nodes = [setup.node(&["--role", "worker"]), setup.node(&["--role", "worker"])];
    tables.drained().await;
    let longest = "SELECT max(finished_at - started_at) > interval '6 s' FROM task_run";
    let output = tables.db.value("SELECT string_agg(concat_ws(' ', finished_at - started_at, error, left(output::text, 200)), ';') FROM task_run").await;
    assert_eq!(tables.db.value(longest).await, "true", "else this says nothing: {output}");
    assert_eq!(
        tables
            .db
            .value("SELECT concat_ws(' ', count(*), bool_and(success), max(attempt)) FROM task_run")
            .await,
        "6 t 1"
    );
}
