//! `capacity` on real systems: its values against independent measurements, and its behavior with too little data.

mod growth;
mod workers;

use serde_json::Value;

use crate::evening::{empty, number, task, url};
use crate::support::ordctl::{Ordctl, finding};
use crate::support::systems::{Systems, shell};
use crate::support::{day, left_out};

pub fn capacity(ordctl: &Ordctl, only: &str) -> (i32, Value) {
    ordctl.json(&["capacity", "--only", only])
}

/// Rows of `due_work` are gone once they have run, so the waits come from `task_run`.
#[tokio::test]
async fn waits_come_from_finished_runs() {
    let (database, ordctl) = empty().await;
    let (_, report) = capacity(&ordctl, "queue");
    assert_eq!(finding(&report, "queue.waits.p95")["status"], "skipped", "{report}");
    assert_eq!(number(&report, "queue.waits.runs"), 0.0);
    let id = task(&database, "event", "never", "UTC").await;
    let sql = format!(
        "INSERT INTO task_run (task_id, scheduled_at, started_at, finished_at, success, attempt)
         SELECT '{id}', at - make_interval(secs => n % 20), at, at, true, CASE WHEN n % 10 = 0 THEN 2 ELSE 1 END
           FROM generate_series(0, 999) n, LATERAL (SELECT now() - n * interval '1 minute' AS at) t;
         INSERT INTO task_run (task_id, scheduled_at, started_at, attempt) VALUES ('{id}', now() - interval '9 h', now(), 2),
                                                                                  ('{id}', NULL, now(), 1)"
    );
    database.execute(&sql).await.unwrap();
    assert_eq!(database.value("SELECT count(*) FROM due_work").await, "0");
    let (code, report) = capacity(&ordctl, "queue");
    assert_eq!((code, number(&report, "queue.waits.runs")), (0, 1002.0), "{report}");
    let wait = "extract(epoch FROM started_at - scheduled_at)";
    let p95 = format!(
        "SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY {wait}) FROM task_run WHERE attempt = 1"
    );
    assert_eq!(number(&report, "queue.waits.p95"), database.value(&p95).await.parse::<f64>().unwrap());
    let hours = finding(&report, "queue.waits.runs")["series"]["points"].as_array().unwrap().clone();
    assert_eq!(hours.len(), 24);
    let this_hour =
        "SELECT count(*) FROM task_run WHERE started_at >= date_trunc('hour', now() - interval '1 hour')
                        AND started_at < date_trunc('hour', now())";
    let wanted: f64 = database.value(this_hour).await.parse().unwrap();
    assert_eq!(hours[22]["value"].as_f64().unwrap(), wanted);
    // Hours without runs are not a wait of 0 s.
    let points = finding(&report, "queue.waits.p95")["series"]["points"].as_array().unwrap().clone();
    let ran: Vec<_> = hours.iter().filter(|h| h["value"] != 0.0).map(|h| &h["at"]).collect();
    assert_eq!(points.iter().map(|p| &p["at"]).collect::<Vec<_>>(), ran);
    assert!(ran.len() < 24);
    let (code, _) = ordctl.json(&["capacity", "--only", "queue", "-p", "wait_warn=10"]);
    assert_eq!(code, 1);
}

/// Quantiles are summed by `le`.
#[tokio::test]
async fn quantiles_are_computed_over_all_series() {
    if left_out("quantiles_are_computed_over_all_series", &["docker", "redis", "prometheus", "alertmanager"])
    {
        return;
    }
    let (database, _) = empty().await;
    let systems = Systems::start("capacity", 10);
    systems.measured();
    let ordctl = Ordctl::configured(&systems.configuration(&url(&database), None));
    let (_, report) = capacity(&ordctl, "performance");
    for (id, share) in [("p95", "0.95"), ("p99", "0.99")] {
        let query = format!(
            "histogram_quantile({share},sum(rate(orchestrator_http_request_duration_seconds_bucket[5m]))by(le))"
        );
        let prometheus = systems.prometheus.port;
        let output =
            shell(&format!("promtool query instant -o json http://127.0.0.1:{prometheus} '{query}'"));
        let output: Value = serde_json::from_str(&output).unwrap();
        let wanted: f64 = output[0]["value"][1].as_str().unwrap().parse().unwrap();
        let found = number(&report, &format!("performance.{id}"));
        assert!((found - wanted).abs() < 0.05, "{id}: {found}, not {wanted}");
    }
}

/// Page cache that the kernel can reclaim counts as available.
#[tokio::test]
async fn memory_usage_excludes_reclaimable_cache() {
    let (_database, ordctl) = empty().await;
    let (_, report) = capacity(&ordctl, "resources");
    let field = |name: &str| -> f64 {
        shell(&format!("awk '$1 == \"{name}:\" {{ print $2 }}' /proc/meminfo")).parse().unwrap()
    };
    let wanted = 100.0 * (1.0 - field("MemAvailable") / field("MemTotal"));
    let found = number(&report, "resources.memory");
    assert!((found - wanted).abs() < 10.0, "{found}, not {wanted}");
}

#[tokio::test]
async fn a_full_report_draws_time_series() {
    let (database, ordctl) = empty().await;
    day::fill(&database.store).await;
    let output = ordctl.run(&["capacity", "--chart", "capacity.svg"]);
    assert!(output.code <= 2, "{output:?}");
    assert!(output.out.contains('▁') && output.out.contains('█'), "{}", output.out);
    let svg = std::fs::read_to_string(ordctl.home().join("capacity.svg")).unwrap();
    assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n") && svg.contains("<polyline"), "{svg}");
    let left: Vec<_> = std::fs::read_dir(ordctl.home()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["capacity.svg"], "no partial file is left");
    let output = ordctl.run(&["capacity", "--only", "queue", "--chart", "nowhere/x.svg"]);
    assert_eq!(output.code, 2, "{output:?}");
    assert!(output.err.contains("cannot write nowhere/x.svg"), "{output:?}");
}

#[test]
fn an_unreachable_database_hides_neither_disks_nor_memory() {
    let ordctl = Ordctl::new().with("DATABASE_URL", "postgresql://u@127.0.0.1:1/d");
    let (code, report) = ordctl.json(&["capacity"]);
    assert_eq!(code, 3, "{report}");
    for section in report["sections"].as_array().unwrap() {
        let asks =
            ["growth", "queue", "workers", "recommendation"].contains(&section["id"].as_str().unwrap());
        assert_eq!(section["status"] == "unknown", asks, "{section}");
    }
}
