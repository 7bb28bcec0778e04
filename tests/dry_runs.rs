//! A dry run changes nothing, and the real run then does exactly what the dry run printed. The systems
//! themselves record every statement, command and request.

use std::collections::BTreeSet;
use std::path::Path;

use ordctl::base::yaml;
use ordctl::engine::migrations::migrate;
use serde_json::Value;

use crate::support::compose::Project;
use crate::support::left_out;
use crate::support::ordctl::Ordctl;
use crate::support::postgres::execute;
use crate::support::recorder::{Docker, Postgres, Redis, one_line};

/// Every runbook that acts, as a command. A test checks that none is missing.
const ACTING: [(&str, &[&str]); 13] = [
    ("maintain/analyze", &["maintain", "analyze"]),
    // Other programs may use the engine, so the run may remove only objects with this label.
    ("maintain/weekly", &["maintain", "weekly", "-p", "docker_label=ordctl.dry_run"]),
    ("maintain/monthly", &["maintain", "monthly"]),
    ("operate/restart-api", &["restart", "api"]),
    ("operate/restart-scheduler", &["restart", "scheduler"]),
    ("operate/restart-workers", &["restart", "workers", "-p", "ready=running"]),
    ("operate/restart-redis", &["restart", "redis"]),
    ("operate/restart-database", &["restart", "database", "-p", "ready_worker=running"]),
    ("operate/restart-all", &["restart", "all", "-p", "ready_worker=running"]),
    (BASELINE, &["baseline", "-p", "probes=2", "-p", "lead=1s", "-p", "within=1s", "-p", "duration=1s"]),
    // The worker count goes from two to three, to four, to two.
    ("operate/scale-auto", &["scale", "auto", "--once", "-p", "ready=running"]),
    ("operate/scale-emergency", &["scale", "emergency", "-p", "ready=running"]),
    ("operate/scale", &["scale", "to", "2", "-p", "ready=running"]),
];

/// It has critical findings here, because no engine schedules its probes.
const BASELINE: &str = "operate/baseline";

/// Statements that only read or configure the session.
const READS: [&str; 12] = [
    "SELECT", "WITH", "SHOW", "SET", "BEGIN", "COMMIT", "ROLLBACK", "START", "DISCARD", "EXPLAIN", "RESET",
    "TABLE",
];
/// Writes inside a statement that starts like a query.
const WRITES: [&str; 9] = [
    "INSERT ",
    "UPDATE ",
    "DELETE ",
    "MERGE ",
    "pg_stat_reset",
    "pg_terminate",
    "pg_cancel",
    "nextval",
    "pg_notify",
];
/// Redis commands that only read.
const ASKS: [&str; 15] = [
    "PING", "INFO", "XLEN", "XINFO", "XPENDING", "DBSIZE", "HELLO", "CLIENT", "SELECT", "AUTH", "CONFIG",
    "TYPE", "MEMORY", "SLOWLOG", "EXISTS",
];

fn writes(statement: &str) -> bool {
    // Quoted text is data, not a statement.
    let statement: String = statement.split('\'').step_by(2).collect();
    let first = statement.split([' ', ';', '(']).next().unwrap_or_default().to_uppercase();
    // Each statement of a text is checked.
    let more = statement.split("; ").count() > 1;
    // A lock of a read.
    let asks = first == "LOCK" && statement.ends_with("IN ACCESS SHARE MODE");
    !READS.contains(&first.as_str()) && !asks
        || WRITES.iter().any(|w| statement.contains(w))
        || more && statement.split("; ").any(writes)
}

/// The three systems, and a project of containers that they belong to.
struct Systems {
    postgres: Postgres,
    redis: Redis,
    docker: Docker,
    project: Project,
    backups: tempfile::TempDir,
}

