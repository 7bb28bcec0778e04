//! A plausible day in a migrated database: agents, tasks of every kind, a day's runs with a few
//! failures, a queue with due, leased, abandoned and future work, workers of whom one has gone. The
//! same each time, but for the times, which are those of the last 24 hours.

use ordctl::store::Store;

use super::postgres::execute;

const PARTS: [&str; 3] = [
    include_str!("../fixtures/day/1_tasks.sql"),
    include_str!("../fixtures/day/2_runs.sql"),
    include_str!("../fixtures/day/3_queue.sql"),
];

/// Fills a database that has no tasks yet, in one transaction.
pub async fn fill(store: &Store) {
    execute(store, &format!("BEGIN; {}; COMMIT", PARTS.join(";\n"))).await.unwrap();
}
