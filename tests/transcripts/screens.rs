//! Reports and plans as a terminal of 80×24 and one of 120×40 shows them, on a healthy and on a broken stack.

use unicode_width::UnicodeWidthStr;

use super::Recorder;
use crate::support::compose::Project;
use crate::support::left_out;
use crate::support::ordctl::Ordctl;
use crate::support::postgres::{Cluster, execute};
use crate::support::systems::{self, Server, shell, until};

const REPORTS: &[&str] = &[
    "health morning --skip disk --skip memory",
    "health morning --skip disk --skip memory -v",
    "health evening",
    "capacity --skip resources",
    "logs analyze",
    "doctor",
    "scale status",
    "queue status",
    "baseline --only workers",
];

const PLANS: &[&str] = &[
    "maintain weekly",
    "maintain analyze",
    "maintain monthly",
    "restart api",
    "restart workers",
    "restart redis",
    "restart all",
    "scale to 3",
    "scale emergency",
    "hold --reason 'storage is replaced'",
    "task snooze Cleanup --for 1h",
    "queue retry --all",
];

const SIZES: [(u16, u16); 2] = [(80, 24), (120, 40)];

/// Tasks with an hour of history, and work of the day that `maintain weekly` deletes. No occurrence is due.
const ROWS: &str = "
INSERT INTO task (id, title, description, created_by, schedule_kind, schedule_expr, payload, status, created_at) VALUES
    ('b1000001-0000-4000-8000-000000000000', 'Nightly report', 'd', '00000000-0000-0000-0000-000000000001',
     'event', 'report.wanted', '{\"pipeline\": []}', 'active', now() - interval '90 day'),
    ('c2000000-0000-4000-8000-000000000003', 'Cleanup', 'd', '00000000-0000-0000-0000-000000000001',
     'event', 'cleanup.wanted', '{\"pipeline\": []}', 'active', now() - interval '90 day');
INSERT INTO task_run (id, occurrence, final, task_id, lease_owner, leased_until, started_at, finished_at, success, attempt, scheduled_at)
SELECT id, id, true, 'b1000001-0000-4000-8000-000000000000', 'ordctl:app1:1:worker-1', now(), at, at + interval '0.25 s', true, 1, at
  FROM (SELECT gen_random_uuid() AS id, now() - interval '10 s' * n AS at FROM generate_series(1, 300) AS n
        UNION ALL SELECT gen_random_uuid(), now() - interval '40 days' FROM generate_series(1, 37720)) AS runs;
";

/// What stops work: failures, dead letters, and due work that nobody takes.
const FAULTS: &str = "
INSERT INTO task_run (id, occurrence, final, task_id, started_at, finished_at, success, error, attempt, scheduled_at)
SELECT id, id, true, 'c2000000-0000-4000-8000-000000000003', at, at, false,
       'step \"fetch\": POST http://10.0.0.7:8080/report: connection refused', 4, at
  FROM (SELECT ('01a1f0' || lpad(n::text, 2, '0') || '-0000-8000-8000-000000000001')::uuid AS id,
               now() - interval '2.5 h' - interval '10 s' * n AS at FROM generate_series(1, 40) AS n) AS runs;
INSERT INTO ordctl.dead_letter (occurrence, task_id, scheduled_at, at)
SELECT id, task_id, scheduled_at, finished_at FROM task_run WHERE NOT success;
INSERT INTO due_work (task_id, run_at, occurrence)
SELECT 'b1000001-0000-4000-8000-000000000000', now() - interval '94.5 min', gen_random_uuid() FROM generate_series(1, 1200);
INSERT INTO worker_heartbeat (worker_id, last_seen, processed_count, pid, hostname) VALUES
    ('ordctl:app1:4711', now() - interval '94.5 min', 1234, 4711, 'app1');
";

/// A compose project with an engine, PostgreSQL, Redis, Prometheus and Alertmanager.
struct Stack {
    project: Project,
    cluster: Cluster,
    prometheus: Server,
    alertmanager: Server,
    ordctl: Ordctl,
}

impl Stack {
    async fn start(name: &str, redis: bool) -> Self {
        let (project, cluster) = (Project::new(name), Cluster::separate());
        let url = format!("postgresql://postgres@127.0.0.1:{}/postgres", cluster.port);
        let redis = redis.then(|| project.redis());
        let prometheus = systems::prometheus(project.api);
        let alertmanager = systems::alertmanager(systems::NO_RECEIVER);
        let more = format!(
            "redis: {{ url: \"redis://127.0.0.1:{}/0\", connect_timeout: 1s }}\n\
             prometheus: {{ url: \"http://127.0.0.1:{}\" }}\n\
             alertmanager: {{ url: \"http://127.0.0.1:{}\" }}\n\
             backup: {{ dir: backups }}\n\
             services: {{ api: {{}}, redis: {{}}, worker: {{ min: 1, max: 4 }} }}\n\
             params: {{ health/morning: {{ load_warn: 1000 }} }}\n",
            redis.unwrap_or(1),
            prometheus.port,
            alertmanager.port
        );
        let ordctl = Ordctl::configured(&project.configuration(&url, &more));
        assert_eq!(ordctl.run(&["migrate", "--yes"]).code, 0);
        let stack = Self { project, cluster, prometheus, alertmanager, ordctl };
        stack.execute(ROWS).await;
        stack.execute("VACUUM ANALYZE").await;
        stack
    }

    async fn execute(&self, sql: &str) {
        execute(&self.cluster.store("postgres", "postgres"), sql).await.unwrap();
    }

