//! `health morning` on real systems: its values, its JSON contract, and its report when a system is gone or
//! does not answer.

use std::collections::BTreeMap;
use std::os::unix::net::UnixListener;

use ordctl::engine::migrations;
use serde_json::Value;

use crate::support::compose::Project;
use crate::support::ordctl::{Ordctl, finding};
use crate::support::postgres::{Cluster, Database, cluster};
use crate::support::systems::{P95, Server, Systems, shell, until};
use crate::support::{day, eventually, left_out};

async fn filled() -> (Database, String) {
    let database = Database::fresh().await;
    migrations::migrate(&database.store, &Default::default(), &crate::support::consent()).await.unwrap();
    day::fill(&database.store).await;
    let url = format!("postgresql://postgres@127.0.0.1:{}/{}", cluster().port, database.name);
    (database, url)
}

fn number(report: &Value, id: &str) -> f64 {
    finding(report, id)["value"].as_f64().unwrap_or_else(|| panic!("{id} has no value"))
}

/// Compares every value with an independent source, and requires it not to be zero.
#[tokio::test]
async fn the_values_agree_with_independent_sources() {
    if left_out(
        "the_values_agree_with_independent_sources",
        &["docker", "redis", "prometheus", "alertmanager"],
    ) {
        return;
    }
    let (database, url) = filled().await;
    let systems = Systems::start("figures", 5000);
    let redis = format!("redis-cli -p {}", systems.redis.port);
    shell(&format!(
        "{redis} set a 1; {redis} set b 2; for i in 1 2 3; do {redis} xadd events '*' topic t; done"
    ));
    let amtool = format!("amtool --alertmanager.url=http://127.0.0.1:{}", systems.alertmanager.port);
    for (name, severity) in [("Slow", "warning"), ("Down", "critical"), ("Quiet", "warning")] {
        shell(&format!("{amtool} alert add alertname={name} severity={severity}"));
    }
    shell(&format!("{amtool} silence add -a me -c test alertname=Quiet"));
    until(&format!("test $({amtool} alert query -o simple | tail -n +2 | wc -l) -eq 2"));
    let project = &systems.project;
    until(&format!(
        "test $(docker inspect -f '{{{{.RestartCount}}}} {{{{.State.Status}}}}' {project}-worker-1 | tr ' ' -) = 2-exited"
    ));
    let prometheus = format!("promtool query instant -o json http://127.0.0.1:{}", systems.prometheus.port);
    systems.measured();
    let holder = database.store.postgres().session().await.unwrap();
    holder
        .batch_execute("SET application_name = 'holder'; BEGIN; SELECT pg_current_xact_id()")
        .await
        .unwrap();
    let index = "CREATE TABLE odd (a int); INSERT INTO odd VALUES (1), (1)";
    database.execute(index).await.unwrap();
    assert!(database.execute("CREATE UNIQUE INDEX CONCURRENTLY odd_a ON odd (a)").await.is_err());

    let ordctl = Ordctl::configured(&systems.configuration(&url, None));
    let (code, report) = ordctl.json(&["health", "morning"]);
    assert_eq!((code, report["status"].as_str()), (2, Some("crit")));

    for (id, sql) in [
        (
            "queue.queue.due",
            "SELECT count(*) FROM due_work WHERE run_at <= now() AND (locked_until IS NULL OR locked_until < now())",
        ),
        ("queue.queue.leased", "SELECT count(*) FROM due_work WHERE locked_until >= now()"),
        ("queue.queue.future", "SELECT count(*) FROM due_work WHERE run_at > now()"),
        ("queue.queue.expired", "SELECT count(*) FROM due_work WHERE locked_until < now()"),
        (
            "workers.workers.active",
            "SELECT count(*) FROM worker_heartbeat WHERE last_seen > now() - interval '2 minutes'",
        ),
        ("postgres.tasks", "SELECT count(*) FROM task WHERE status = 'active'"),
        ("postgres.invalid_indexes", "SELECT count(*) FROM pg_index WHERE NOT indisvalid"),
    ] {
        let independent: f64 = database.value(sql).await.parse().unwrap();
        assert!(independent > 0.0, "{id} must not be zero");
        assert_eq!(number(&report, id), independent, "{id}");
    }
    let size: f64 = database.value("SELECT pg_database_size(current_database())").await.parse().unwrap();
    assert!((number(&report, "postgres.size") / size - 1.0).abs() < 0.05);
    assert!(finding(&report, "postgres.oldest_transaction")["summary"].as_str().unwrap().contains("holder"));
    assert!(finding(&report, "postgres.xmin")["value"].as_f64().is_some());

    assert_eq!(
        number(&report, "redis.redis.keyspace"),
        shell(&format!("{redis} dbsize")).parse::<f64>().unwrap()
    );
    assert_eq!(number(&report, "redis.redis.stream"), 3.0);
    let errors =
        shell(&format!("docker logs --since 24h {project}-api-1 2>&1 | grep -cE '(ERROR|CRITICAL|FATAL)'"));
    assert_eq!((number(&report, "errors.log.errors"), errors.as_str()), (5.0, "5"));
    assert_eq!(number(&report, "alerts.active.total"), 2.0, "a silenced alert does not count");
    assert_eq!(finding(&report, "alerts.active.total")["status"], "crit");
    let worker = finding(&report, "containers.services.worker");
    assert_eq!(worker["status"], "crit");
    assert!(worker["summary"].as_str().unwrap().contains('3'), "the summary names the exit code: {worker}");
    assert_eq!(worker.pointer("/details/containers/0/restarts").and_then(Value::as_u64), Some(2), "{worker}");
    assert_eq!(finding(&report, "containers.services.api")["status"], "ok");

    let instant = |query: &str| {
        let answer: Value = serde_json::from_str(&shell(&format!("{prometheus} '{query}'"))).unwrap();
        answer[0]["value"][1].as_str().unwrap().parse::<f64>().unwrap()
    };
    assert_eq!(number(&report, "performance.scheduler_lag"), instant("orchestrator_scheduler_lag_seconds"));
    assert!((number(&report, "performance.p95") - instant(P95)).abs() < 0.05);
    let used: f64 = shell("df --output=pcent / | tail -1 | tr -d ' %'").parse().unwrap();
    let root = number(&report, "disk.filesystems.root");
    assert!(root <= used && root > used - 1.5, "df rounds up: {root} and {used}");
    assert_eq!(finding(&report, "endpoints.http.api")["status"], "ok");
}

