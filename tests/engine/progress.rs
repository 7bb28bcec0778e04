//! Verdicts are about the work: a loop that makes no progress turns health red, and green again by itself.

use std::time::Instant;

use serde_json::{Value, json};

use crate::support::engine::{Node, Setup, Tables, http};
use crate::support::ordctl::{Ordctl, finding};
use crate::support::systems::{Server, shell};
use crate::support::{eventually, left_out};

/// A loop's name, and what takes away and gives back what it needs: SQL, or a command for Redis.
struct Denial {
    name: &'static str,
    deny: String,
    allow: String,
}

impl Denial {
    /// A trigger rejects this change of a table.
    fn of_table(name: &'static str, table: &str, change: &str) -> Self {
        Self {
            name,
            deny: format!(
                "CREATE TRIGGER deny BEFORE {change} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION deny()"
            ),
            allow: format!("DROP TRIGGER deny ON {table}"),
        }
    }

    async fn apply(&self, tables: &Tables, redis: &Server, is_denied: bool) {
        let text = if is_denied { &self.deny } else { &self.allow };
        match text.strip_prefix("redis ") {
            Some(command) => drop(shell(&format!("redis-cli -p {} {command}", redis.port))),
            None => tables.db.execute(text).await.unwrap(),
        }
    }
}

/// The status of a check in `/health`.
async fn status(url: &str, name: &str) -> String {
    let health: Value = http().get(format!("{url}/health")).send().await.unwrap().json().await.unwrap();
    let checks = health["checks"].as_array().unwrap();
    let check = checks.iter().find(|c| c["name"] == name);
    check.map_or("missing", |c| c["status"].as_str().unwrap()).to_owned()
}

