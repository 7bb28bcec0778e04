//! One container: restarted, or started again beside healthy ones.

use super::restart::alive;
use crate::support::compose::Project;
use crate::support::engine::Tables;
use crate::support::ordctl::{Ordctl, finding};
use crate::support::postgres::cluster;
use crate::support::systems::shell;
use crate::support::{eventually, left_out};

#[tokio::test]
async fn one_worker_is_restarted_and_the_others_go_on() {
    if left_out("one_worker_is_restarted_and_the_others_go_on", &["docker"]) {
        return;
    }
    let tables = Tables::new().await;
    let project = Project::new("single");
    (1..=3).for_each(|n| project.worker(n, &tables.db.name));
    alive(&tables.db, "3").await;
    let ordctl = Ordctl::configured(&project.configuration(&cluster().url("postgres", &tables.db.name), ""));
    let name = |n| project.container("worker", n);
    let task = tables
        .task(&[r#"{"uses": "wait", "with": {"seconds": 600}, "timeout_seconds": 900}"#.to_owned()], "")
        .await;
    tables.queue(&task, 6).await;
    let on = |worker: &str| {
        format!(
            "SELECT coalesce(sum(cardinality(w.running)), 0) FROM ordctl.worker w
               JOIN worker_heartbeat h ON h.worker_id = w.node WHERE h.hostname LIKE '{worker}'"
        )
    };
    eventually("all runs are in progress", async || tables.db.value(&on("%")).await == "6").await;
    let mut runs = Vec::new();
    for n in 1..=3 {
        let host = shell(&format!("docker inspect -f '{{{{.Config.Hostname}}}}' {}", name(n)));
        runs.push(tables.db.value(&on(host.trim())).await.parse::<u32>().unwrap());
    }
    let plan = |args: &[&str]| {
        let (code, plan) = ordctl.json(&[&["restart", "workers"], args, &["--dry-run"]].concat());
        assert_eq!(code, 0, "{plan}");
        finding(&plan, "plan.restart").clone()
    };
    for (n, runs) in (1..).zip(&runs) {
        let planned = plan(&[&name(n)]);
        let text = match runs {
            0 => "no run in progress".to_owned(),
            1 => "with 1 run in progress".to_owned(),
            more => format!("with {more} runs in progress"),
        };
        let summary = planned["summary"].as_str().unwrap();
        assert!(summary.contains(&name(n)) && summary.contains(&text), "{text}: {planned}");
        let calls = planned["details"]["calls"].to_string();
        assert!((1..=3).all(|other| calls.contains(&name(other)) == (other == n)), "{calls}");
    }
    assert!(plan(&[])["summary"].as_str().unwrap().contains("with 6 runs in progress"));
    let before = [1, 2, 3].map(|n| project.times("worker", n));
    let (code, report) = ordctl.json(&["restart", "workers", "2", "--yes"]);
    // A run that did not drain within the grace period is a warning.
    assert!(code <= 1, "{report}");
    let after = [1, 2, 3].map(|n| project.times("worker", n));
    assert!(before[0] == after[0] && before[1] != after[1] && before[2] == after[2], "{before:?} {after:?}");
    let unknown = ordctl.run(&["restart", "workers", "2", "nobody", "--yes"]);
    assert!(unknown.code == 4 && unknown.err.contains("has no container 'nobody'"), "{unknown:?}");
    assert_eq!([1, 2, 3].map(|n| project.times("worker", n)), after);

    // An exited worker beside healthy ones: the hint starts it, and scaling up names it.
    shell(&format!("docker stop -t 30 {}", name(3)));
    let (_, status) = ordctl.json(&["scale", "status"]);
    let hint = finding(&status, "containers.workers.worker")["hint"].as_str().unwrap().to_owned();
    assert_eq!(hint, format!("ordctl restart workers {}", name(3)));
    let (_, plan) = ordctl.json(&["scale", "up", "4", "--dry-run"]);
    let summary = finding(&plan, "plan.scale")["summary"].as_str().unwrap();
    assert_eq!(summary, format!("Scale worker from 2 to 4: start {}, add 1", name(3)));
    let words: Vec<&str> = hint.split(' ').skip(1).chain(["--yes"]).collect();
    let started = ordctl.run(&words);
    assert!(started.code <= 1, "{started:?}");
    assert_eq!([1, 2].map(|n| project.times("worker", n)), [after[0].clone(), after[1].clone()]);
    assert_eq!(project.states("worker"), ["worker-1 running", "worker-2 running", "worker-3 running"]);
}