#[tokio::test]
async fn the_json_keeps_its_contract() {
    let (_database, url) = filled().await;
    let ordctl = Ordctl::new().with("DATABASE_URL", url);
    let (code, report) = ordctl.json(&["health", "morning"]);
    assert_eq!(report["schema_version"], 1);
    let codes = BTreeMap::from([("ok", 0), ("warn", 1), ("crit", 2), ("unknown", 3)]);
    assert_eq!(code, codes[report["status"].as_str().unwrap()]);
    let titles: Vec<&str> =
        report["sections"].as_array().unwrap().iter().map(|s| s["title"].as_str().unwrap()).collect();
    assert_eq!(
        titles,
        [
            "Containers",
            "Service endpoints",
            "PostgreSQL",
            "Redis",
            "Engine",
            "Work queue",
            "Failures",
            "Workers",
            "API errors",
            "Response times",
            "Alerts",
            "Backup",
            "Disk and memory"
        ]
    );
    for section in report["sections"].as_array().unwrap() {
        for finding in section["findings"].as_array().unwrap() {
            for key in ["id", "status", "summary", "source"] {
                assert!(finding[key].as_str().is_some_and(|s| !s.is_empty()), "{key} of {finding}");
            }
            assert!(finding["id"].as_str().unwrap().starts_with(section["id"].as_str().unwrap()));
        }
    }
    let due = finding(&report, "queue.queue.due");
    for key in ["value", "unit", "warn", "crit"] {
        assert!(!due[key].is_null(), "{key} of {due}");
    }
    assert_eq!(finding(&report, "redis.redis")["status"], "skipped", "not configured");
    assert_eq!(finding(&report, "queue.queue.expired")["status"], "warn");
    assert!(
        finding(&report, "workers.workers.worker-4")["summary"]
            .as_str()
            .unwrap()
            .contains("expired leases: 1")
    );
    // A parameter overrides a threshold.
    let (code, report) = ordctl.json(&["health", "morning", "-p", "queue_crit=1", "--only", "queue"]);
    assert_eq!((code, report["sections"].as_array().unwrap().len()), (2, 1));
}

/// The status of each section.
fn sections(report: &Value) -> BTreeMap<String, String> {
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    report["sections"].as_array().unwrap().iter().map(|s| (text(&s["id"]), text(&s["status"]))).collect()
}

/// Asserts that the affected sections have unknown findings and the others are unchanged.
fn only_these_are_unknown(what: &str, before: &Value, report: &Value, affected: &[&str]) {
    let (before, after) = (sections(before), sections(report));
    assert_eq!(before.len(), after.len(), "{what}");
    for (id, status) in &after {
        if affected.contains(&id.as_str()) {
            let all = report["sections"].as_array().unwrap();
            let section = all.iter().find(|s| s["id"] == id.as_str()).unwrap();
            let unknown = section["findings"].as_array().unwrap().iter().any(|f| f["status"] == "unknown");
            assert!(unknown, "{what}: nothing in {id} is unknown: {section}");
        } else {
            assert_eq!(status, &before[id], "{what}: {id} has changed: {report}");
        }
    }
}