impl Systems {
    async fn start() -> Self {
        let (postgres, redis, docker) = (Postgres::start().await, Redis::start(), Docker::start());
        let store = postgres.cluster.store("postgres", "postgres");
        migrate(&store, &Default::default(), &crate::support::consent()).await.unwrap();
        let rows = "
            INSERT INTO task (id, title, description, created_by, schedule_kind, schedule_expr, payload)
            VALUES ('00000000-0000-0000-0000-000000000101', 't', 'd', '00000000-0000-0000-0000-000000000001', 'event', 'x', '{\"pipeline\": []}');
            INSERT INTO task_run (id, task_id, started_at, finished_at, success, occurrence, final)
            SELECT gen_random_uuid(), '00000000-0000-0000-0000-000000000101', at, at, true, gen_random_uuid(), true
              FROM generate_series(now() - interval '60 days', now(), interval '1 hour') at;
            INSERT INTO due_work (task_id, run_at) SELECT '00000000-0000-0000-0000-000000000101', now() FROM generate_series(1, 500);
            INSERT INTO audit_log (action, at) SELECT 'a', now() - interval '1 day' * n FROM generate_series(1, 120) n;
            ANALYZE";
        execute(&store, rows).await.unwrap();
        let project = Project::new("dryruns");
        project.api();
        let idles = "trap 'exit 0' TERM; while :; do /bin/busybox sleep 1 & wait; done";
        for (service, many) in [("postgres", 1), ("redis", 1), ("scheduler", 1), ("worker", 2)] {
            (1..=many).for_each(|n| project.start(service, n, "--network none", idles));
        }
        Self { postgres, redis, docker, project, backups: tempfile::tempdir().unwrap() }
    }

    fn ordctl(&self) -> Ordctl {
        let url = self.postgres.cluster.url("postgres", "postgres");
        let more = format!(
            "redis: {{ url: \"redis://127.0.0.1:{}/0\" }}\nservices: {{ worker: {{ max: 4, auto: {{ load_max: 1000, memory_max: 99, cool_down_up: 1s, step_up: 1 }} }} }}\nbackup: {{ dir: \"{}\" }}\n",
            self.redis.server.port,
            self.backups.path().display()
        );
        let text = self.project.configuration(&url, &more);
        let (before, after) = text.split_once("docker: { ").unwrap();
        Ordctl::configured(&format!("{before}docker: {{ host: \"{}\", {after}", self.docker.host()))
    }

    fn forget(&self) {
        self.postgres.statements();
        self.docker.changes();
    }
}

/// The calls of a dry run, each on one line.
fn printed(report: &Value) -> Vec<String> {
    let all = report["sections"].as_array().unwrap().iter().flat_map(|s| s["findings"].as_array().unwrap());
    let calls = all.flat_map(|f| f["details"]["calls"].as_array().cloned().unwrap_or_default());
    calls.map(|c| one_line(c.as_str().unwrap())).collect()
}

/// A plan is read on a terminal of 80×24: one line a step without a statement, and a summary of three lines.
fn check_text(ordctl: &Ordctl, name: &str, words: &[&str], calls: &[String]) {
    let text = ordctl.run(&[words, &["--dry-run"]].concat()).out;
    let shown: Vec<&str> = calls.iter().map(String::as_str).filter(|call| text.contains(call)).collect();
    assert!(shown.is_empty(), "{name} shows {shown:?}\n{text}");
    let (_, summary) = text.split_once("\ndry run").unwrap_or_else(|| panic!("{name}: {text}"));
    let summary: Vec<&str> =
        summary.lines().take_while(|l| !l.starts_with("  - ") && !l.starts_with("next")).collect();
    assert!(
        summary.len() <= 3 && summary.iter().all(|line| line.chars().count() <= 73),
        "{name}: {summary:?}"
    );
    let exact = one_line(&ordctl.run(&[words, &["--dry-run", "--show-statements"]].concat()).out);
    let missing: Vec<&String> = calls.iter().filter(|call| !exact.contains(*call)).collect();
    assert!(missing.is_empty(), "{name} --show-statements lacks {missing:?}\n{exact}");
}

