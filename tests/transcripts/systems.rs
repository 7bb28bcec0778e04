//! The systems that commands are recorded on. Sections that report on this host (`disk`) are left out,
//! since their verdicts depend on the machine.

use super::Recorder;
use crate::support::left_out;
use crate::support::ordctl::Ordctl;
use crate::support::postgres::Cluster;
use crate::support::systems::Systems;

/// No configuration, and no system that could be discovered.
const UNCONFIGURED: &[&str] = &[
    "healt",
    "health morning --skip disk",
    "health morning --no-such-flag",
    "health morning --only quue",
    "health morning -p queue_crti=1",
    "health morning --timeout soon",
    "health morning -o xml",
    "health evening --only today --only backup",
    "logs",
    "logs --grep 'a(b'",
    "logs --since yesterday",
    "logs analyze",
    "capacity --only growth",
    "baseline",
    "baseline --watch 5s",
    "baseline --compare nowhere.json",
    "db locks",
    "db kill 4711 --dry-run",
    "db connections",
    "history",
    "history 019a0000",
    "history x",
    "maintain analyze",
    "maintain weekly --dry-run",
    "maintain monthly",
    "restart api",
    "restart scheduler",
    "restart workers",
    "restart database",
    "restart redis",
    "restart all",
    "scale up 4",
    "scale down 2",
    "scale to 3",
    "scale emergency",
    "scale auto",
    "scale status",
    "doctor",
    "run health/mornin",
    "run missing.yaml",
    "run maintain/analyze --watch 5s",
    "runbook list",
    "runbook list -o junit",
    "runbook show health/morning",
    "runbook show nothing",
    "runbook lint",
    "runbook lint bad.yaml",
    "runbook run bad.yaml",
    "runbook schema",
    "tool list",
    "tool show check.query",
    "tool show service.restart -o json",
    "tool show check.quer",
    "serve --listen nowhere",
    "task list",
    "task create --title x --kind cron --expr 'x'",
    "task show x",
    "task run x",
    "task pause x",
    "task resume x",
    "task cancel x",
    "schedule preview --kind cron --expr '30 2 * * *' --after 2026-01-01T00:00:00Z --count 2",
    "schedule preview --kind cron --expr 'x'",
    "runs list",
    "runs show x",
    "runs tail",
    "runs cancel x",
    "agent create ci --scope tasks:read",
    "agent list",
    "agent rotate ci",
    "agent revoke ci",
    "queue status",
    "queue workers",
    "queue failed",
    "queue retry",
    "hold",
    "resume",
    "migrate --no-such-flag",
    "demo --no-such-flag",
    "config show",
    "config show --env staging",
    "config show --config nowhere.yaml",
    "config show --database-url postgresql://u:hidden@h/d",
    "config init --dry-run",
    "init --dry-run",
    "init --env staging",
    "expr a",
    "expr 'a.['",
    "expr 'lenght(a)'",
    "completions bash",
    "completions tcsh",
    "man",
];

#[test]
fn without_configuration() {
    let ordctl = Ordctl::new();
    std::fs::write(ordctl.home().join("bad.yaml"), "name: bad\nsteps: [{ uses: check.nothing }]\n").unwrap();
    let mut recorder = Recorder::new("unconfigured", &ordctl);
    for line in UNCONFIGURED {
        recorder.run(line);
    }
    recorder.compare();
    recorder.type_hints();
}

