//! The cost of a claim does not depend on the queue length.

use std::time::{Duration, Instant};

use ordctl::store::Library;
use tokio_postgres::Statement;

use crate::support::engine::Tables;

/// Measured claims; the median counts.
const CLAIMS: usize = 60;
const EACH: i32 = 50;

async fn filled(sql: &str) -> Tables {
    let tables = Tables::new().await;
    let active = tables.task(&["{\"uses\": \"noop\"}".to_owned()], "").await;
    tables
        .db
        .execute(&format!(
            "INSERT INTO due_work (task_id, run_at) SELECT '{active}', now() - interval '1 hour' + g * interval '1 ms'
               FROM generate_series(1, 1000) g;
             {}",
            sql.replace("ACTIVE", &active)
        ))
        .await
        .unwrap();
    tables.db.execute("INSERT INTO ordctl.worker (id, node, lease_until) VALUES ('w', 'n', now() + interval '1 h'); VACUUM ANALYZE due_work").await.unwrap_or_default();
    tables.db.execute("INSERT INTO ordctl.worker (id, node, lease_until) VALUES ('w', 'n', now() + interval '1 h') ON CONFLICT DO NOTHING").await.unwrap();
    tables.db.execute("ANALYZE due_work").await.unwrap();
    tables
}

/// The median time of a claim of 50 rows, rolled back each time, and its plan.
async fn claim(tables: &Tables) -> (Duration, String) {
    let text = Library::default().sql("engine/work/claim").unwrap().text;
    let session = tables.db.store.postgres().session().await.unwrap();
    let settings = Library::default().sql("engine/work/session").unwrap().text;
    session.query(&settings, &[&60_000i64]).await.unwrap();
    let statement: Statement = session.prepare(&text).await.unwrap();
    let tokens: Vec<uuid::Uuid> = (0..EACH).map(|_| uuid::Uuid::now_v7()).collect();
    let (begin, first): (Vec<chrono::DateTime<chrono::Utc>>, Vec<i64>) =
        (vec![chrono::DateTime::UNIX_EPOCH; 9], vec![i64::MIN; 9]);
    let running: Vec<i64> = Vec::new();
    let mut times = Vec::new();
    // The first claims park the rows of the busy key.
    for round in 0..CLAIMS + 40 {
        session.batch_execute("BEGIN").await.unwrap();
        let at = Instant::now();
        let rows = session
            .query(&statement, &[&"w", &EACH, &30.0f64, &tokens, &running, &begin, &first])
            .await
            .unwrap();
        let took = at.elapsed();
        if round < 40 {
            session.batch_execute("COMMIT").await.unwrap();
            session
                .batch_execute("UPDATE due_work SET lease_token = NULL, locked_until = NULL, locked_by = NULL WHERE locked_by = 'w'; DELETE FROM ordctl.slot WHERE key <> 'hot'")
                .await
                .unwrap();
        } else {
            session.batch_execute("ROLLBACK").await.unwrap();
            assert_eq!(rows.len(), EACH as usize);
            times.push(took);
        }
    }
    times.sort();
    let arrays = "array_fill(now() - interval '9 years', ARRAY[9]), array_fill((-1)::bigint, ARRAY[9])";
    let tokens: Vec<String> = tokens.iter().map(ToString::to_string).collect();
    let prepared =
        format!("PREPARE shown (text, int, float8, uuid[], bigint[], timestamptz[], bigint[]) AS {text}");
    session.batch_execute(&prepared).await.unwrap();
    let explain = format!(
        "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) EXECUTE shown ('w', {EACH}, 30, '{{{}}}', '{{}}', {arrays})",
        tokens.join(",")
    );
    let plan: Vec<String> =
        session.query(&explain, &[]).await.unwrap().into_iter().map(|row| row.get(0)).collect();
    (times[times.len() / 2], plan.join("\n"))
}

#[tokio::test]
async fn a_claim_costs_the_same_with_300000_rows_as_with_1000() {
    let few = filled("").await;
    let many = filled(
        "INSERT INTO task (id, title, description, created_by, schedule_kind, schedule_expr, payload, status, concurrency_key)
         VALUES ('00000000-0000-0000-0000-00000000aaaa', 'hot', 'd', '00000000-0000-0000-0000-000000000001', 'event', 'x',
                 '{\"pipeline\": []}', 'active', 'hot'),
                ('00000000-0000-0000-0000-00000000bbbb', 'paused', 'd', '00000000-0000-0000-0000-000000000001', 'event', 'x',
                 '{\"pipeline\": []}', 'paused', NULL);
         INSERT INTO due_work (task_id, run_at)
         SELECT '00000000-0000-0000-0000-00000000aaaa', now() - interval '2 hours' FROM generate_series(1, 1000);
         INSERT INTO due_work (task_id, run_at)
         SELECT '00000000-0000-0000-0000-00000000bbbb', now() - interval '3 hours' FROM generate_series(1, 50000);
         INSERT INTO due_work (task_id, run_at)
         SELECT 'ACTIVE', now() - interval '1 minute' + g * interval '0.1 ms' FROM generate_series(1, 248000) g",
    )
    .await;
    assert_eq!(many.db.value("SELECT count(*) FROM due_work").await, "300000");
    // The smallest medians are the least disturbed ones.
    let (mut smallest, mut plans) = ((Duration::MAX, Duration::MAX), String::new());
    for _ in 0..9 {
        let (small, plan_small) = claim(&few).await;
        let (large, plan_large) = claim(&many).await;
        smallest = (smallest.0.min(small), smallest.1.min(large));
        plans = format!("1,000 rows: {small:?}\n{plan_small}\n\n300,000 rows: {large:?}\n{plan_large}");
    }
    let ratio = smallest.1.as_secs_f64() / smallest.0.as_secs_f64();
    println!("{plans}\n\nratio: {ratio}");
    assert!(!plans.contains("Seq Scan on due_work"), "{plans}");
    assert!(ratio <= 1.3, "{ratio} {smallest:?}\n{plans}");
}