fn changes(systems: &Systems) -> (Vec<String>, Vec<String>) {
    let sql = systems.postgres.statements().into_iter().filter(|s| writes(s)).collect();
    let docker = systems.docker.changes().iter().map(|c| plain(c)).collect();
    (sql, docker)
}

/// A request as a plan prints it: only the name of its query.
fn plain(request: &str) -> String {
    let (path, query) = request.split_once('?').unwrap_or((request, ""));
    let name = query.split('&').find(|p| p.starts_with("name="));
    name.map_or_else(|| path.to_owned(), |name| format!("{path}?{name}"))
}

/// Writes that plans do not list: the journal of every run, and samples.
fn is_journal(statement: &str) -> bool {
    statement.contains("ordctl.operation")
        || statement.contains("ordctl.sample s") && statement.starts_with("WITH ")
        || statement.contains("INSERT INTO ordctl.sample ")
}

/// A generated name, as a plan prints it.
fn as_planned(call: &str) -> String {
    match call.split_once("ordctl_scratch_") {
        Some((before, after)) => {
            let rest = after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
            format!("{before}ordctl_scratch_<id>{rest}")
        }
        None => call.to_owned(),
    }
}

#[tokio::test]
async fn a_dry_run_changes_nothing_and_the_run_does_only_what_the_plan_lists() {
    if left_out("a_dry_run_changes_nothing_and_the_run_does_only_what_the_plan_lists", &["docker", "redis"]) {
        return;
    }
    let systems = Systems::start().await;
    let ordctl = systems.ordctl();
    for (name, words) in ACTING {
        systems.forget();
        let files = systems.backups.path().read_dir().unwrap().count();
        let (code, plan) = ordctl.json(&[words, &["--dry-run"]].concat());
        // 1: some findings are warnings.
        assert!(code <= 1, "{name}: {plan}");
        let output = printed(&plan);
        assert!(!output.is_empty(), "{name}: {plan}");
        check_text(&ordctl, name, words, &output);
        assert_eq!(changes(&systems), (vec![], vec![]), "the dry run of {name}");
        assert_eq!(systems.backups.path().read_dir().unwrap().count(), files, "the dry run of {name}");
        assert_eq!(systems.redis.commands().iter().find(|c| !ASKS.contains(&c.as_str())), None, "{name}");

        // Some need --confirm, and one never does.
        let consent: &[&str] =
            if words.contains(&"auto") { &["--yes"] } else { &["--yes", "--confirm", "test"] };
        let (code, report) = ordctl.json(&[words, consent].concat());
        assert!(code <= if name == BASELINE { 2 } else { 1 }, "{name}: {report}");
        let (sql, docker) = changes(&systems);
        assert!(sql.iter().any(|s| is_journal(s)), "{name}: the statements are written down");
        let own = |s: &&String| !is_journal(s);
        for call in sql.iter().filter(own).chain(&docker) {
            assert!(
                output.iter().any(|s| s.contains(&as_planned(call))),
                "{name} did {call}\nbut output {output:#?}"
            );
        }
        assert!(sql.iter().filter(own).count() + docker.len() > 0, "{name} did nothing");
    }
}

#[test]
fn no_runbook_that_acts_is_left_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks");
    let mut acting = BTreeSet::new();
    for folder in std::fs::read_dir(&root).unwrap().flatten().filter(|e| e.path().is_dir()) {
        for file in std::fs::read_dir(folder.path()).unwrap().flatten() {
            let text = std::fs::read_to_string(file.path()).unwrap();
            let book: Value = yaml::parse(&text, "").unwrap();
            if book.get("steps").is_some() {
                // Read-only steps share the timeout and must not wait for hours for an unreachable system.
                let shared = book.get("timeout_seconds").and_then(Value::as_f64);
                assert!(shared.is_none_or(|s| s <= 60.0), "{:?}: each step has its own", file.path());
                acting.insert(book["name"].as_str().unwrap().to_owned());
            }
        }
    }
    let known: BTreeSet<String> = ACTING.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(acting, known);
}
