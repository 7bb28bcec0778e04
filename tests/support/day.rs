//! Sample data of one day: agents, tasks of every kind, runs with a few failures, a queue with due, leased,
//! expired and future work, and workers of which one is dead. Only the times differ between runs; they lie
//! in the last 24 hours.

use ordctl::store::Store;

use super::postgres::execute;

const PARTS: [&str; 3] = [
    include_str!("../fixtures/day/1_tasks.sql"),
    include_str!("../fixtures/day/2_runs.sql"),
    include_str!("../fixtures/day/3_queue.sql"),
];

/// Fills a migrated database without tasks in one transaction.
pub async fn fill(store: &Store) {
    execute(store, &format!("BEGIN; {}; COMMIT", PARTS.join(";\n"))).await.unwrap();
}