#[tokio::test]
async fn a_system_that_is_gone_or_frozen_hides_no_other() {
    if left_out(
        "a_system_that_is_gone_or_frozen_hides_no_other",
        &["docker", "redis", "prometheus", "alertmanager"],
    ) {
        return;
    }
    let mut systems = Systems::start("frozen", 10);
    systems.measured();
    let server = Cluster::separate();
    let store = server.store("postgres", "postgres");
    migrations::migrate(&store, &Default::default(), &crate::support::consent()).await.unwrap();
    day::fill(&store).await;
    drop(store);
    let url = format!("postgresql://postgres@127.0.0.1:{}/postgres", server.port);
    let ordctl = Ordctl::configured(&systems.configuration(&url, None));
    let ask = |ordctl: &Ordctl| ordctl.json(&["health", "morning", "--timeout", "2s"]).1;
    let before = ask(&ordctl);
    let mut skipped = before["sections"].as_array().unwrap().iter().filter(|s| s["status"] == "skipped");
    assert!(skipped.all(|section| section["id"] == "backup"), "{before}");

    server.freeze();
    only_these_are_unknown(
        "PostgreSQL frozen",
        &before,
        &ask(&ordctl),
        &["postgres", "engine", "queue", "failures", "workers"],
    );
    server.thaw();
    systems.redis.freeze();
    only_these_are_unknown("Redis frozen", &before, &ask(&ordctl), &["redis"]);
    systems.redis.thaw();
    systems.prometheus.freeze();
    only_these_are_unknown("Prometheus frozen", &before, &ask(&ordctl), &["performance"]);
    systems.prometheus.thaw();
    systems.alertmanager.freeze();
    only_these_are_unknown("Alertmanager frozen", &before, &ask(&ordctl), &["alerts"]);
    systems.alertmanager.thaw();

    let docker = ["containers", "errors", "disk"];
    let socket = ordctl.home().join("frozen.sock");
    // It accepts connections and never answers, like a stopped engine.
    let _listener = UnixListener::bind(&socket).unwrap();
    let host = format!("unix://{}", socket.display());
    let frozen = Ordctl::configured(&systems.configuration(&url, Some(&host)));
    only_these_are_unknown("Docker frozen", &before, &ask(&frozen), &docker);
    let gone = Ordctl::configured(&systems.configuration(&url, Some("unix:///nowhere/docker.sock")));
    only_these_are_unknown("Docker gone", &before, &ask(&gone), &docker);

    drop(server);
    only_these_are_unknown(
        "PostgreSQL gone",
        &before,
        &ask(&ordctl),
        &["postgres", "engine", "queue", "failures", "workers"],
    );
    systems.redis.stop();
    let pg = ["postgres", "engine", "queue", "failures", "workers", "redis"];
    only_these_are_unknown("and Redis gone", &before, &ask(&ordctl), &pg);
    systems.prometheus.stop();
    systems.alertmanager.stop();
    let all = ["postgres", "engine", "queue", "failures", "workers", "redis", "performance", "alerts"];
    only_these_are_unknown("and the monitoring gone", &before, &ask(&ordctl), &all);
}

/// The machine has memory left when the container that ordctl runs in has none.
#[test]
fn the_memory_limit_of_the_own_container_counts() {
    if left_out("the_memory_limit_of_the_own_container_counts", &["docker"]) {
        return;
    }
    let project = Project::new("limited");
    let options = format!("--memory 256m --network none -v {}:/ordctl:ro", env!("CARGO_BIN_EXE_ordctl"));
    let report = "/ordctl health morning --only memory -o json >/flags/partial; \
                  /bin/busybox mv /flags/partial /flags/report; exec /bin/busybox sleep 1000";
    project.start("reporter", 1, &options, report);
    let report = project.flags.path().join("report");
    until(&format!("[ -e '{}' ]", report.display()));
    let report: Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    let own = finding(&report, "disk.memory.container");
    assert_eq!(own["details"]["memory"]["total"], 256 << 20, "{report}");
    let used = own["value"].as_f64().unwrap();
    assert!(used > 0.0 && used < 100.0, "{report}");
    let machine = finding(&report, "disk.memory")["details"]["memory"]["total"].as_u64().unwrap();
    assert!(machine > 256 << 20, "{report}");
}

