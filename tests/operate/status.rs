//! Reports that judge the same thing have the same thresholds.

use serde_json::Value;

use crate::support::engine::Tables;
use crate::support::ordctl::{Ordctl, finding};
use crate::support::postgres::cluster;

/// The status, the warning and the critical threshold of a finding.
fn judged(report: &Value, id: &str) -> (Value, Value, Value) {
    let found = finding(report, id);
    (found["status"].clone(), found["warn"].clone(), found["crit"].clone())
}

#[tokio::test]
async fn scale_status_judges_the_queue_as_the_morning_report() {
    let tables = Tables::new().await;
    let ordctl = Ordctl::new().with("DATABASE_URL", cluster().url("postgres", &tables.db.name));
    let task = tables.task(&[r#"{"id": "a", "uses": "noop"}"#.to_owned()], "").await;
    for (rows, minutes, due, oldest) in
        [(1, 1, "ok", "ok"), (600, 6, "warn", "warn"), (521, 49, "crit", "crit")]
    {
        let fill = format!(
            "INSERT INTO due_work (task_id, run_at) SELECT '{task}', now() - interval '{minutes} min' FROM generate_series(1, {rows})"
        );
        tables.db.execute(&fill).await.unwrap();
        let (_, morning) = ordctl.json(&["health", "morning", "--only", "queue"]);
        let (_, status) = ordctl.json(&["scale", "status", "--only", "queue", "--only", "load"]);
        for (part, wanted) in [("due", due), ("oldest", oldest)] {
            let id = format!("queue.queue.{part}");
            assert_eq!(judged(&status, &id), judged(&morning, &id), "{part}");
            assert_eq!(finding(&status, &id)["status"], wanted, "{part}: {status}");
        }
        // What the load needs.
        let load = finding(&status, "load.scaling");
        assert!(load["summary"].as_str().unwrap().contains("start 1 worker"), "{load}");
    }
}

#[test]
fn capacity_judges_disks_and_memory_as_the_morning_report() {
    let ordctl = Ordctl::new();
    let morning = ordctl.json(&["health", "morning", "--only", "disk"]).1;
    let capacity = ordctl.json(&["capacity", "--only", "resources"]).1;
    let of = |report: &Value, step: &str| {
        let all =
            report["sections"].as_array().unwrap().iter().flat_map(|s| s["findings"].as_array().unwrap());
        let found = all.clone().filter(|f| f["id"].as_str().unwrap().contains(step) && !f["warn"].is_null());
        found
            .map(|f| (f["warn"].clone(), f["crit"].clone()))
            .next()
            .unwrap_or_else(|| panic!("{step}: {report}"))
    };
    assert_eq!(of(&capacity, ".disk"), of(&morning, ".filesystems"));
    assert_eq!(of(&capacity, ".memory"), of(&morning, ".memory"));
}