    fn recorder(&self, system: &'static str) -> Recorder<'_> {
        let mut recorder = Recorder::new(system, &self.ordctl);
        recorder.replace(&self.project.name, "shop");
        recorder
    }
}

/// Records reports and plans, and returns what does not fit.
fn record(recorder: &mut Recorder) -> Vec<String> {
    let mut wrong = Vec::new();
    for (columns, rows) in SIZES {
        for report in REPORTS {
            let shown = recorder.on_terminal((columns, rows), "", report);
            wrong.extend(too_wide(columns, report, &shown.out));
        }
        for plan in PLANS {
            let shown = recorder.on_terminal((columns, rows), "n\n", plan);
            wrong.extend(too_wide(columns, plan, &shown.out));
            wrong.extend(summary_off_screen(usize::from(rows), plan, &shown.out));
        }
    }
    wrong
}

/// Only a command, which is copied as a whole, may be wider than the terminal.
fn too_wide(columns: u16, line: &str, shown: &str) -> Vec<String> {
    let command = |row: &str| ["-> ", "next: ", "hint: "].iter().any(|m| row.trim_start().starts_with(m));
    let wide = shown.lines().filter(|row| row.width() > usize::from(columns) && !command(row));
    wide.map(|row| format!("{line}: wider than {columns}: {row}")).collect()
}

/// The summary of a plan and its question are on one screen.
fn summary_off_screen(rows: usize, plan: &str, shown: &str) -> Option<String> {
    let lines: Vec<&str> = shown.lines().collect();
    let question = lines.iter().position(|line| line.contains("Continue on "))?;
    let summary = lines[..question].iter().rposition(|line| line.is_empty()).map_or(0, |at| at + 1);
    (question - summary >= rows).then(|| format!("{plan}: the summary is off the screen:\n{shown}"))
}

const NEEDED: &[&str] = &["docker", "redis", "prometheus", "alertmanager"];

#[tokio::test(flavor = "multi_thread")]
async fn screens_of_a_healthy_stack() {
    if left_out("screens of a healthy stack", NEEDED) {
        return;
    }
    let stack = Stack::start("h", true).await;
    let url = format!("postgresql://postgres@127.0.0.1:{}/postgres", stack.cluster.port);
    for worker in [1, 2] {
        stack.project.worker_at(worker, &url, "--network host");
    }
    let program = env!("CARGO_BIN_EXE_ordctl");
    let options = format!(
        "--network host -v {program}:/ordctl:ro -e DATABASE_URL={url} -e ORDCTL_DATA_DIR=/tmp/data -e HOME=/tmp"
    );
    let serve = format!("exec /ordctl serve --role api,scheduler --listen 127.0.0.1:{}", stack.project.api);
    stack.project.start("api", 1, &options, &serve);
    let backups = stack.ordctl.home().join("backups");
    std::fs::create_dir(&backups).unwrap();
    shell(&format!("pg_dump -Fc -f '{}/orchestrator.dump' '{url}'", backups.display()));
    let port = stack.prometheus.port;
    until(&format!(
        "promtool query instant http://127.0.0.1:{port} 'orchestrator_scheduler_lag_seconds' | grep -q '@'"
    ));
    crate::support::eventually("the stack is healthy", async || {
        let morning = stack.ordctl.run(&["health", "morning", "--skip", "disk"]);
        morning.code == 0 && !morning.out.contains("starting")
    })
    .await;

    let mut recorder = stack.recorder("healthy");
    let wrong = record(&mut recorder);
    let morning = stack.ordctl.on_terminal((80, 24), "", &["health", "morning"]);
    assert!(morning.out.lines().count() <= 24, "{}", morning.out);
    recorder.compare();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    recorder.type_hints();
}

#[tokio::test(flavor = "multi_thread")]
async fn screens_of_a_broken_stack() {
    if left_out("screens of a broken stack", NEEDED) {
        return;
    }
    let stack = Stack::start("b", false).await;
    stack.execute(FAULTS).await;
    stack.project.flag("worker.broken", Some(""));
    stack.project.start("worker", 1, "", "sleep 1");
    stack.project.start("worker", 2, "", "sleep 1");
    let alerts = format!("amtool --alertmanager.url=http://127.0.0.1:{}", stack.alertmanager.port);
    shell(&format!("{alerts} alert add alertname=OrchestratorAPIDown severity=critical"));
    until(&format!("test $({alerts} alert query -o simple | tail -n +2 | wc -l) -eq 1"));
    let port = stack.prometheus.port;
    until(&format!("promtool query instant http://127.0.0.1:{port} 'up == 0' | grep -q '@'"));
    let holder = stack.cluster.store("postgres", "postgres");
    let holder = holder.postgres().session().await.unwrap();
    holder
        .batch_execute("SET application_name = 'report'; BEGIN; UPDATE task SET description = 'e'")
        .await
        .unwrap();
    let waiting = stack.cluster.store("postgres", "postgres");
    let waiting = waiting.postgres().session().await.unwrap();
    let blocked = waiting.batch_execute("SET application_name = 'import'; UPDATE task SET description = 'f'");
    let mut recorder = stack.recorder("broken");
    let wrong = tokio::select! {
        biased;
        ended = blocked => panic!("the session that should wait ended: {ended:?}"),
        wrong = async { tokio::task::block_in_place(|| record(&mut recorder)) } => wrong,
    };
    recorder.compare();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    recorder.type_hints();
}