#[test]
fn redis_without_persistence_is_a_warning() {
    if left_out("redis_without_persistence_is_a_warning", &["redis"]) {
        return;
    }
    let server = |more: &str| {
        let command = format!("redis-server --port PORT --bind 127.0.0.1 {more}");
        Server::start("redis-server", &command, &[], "redis-cli -p PORT ping")
    };
    let check = |server: &Server| {
        let ordctl = Ordctl::new().with("REDIS_URL", format!("redis://127.0.0.1:{}/0", server.port));
        finding(&ordctl.json(&["health", "morning", "--only", "redis"]).1, "redis.redis.persistence").clone()
    };
    let volatile = Server::start(
        "redis-server",
        "redis-server redis.conf --port PORT --bind 127.0.0.1",
        &[("redis.conf", "save \"\"\n".to_owned())],
        "redis-cli -p PORT ping",
    );
    let found = check(&volatile);
    assert_eq!(found["status"], "warn", "{found}");
    assert_eq!(found["summary"], "Redis persistence: none, a restart loses the events in streams");
    // The hint is the remedy, and survives a restart.
    shell(found["hint"].as_str().unwrap());
    assert_eq!(check(&volatile)["status"], "ok");
    let kept = std::fs::read_to_string(volatile.dir.join("redis.conf")).unwrap();
    assert!(kept.lines().any(|line| line == "appendonly yes"), "{kept}");
    assert_eq!(check(&server("--save '3600 1'"))["status"], "ok");
    assert_eq!(check(&server("--save '' --appendonly yes"))["status"], "ok");
    // It does not tell its rules, and is too young for a verdict.
    assert_eq!(check(&server("--save '' --rename-command CONFIG ''"))["status"], "ok");
}

/// The report names the session at the root of a chain of waits, and its hint ends the wait.
#[tokio::test]
async fn the_hint_of_blocked_sessions_frees_them() {
    let (database, url) = filled().await;
    database.execute("CREATE TABLE wanted (n int)").await.unwrap();
    let session = |name: &'static str| {
        let postgres = database.store.postgres();
        async move {
            let session = postgres.session().await.unwrap();
            session.batch_execute(&format!("SET application_name = '{name}'; BEGIN")).await.unwrap();
            session
        }
    };
    let (root, second, third) = (session("root").await, session("second").await, session("third").await);
    root.batch_execute("LOCK wanted IN ACCESS SHARE MODE").await.unwrap();
    let waits = async |session: ordctl::clients::postgres::Session, mode: &str| {
        session.batch_execute(&format!("LOCK wanted IN {mode} MODE; COMMIT")).await.unwrap();
    };
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    let waiters = async {
        let third = async {
            eventually("the second waits", async || database.value(waiting).await == "1").await;
            waits(third, "ACCESS SHARE").await;
        };
        tokio::join!(waits(second, "ACCESS EXCLUSIVE"), third);
    };
    let operator = async {
        eventually("both wait", async || database.value(waiting).await == "2").await;
        let pid = database.value("SELECT pid FROM pg_stat_activity WHERE application_name = 'root'").await;
        let ordctl = Ordctl::new().with("DATABASE_URL", url);
        let report = ordctl.json(&["health", "morning", "--only", "postgres", "-p", "blocked_warn=0"]).1;
        let blocked = finding(&report, "postgres.blocked");
        let summary = blocked["summary"].as_str().unwrap();
        let expected =
            format!("(2 sessions wait for pid {pid}, postgres, root, idle in transaction for 00:00:");
        assert!(summary.starts_with("Blocked sessions: ") && summary.contains(&expected), "{summary}");
        let hint = blocked["hint"].as_str().unwrap().strip_prefix("ordctl ").unwrap();
        let words: Vec<&str> = hint.split(' ').chain(["--confirm", "default"]).collect();
        let killed = ordctl.run(&words);
        assert_eq!(killed.code, 0, "{killed:?}");
    };
    tokio::join!(waiters, operator);
}

