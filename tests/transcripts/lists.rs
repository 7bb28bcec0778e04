//! Lists at 80 and 120 columns: one line a row, whatever the texts hold.

use unicode_width::UnicodeWidthStr;

use super::Recorder;
use crate::support::ordctl::{CommandOutput, Ordctl};
use crate::support::postgres::Cluster;

const LISTS: &[&str] = &[
    "runs list",
    "runs list --status failed --since 20h",
    "runs list --status running",
    "runs list --task Unknown",
    "task list",
    "queue failed",
    "queue failed --error 'connection refused'",
    "queue failed --each --limit 3",
    "queue workers",
    "agent list",
    "history",
    "history --since 20h --limit 2",
    "runbook list",
    "tool list",
];

/// Rows whose times, and so the widths of whose columns, are the same in every run.
const ROWS: &str = "
INSERT INTO agent (id, name, scopes, created_at) VALUES
    ('a1000000-0000-4000-8000-000000000001', 'continuous-integration', '{tasks:read,tasks:write,runs:read,events:write,agents:admin}', now()),
    ('a1000000-1000-4000-8000-000000000002', 'ci', '{tasks:read}', now());
INSERT INTO task (id, title, description, created_by, schedule_kind, schedule_expr, payload, status, created_at) VALUES
    ('b1000001-0000-4000-8000-000000000000', 'Nightly report of all orders, invoices and shipments by country', 'd',
     '00000000-0000-0000-0000-000000000001', 'cron', '30 2 * * 1-5', '{\"pipeline\": []}', 'active', now() - interval '1 day'),
    ('b1000002-0000-4000-8000-000000000000', 'Синхронизация остатков', 'd',
     '00000000-0000-0000-0000-000000000001', 'event', 'warehouse.stock.changed', '{\"pipeline\": []}', 'active', now() - interval '2 day'),
    ('c2000000-0000-4000-8000-000000000003', 'Cleanup', 'd',
     '00000000-0000-0000-0000-000000000001', 'rrule', 'FREQ=WEEKLY;BYDAY=MO,WE,FR;BYHOUR=3;BYMINUTE=30', '{\"pipeline\": []}', 'paused', now() - interval '3 day');
UPDATE ordctl.schedule SET next_at = now() + interval '5.5 hours' WHERE task_id = 'b1000001-0000-4000-8000-000000000000';
INSERT INTO task_run (id, occurrence, final, task_id, lease_owner, leased_until, started_at, finished_at, success, error, attempt, scheduled_at)
SELECT ('01a1fcad-058' || n || '-8ae2-9142-000000000001')::uuid, ('01a1fcad-058' || n || '-8ae2-9142-000000000001')::uuid, true,
       CASE WHEN n = 3 THEN 'b1000002-0000-4000-8000-000000000000' ELSE 'b1000001-0000-4000-8000-000000000000' END::uuid,
       'ordctl:app1:4711:worker-1', now(), now() - interval '2.65 h' * n, now() - interval '2.65 h' * n + interval '0.25 s' * n,
       n % 3 <> 0, CASE WHEN n % 3 = 0 THEN E'step \"fetch\": POST http://10.0.0.7:8080/report: connection refused\\nand a second line' END,
       n, now()
  FROM generate_series(1, 6) AS n;
INSERT INTO task_run (id, occurrence, final, task_id, started_at, finished_at, success, error, attempt, scheduled_at)
SELECT ('01a1f00' || n || '-0000-8000-8000-000000000001')::uuid, ('01a1f00' || n || '-0000-8000-8000-000000000001')::uuid, true,
       CASE WHEN n = 4 THEN 'c2000000-0000-4000-8000-000000000003' ELSE 'b1000001-0000-4000-8000-000000000000' END::uuid,
       now() - interval '3.5 h' - interval '12.3 s', now() - interval '3.5 h', false,
       CASE WHEN n < 3 THEN format('step \"fetch\": timeout after %s ms', 3000 + n)
            ELSE E'step \"store\": the relation \"orders_archive\" does not exist, and the role may not create it' END, 4, now()
  FROM generate_series(0, 4) AS n;
INSERT INTO ordctl.dead_letter (occurrence, task_id, scheduled_at, at)
SELECT id, task_id, now() - interval '1 day', finished_at - interval '1.1 h' * attempt FROM task_run WHERE NOT success;
INSERT INTO worker_heartbeat (worker_id, last_seen, processed_count, pid, hostname) VALUES
    ('ordctl:app1:4711', now() - interval '2.5 h', 1234567, 4711, 'app1');
INSERT INTO due_work (id, task_id, run_at, occurrence, locked_by, locked_until, leased_at, lease_token, attempts)
VALUES (1000, 'b1000001-0000-4000-8000-000000000000', now(), '01a1fcad-0587-8ae2-9142-000000000001', 'ordctl:app1:4711:worker-1',
        now() + interval '1 hour', now() - interval '185.5 min', '01a1fcad-0580-7ae2-9142-000000000007', 0);
DELETE FROM ordctl.operation;
INSERT INTO ordctl.operation (id, runbook, params, environment, host, os_user, pid, binary_version, started_at, finished_at, status) VALUES
    ('019a0001-0000-7000-8000-000000000001', 'maintain/weekly', '{\"runs\": \"30d\"}', 'test', 'db1', 'root (sudo: anna)', 1, '1.0',
     now() - interval '5.5 h', now() - interval '5.5 h' + interval '95 s', 'done'),
    ('019a0002-0000-7000-8000-000000000002', 'operate/restart-workers', '{}', 'test', 'app1', 'deploy', 1, '1.0',
     now() - interval '10.5 h', now() - interval '10.5 h' + interval '9.5 s', 'failed'),
    ('019a0003-0000-7000-8000-000000000003', 'operate/scale-auto', '{}', 'test', 'app1', 'ordctl', 1, '1.0',
     now() - interval '15.5 h', now() - interval '15.5 h' + interval '4 s', 'done'),
    ('019a0004-0000-7000-8000-000000000004', 'maintain/analyze', '{}', 'test', 'db1', 'root', 1, '1.0', now() - interval '3.5 days', NULL, 'running'),
    ('019a0005-0000-7000-8000-000000000005', 'task-pause', '{}', 'test', 'app1', 'boris', 1, '1.0',
     now() - interval '5.5 days', now() - interval '5.5 days' + interval '0.02 s', 'done');