/// Everything is configured and nothing answers.
const NOWHERE: &str = "
environment: test
database: { url: \"postgresql://app@127.0.0.1:1/app\", connect_timeout: 1s }
redis: { url: \"redis://127.0.0.1:1/0\", connect_timeout: 1s }
docker: { host: \"unix:///nowhere/docker.sock\", project: shop }
prometheus: { url: \"http://127.0.0.1:1\" }
alertmanager: { url: \"http://127.0.0.1:1\" }
services: { api: {}, worker: {} }
endpoints: { api: { url: \"http://127.0.0.1:1/health\" } }
backup: { dir: backups }
";

#[test]
fn unreachable_systems() {
    let ordctl = Ordctl::configured(NOWHERE);
    let mut recorder = Recorder::new("unreachable", &ordctl);
    for line in [
        "health morning --skip disk",
        "health morning --skip disk --env staging",
        "health evening --only today",
        "doctor --skip host",
        "logs",
        "logs analyze",
        "capacity --only growth",
        "baseline --skip probes --only api",
        "maintain analyze --dry-run",
        "maintain analyze --yes",
        "restart workers --dry-run",
        "restart database --yes",
        "scale status",
        "scale up 4 --yes",
        "task list",
        "runs list",
        "history",
        "db locks",
        "agent list",
        "queue status",
        "hold --yes",
        "migrate --check",
        "serve",
    ] {
        recorder.run(line);
    }
    recorder.compare();
    recorder.type_hints();
}

/// A migrated database with one task, and nothing else.
#[test]
fn on_a_database() {
    let cluster = Cluster::separate();
    let url = format!("postgresql://postgres@127.0.0.1:{}/postgres", cluster.port);
    let ordctl = Ordctl::configured("environment: test\n").with("DATABASE_URL", url);
    std::fs::write(ordctl.home().join("job.yaml"), "- { uses: log, with: { message: hello } }\n").unwrap();
    let mut recorder = Recorder::new("database", &ordctl);
    for line in [
        "task list",
        "migrate --check",
        "migrate",
        "migrate --dry-run",
        "migrate --yes",
        "migrate --check --tune",
        "task create --title Job --kind cron --expr @daily --pipeline job.yaml",
        "task create --title Wrong --kind cron --expr 'x' --pipeline job.yaml",
        "task list",
        "task show Job",
        "task show nothing",
        "task pause Job",
        "task resume Job",
        "task run Job",
        "task cancel Job",
        "runs list",
        "runs show 00000000-0000-0000-0000-000000000009",
        "runs cancel 00000000-0000-0000-0000-000000000009",
        "queue status",
        "queue workers",
        "queue failed",
        "queue retry 00000000-0000-0000-0000-000000000009",
        "queue retry --all",
        "hold",
        "hold --yes",
        "queue status",
        "resume --yes",
        "agent create ci --scope tasks:reed",
        "agent create ci --scope tasks:read",
        "agent list",
        "agent revoke ci",
        "agent revoke ci --yes",
        "agent revoke nobody --yes",
        "health morning --only queue --only workers",
        "health morning --only queue --only workers -o nagios",
        "health evening --only today",
        "maintain analyze",
        "maintain analyze --dry-run",
        "maintain analyze --yes",
        "maintain weekly --dry-run --only runs",
        "history 00000000-0000-0000-0000-000000000009",
        "db locks",
        "db kill 2147483647 --dry-run",
    ] {
        recorder.run(line);
    }
    recorder.compare();
    recorder.type_hints();
}

/// Containers, Redis, Prometheus and Alertmanager.
#[test]
fn on_a_stack() {
    if left_out("transcripts on a stack", &["docker", "redis", "prometheus", "alertmanager"]) {
        return;
    }
    let systems = Systems::start("transcripts", 10);
    systems.measured();
    let cluster = Cluster::separate();
    let url = format!("postgresql://postgres@127.0.0.1:{}/postgres", cluster.port);
    let ordctl = Ordctl::configured(&systems.configuration(&url, None));
    let mut recorder = Recorder::new("stack", &ordctl);
    recorder.replace(&systems.project, "shop");
    for line in [
        "health morning --only containers --only redis --only alerts",
        "restart api",
        "restart api --dry-run",
        "restart database --yes",
        "scale status",
        "scale up 4 --dry-run",
    ] {
        recorder.run(line);
    }
    recorder.compare();
    recorder.type_hints();
}