/// A wait begins with the wait for the lock, not with the statement. A role that may not see other sessions still
/// learns of the wait, and gets no command that ends a session whose state it does not know.
#[tokio::test]
async fn the_wait_of_blocked_sessions_is_that_for_the_lock() {
    let (database, url) = filled().await;
    let session = async || database.store.postgres().session().await.unwrap();
    let (first, second, waiter) = (session().await, session().await, session().await);
    first.batch_execute("SELECT pg_advisory_lock(1)").await.unwrap();
    second.batch_execute("SELECT pg_advisory_lock(2)").await.unwrap();
    let name = &database.name;
    database.execute(&format!("CREATE ROLE watcher_{name} LOGIN")).await.unwrap();
    let waiting = async {
        let both =
            "SELECT pg_advisory_lock(k) FROM generate_series(1, 2) AS k; SELECT pg_advisory_unlock_all()";
        waiter.batch_execute(both).await.unwrap();
    };
    let waits = "SELECT count(*) FROM pg_stat_activity
                  WHERE wait_event_type = 'Lock' AND datname = current_database() AND query_start < now() - interval";
    let blocked = |ordctl: &Ordctl| {
        let (_, report) = ordctl.json(&["health", "morning", "--only", "postgres", "-p", "blocked_warn=0"]);
        finding(&report, "postgres.blocked").clone()
    };
    let operator = async {
        eventually("the statement is old", async || database.value(&format!("{waits} '4 s'")).await == "1")
            .await;
        let old_enough = std::time::Instant::now();
        first.batch_execute("SELECT pg_advisory_unlock(1)").await.unwrap();
        let second_waits =
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory' AND objid = 2";
        eventually("it waits for the other", async || database.value(second_waits).await == "1").await;
        let found = blocked(&Ordctl::new().with("DATABASE_URL", url.as_str()));
        let wait = found["value"].as_f64().unwrap();
        assert!(wait <= old_enough.elapsed().as_secs_f64(), "{wait}: {found}");
        assert!(found["hint"].as_str().unwrap().starts_with("ordctl db kill "), "{found}");

        let watcher = url.replace("postgres@", &format!("watcher_{name}@"));
        let found = blocked(&Ordctl::new().with("DATABASE_URL", watcher));
        let text = found["summary"].as_str().unwrap();
        assert!(
            text.contains("(1 session waits for pid ") && text.ends_with(", postgres, ordctl)"),
            "{found}"
        );
        assert!(found["value"].is_number() && found["hint"] == "ordctl db locks", "{found}");

        // PostgreSQL 13, whose locks have no start of their wait.
        database.execute("CREATE VIEW old_locks AS SELECT pid, granted FROM pg_locks").await.unwrap();
        let ordctl = Ordctl::configured("queries: [own]\n").with("DATABASE_URL", url.as_str());
        let query = include_str!("../queries/postgres_blocked_sessions.sql")
            .replace("pg_catalog.pg_locks", "public.old_locks")
            .replace("current_setting('server_version_num')::int", "130000");
        std::fs::create_dir(ordctl.home().join("own")).unwrap();
        std::fs::write(ordctl.home().join("own/postgres_blocked_sessions.sql"), query).unwrap();
        let found = blocked(&ordctl);
        assert!(found["value"].as_f64().unwrap() >= 4.0, "the age of the statement: {found}");
        second.batch_execute("SELECT pg_advisory_unlock(2)").await.unwrap();
    };
    tokio::join!(waiting, operator);
    database.execute(&format!("DROP ROLE watcher_{name}")).await.unwrap();
}

/// A container that ordctl.yaml does not name is reported when it is broken, and only then.
#[test]
fn a_broken_container_without_a_configured_service_is_reported() {
    if left_out("a_broken_container_without_a_configured_service_is_reported", &["docker"]) {
        return;
    }
    let project = Project::new("stray");
    project.start("api", 1, "--network none", "exec /bin/busybox sleep 1000");
    project.start("cache", 1, "--network none", "exec /bin/busybox sleep 1000");
    project.start("mailer", 1, "--network none", "exit 3");
    project.start("setup", 1, "--network none", "exit 0");
    project.start("frozen", 1, "--network none", "exec /bin/busybox sleep 1000");
    shell(&format!("docker pause {}", project.container("frozen", 1)));
    for service in ["mailer", "setup"] {
        until(&format!(
            "[ $(docker inspect -f '{{{{.State.Status}}}}' {}) = exited ]",
            project.container(service, 1)
        ));
    }
    let configuration = format!("docker: {{ project: {} }}\nservices: {{ api: {{}} }}\n", project.name);
    let report = Ordctl::configured(&configuration).json(&["health", "morning", "--only", "containers"]).1;
    let found = report["sections"][0]["findings"].as_array().unwrap();
    let found: Vec<_> =
        found.iter().map(|f| (f["id"].as_str().unwrap(), f["status"].as_str().unwrap())).collect();
    let expected = [("api", "ok"), ("frozen", "warn"), ("mailer", "crit")];
    let expected = expected.map(|(service, status)| (format!("containers.services.{service}"), status));
    let expected: Vec<_> = expected.iter().map(|(id, status)| (id.as_str(), *status)).collect();
    let mut found = found;
    found.sort_unstable();
    assert_eq!(found, expected, "{report}");
}