INSERT INTO ordctl.operation_step (operation_id, position, step_id, uses, calls, started_at, finished_at, status, error, result) VALUES
    ('019a0001-0000-7000-8000-000000000001', 0, 'runs', 'postgres.prune', '[\"DELETE FROM public.task_run\"]', now() - interval '5.5 h',
     now() - interval '5.5 h' + interval '61 s', 'done', NULL, '{\"reclaimed\": {\"rows\": 37720, \"bytes\": 0, \"seconds\": 61}}'),
    ('019a0001-0000-7000-8000-000000000001', 1, 'task_run', 'postgres.vacuum', '[]', now() - interval '5.5 h' + interval '61 s',
     now() - interval '5.5 h' + interval '90 s', 'done', NULL, '{\"reclaimed\": {\"rows\": 0, \"bytes\": 12582912, \"seconds\": 29}}'),
    ('019a0002-0000-7000-8000-000000000002', 0, 'restart', 'service.restart', '[]', now() - interval '10.5 h',
     now() - interval '10.5 h' + interval '9.5 s', 'failed',
     'shop-worker-2: not ready within 2m: no heartbeat since the start; not restarted: shop-worker-3', NULL),
    ('019a0003-0000-7000-8000-000000000003', 0, 'scale', 'service.scale', '[]', now() - interval '15.5 h',
     now() - interval '15.5 h' + interval '4 s', 'done', NULL, '{\"service\": \"worker\", \"from\": 2, \"to\": 4}'),
    ('019a0004-0000-7000-8000-000000000004', 0, 'task', 'postgres.analyze', '[]', now() - interval '3.5 days', NULL, 'running', NULL, NULL);
INSERT INTO ordctl.worker (id, node, lease_until, running) VALUES
    ('ordctl:app1:4711:worker-1', 'ordctl:app1:4711', now() + interval '1 hour', '{1000}');
";

#[tokio::test(flavor = "multi_thread")]
async fn lists_fit_80_and_120_columns() {
    let cluster = Cluster::separate();
    let url = format!("postgresql://postgres@127.0.0.1:{}/postgres", cluster.port);
    let ordctl = Ordctl::configured("environment: test\n").with("DATABASE_URL", url);
    assert_eq!(ordctl.run(&["migrate", "--yes"]).code, 0);
    crate::support::postgres::execute(&cluster.store("postgres", "postgres"), ROWS).await.unwrap();
    // The migration is not in the list of runs.
    std::fs::remove_dir_all(ordctl.data_dir().join("journal")).unwrap();
    let mut recorder = Recorder::new("lists", &ordctl);
    for list in LISTS {
        for columns in ["80", "120"] {
            let output = recorder.run_with(&[("COLUMNS", columns)], list);
            let widest = output.out.lines().map(UnicodeWidthStr::width).max().unwrap_or_default();
            assert!(widest <= columns.parse().unwrap(), "{list}: {widest} columns\n{}", output.out);
        }
        let ascii = recorder.run_with(&[("COLUMNS", "80"), ("LC_ALL", "C")], list);
        assert!(ascii.out.is_ascii() && ascii.err.is_ascii(), "{list}: {ascii:?}");
        let wide = recorder.run(&format!("{list} -o wide"));
        assert!(!wide.out.contains('…'), "{list}: {wide:?}");
        // A pipe has no width: a row is complete and on one line.
        let words = shell_words::split(list).unwrap();
        let piped = ordctl.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(piped.out.lines().count(), ascii.out.lines().count(), "{list}: {piped:?}");
        assert!(!piped.out.contains('…'), "{list}: {piped:?}");
    }
    let narrow = CommandOutput::of(ordctl.command(&["task", "list"]).env("COLUMNS", "80")).out;
    let shown = ordctl.on_terminal((80, 24), "", &["task", "list"]);
    let trimmed: Vec<&str> = narrow.lines().map(str::trim_end).collect();
    assert_eq!(shown.out.lines().collect::<Vec<_>>(), trimmed, "a terminal of 80 columns");
    // Around midnight its times have another width.
    let tail = CommandOutput::of(ordctl.command(&["runs", "tail"]).env("COLUMNS", "80"));
    assert!(
        tail.out.lines().all(|line| line.width() <= 80) && tail.out.contains("  step \"store"),
        "{tail:?}"
    );
    for line in [
        "runs tail -o wide",
        "queue retry --all --dry-run",
        "queue retry --all --dry-run -o json",
        "queue retry --error TIMEOUT --since 1d --dry-run",
        "task snooze Cleanup --for 10m --dry-run",
        "history 019a0001",
        "history 019a0002",
        "runs show 01a1fcad-0583",
        "runs show 01a1",
        "runs show 0000",
        "runs cancel 01a1fcad-0587 --dry-run",
        "queue retry 01a1 --dry-run",
        "task show b1000002",
        "agent revoke a100 --yes",
        "agent revoke a1000000-1 --dry-run",
        "queue retry --error timeout --yes",
        "task snooze Cleanup --for 10m --yes",
    ] {
        recorder.run(line);
    }
    recorder.compare();
    recorder.type_hints();
}