async fn ready(url: &str) -> (u16, String) {
    let answer = http().get(format!("{url}/health/ready")).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// A task of each kind, so that every loop has work at all times.
async fn work_for_every_loop(tables: &Tables) {
    let noop = [r#"{"uses": "noop"}"#.to_owned()];
    tables.task(&noop, "schedule_kind = 'rrule', schedule_expr = 'FREQ=SECONDLY'").await;
    let condition = "schedule_kind = 'condition', schedule_expr = 'query: postgres_size > 1 every 1s'";
    tables.task(&noop, condition).await;
    // A dead worker, an audit row past its retention, and the function that the triggers call.
    for sql in [
        "CREATE FUNCTION deny() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'denied by the test'; END $$",
        "INSERT INTO audit_log (action, at) VALUES ('old', now() - interval '3 days')",
    ] {
        tables.db.execute(sql).await.unwrap();
    }
}

#[tokio::test]
async fn a_loop_without_what_it_needs_turns_the_verdicts_red_and_green_again() {
    if left_out("a_loop_without_what_it_needs_turns_the_verdicts_red_and_green_again", &["redis"]) {
        return;
    }
    let tables = Tables::new().await;
    work_for_every_loop(&tables).await;
    let redis = Server::start(
        "redis-server",
        "redis-server --port PORT --bind 127.0.0.1 --save ''",
        &[],
        "redis-cli -p PORT ping",
    );
    let mut setup = Setup::of(&tables.db);
    setup.retention = "{ audit: 1d }";
    setup.stalled_after = "5s";
    setup.more = format!("redis: {{ url: \"redis://127.0.0.1:{}/0\" }}\n", redis.port);
    let rare = [
        Denial::of_table("retention", "audit_log", "DELETE"),
        Denial::of_table("sampling", "ordctl.sample", "INSERT"),
    ];
    for denial in &rare {
        denial.apply(&tables, &redis, true).await;
    }
    let node = setup.node(&[]);
    let (url, ordctl) = (node.http().await, setup.ordctl());
    for denial in &rare {
        red_then_green(denial, &tables, &redis, (&node, &url, &ordctl)).await;
    }
    let acl = |name, rule: &str| Denial {
        name,
        deny: format!("redis ACL SETUSER default -{rule}"),
        allow: format!("redis ACL SETUSER default +{rule}"),
    };
    tables.db.execute("INSERT INTO ordctl.worker (id, node, lease_until) VALUES ('dead', 'dead', now() - interval '1 hour')").await.unwrap();
    for denial in [
        Denial::of_table("scheduler", "ordctl.schedule", "UPDATE"),
        Denial::of_table("conditions", "ordctl.condition", "INSERT OR UPDATE"),
        Denial::of_table("lane", "due_work", "UPDATE"),
        Denial::of_table("lease_renewal", "worker_heartbeat", "INSERT OR UPDATE"),
        Denial::of_table("reaper", "ordctl.worker", "DELETE"),
        Denial::of_table("reporter", "ordctl.loop_progress", "INSERT OR UPDATE"),
        acl("relay", "xadd"),
        acl("consumer", "xreadgroup"),
    ] {
        denial.apply(&tables, &redis, true).await;
        if denial.name == "reaper" {
            let dead = "INSERT INTO ordctl.worker (id, node, lease_until) VALUES ('gone', 'gone', now() - interval '1 hour')";
            tables.db.execute(dead).await.unwrap();
        }
        if denial.name == "relay" {
            let event = json!({"topic": "t", "payload": {}});
            http().post(format!("{url}/events")).json(&event).send().await.unwrap();
        }
        red_then_green(&denial, &tables, &redis, (&node, &url, &ordctl)).await;
    }
}

/// The loop is denied: waits until every verdict names it, gives it back what it needs, and waits for green.
async fn red_then_green(
    denial: &Denial,
    tables: &Tables,
    redis: &Server,
    (node, url, ordctl): (&Node, &str, &Ordctl),
) {
    let (name, begin) = (denial.name, Instant::now());
    let is_optional = matches!(name, "relay" | "consumer" | "retention" | "sampling");
    // A node that cannot report is missing after 20 s, and with it every loop.
    let red = match name {
        "reporter" => "missing",
        _ if is_optional => "degraded",
        _ => "unhealthy",
    };
    let seen = if name == "reporter" { "scheduler" } else { name };
    if name == "reporter" {
        eventually("the scheduler of a silent node counts as gone", async || {
            status(url, seen).await == "unhealthy"
        })
        .await;
    } else {
        eventually(&format!("{name} is {red}"), async || status(url, name).await == red).await;
    }
    let (code, body) = ready(url).await;
    assert_eq!(code, if is_optional { 200 } else { 503 }, "{name}: {body}\n{}", node.log());
    let (code, report) = ordctl.json(&["queue", "status"]);
    let found = finding(&report, seen);
    let wanted = if is_optional { ("warn", 1) } else { ("crit", 2) };
    assert_eq!((found["status"].as_str().unwrap(), code), wanted, "{found}");
    println!("{name}: red after {:.1} s", begin.elapsed().as_secs_f64());
    let begin = Instant::now();
    denial.apply(tables, redis, false).await;
    eventually(&format!("{name} is healthy"), async || {
        status(url, seen).await == "healthy" && ready(url).await.0 == 200
    })
    .await;
    println!("{name}: green after {:.1} s", begin.elapsed().as_secs_f64());
}

/// Without a scheduler, an overdue task and one that no scheduler has read are critical everywhere.
#[tokio::test]
async fn schedules_without_a_scheduler_are_critical() {
    let tables = Tables::new().await;
    let setup = Setup::of(&tables.db);
    let node = setup.node(&["--role", "api", "--role", "worker"]);
    let (url, ordctl) = (node.http().await, setup.ordctl());
    eventually("the node is ready", async || ready(&url).await.0 == 200).await;
    assert_eq!(status(&url, "scheduler").await, "missing", "nothing is scheduled");
    let noop = [r#"{"uses": "noop"}"#.to_owned()];
    let task =
        tables.task(&noop, "title = 'Nightly', schedule_kind = 'cron', schedule_expr = '* * * * *'").await;
    assert_eq!(status(&url, "scheduler").await, "unhealthy");
    let age = format!(
        "UPDATE ordctl.schedule SET changed_at = now() - interval '90 seconds' WHERE task_id = '{task}'"
    );
    tables.db.execute(&age).await.unwrap();
    assert_eq!(status(&url, "overdue").await, "unhealthy");
    for args in [&["queue", "status"][..], &["health", "morning", "--only", "engine"]] {
        let (code, report) = ordctl.json(args);
        assert_eq!(code, 2, "{report}");
        let id = if args[0] == "queue" { "overdue" } else { "engine.progress.overdue" };
        let summary = finding(&report, id)["summary"].as_str().unwrap();
        assert!(summary.contains("oldest by 1m") && summary.ends_with("Nightly"), "{summary}");
    }
    let anonymous = http().get(format!("{url}/health")).send().await.unwrap().text().await.unwrap();
    assert!(!anonymous.contains("Nightly"), "anyone may read /health: {anonymous}");
    let scheduler = setup.node(&["--role", "scheduler"]);
    eventually("a scheduler makes everything healthy", async || {
        status(&url, "overdue").await == "healthy" && status(&url, "scheduler").await == "healthy"
    })
    .await;
    drop(scheduler);
}
