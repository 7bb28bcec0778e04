//! Every command that prints text from outside, in every format.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Mutex;

use serde_json::json;

use super::harm;
use crate::support::engine::{Tables, http};
use crate::support::ordctl::{CommandOutput, Ordctl};
use crate::support::postgres::cluster;
use crate::support::systems::{Systems, shell, until};
use crate::support::{Guard, eventually, left_out};
use crate::transcripts::commands;

/// How many commands run at a time.
const CONCURRENCY: usize = 6;

const TASK: &str = "00000000-0000-0000-0000-000000000007";
const PAUSED: &str = "00000000-0000-0000-0000-000000000017";
const RUN: &str = "00000000-0000-0000-0000-000000000008";
const AGENT: &str = "00000000-0000-0000-0000-000000000009";

/// Every command with arguments that change nothing. EVIL is a hostile text, and the others are ids of rows that hold
/// one.
pub const LOOKS: &[(&str, &str)] = &[
    ("agent create", "EVIL --scope tasks:read --dry-run"),
    ("agent create", "x --scope EVIL --dry-run"),
    ("agent list", ""),
    ("agent revoke", "AGENT --dry-run"),
    ("agent rotate", "AGENT --dry-run --reason EVIL"),
    ("baseline", "--dry-run -p duration=1s"),
    ("baseline", "--compare EVIL"),
    ("capacity", ""),
    ("completions", "EVIL"),
    ("config init", "--dry-run"),
    ("config show", ""),
    ("config show", "--origin"),
    ("config show", "--env EVIL"),
    ("db connections", ""),
    ("db kill", "2147483647 --reason EVIL --dry-run"),
    ("db locks", ""),
    ("demo", "EVIL"),
    ("doctor", ""),
    ("expr", "@"),
    ("expr", "EVIL"),
    ("health evening", ""),
    ("health morning", ""),
    ("health morning", "--only EVIL"),
    ("history", ""),
    ("history", "EVIL"),
    ("hold", "--dry-run --reason EVIL"),
    ("init", "--dry-run --file EVIL"),
    ("logs", ""),
    ("logs", "--fold"),
    ("logs", "EVIL"),
    ("logs analyze", ""),
    ("maintain analyze", "--dry-run"),
    ("maintain monthly", "--dry-run"),
    ("maintain weekly", "--dry-run"),
    ("man", "EVIL"),
    ("migrate", "--check"),
    ("queue failed", ""),
    ("queue failed", "--each"),
    ("queue failed", "--task EVIL"),
    ("queue retry", "--all --dry-run"),
    ("queue retry", "--task TASK --dry-run"),
    ("queue status", ""),
    ("queue workers", ""),
    ("restart all", "--dry-run"),
    ("restart api", "--dry-run"),
    ("restart database", "--dry-run"),
    ("restart redis", "--dry-run"),
    ("restart scheduler", "--dry-run"),
    ("restart workers", "--dry-run"),
    ("resume", "--dry-run"),
    ("run", "hostile"),
    ("run", "EVIL"),
    ("run", "bad.yaml"),
    ("runbook lint", "hostile"),
    ("runbook lint", "./bad.yaml"),
    ("runbook list", ""),
    ("runbook run", "hostile --only EVIL"),
    ("runbook schema", ""),
    ("runbook show", "hostile"),
    ("runbook show", "EVIL"),
    ("runs cancel", "RUN --dry-run"),
    ("runs list", ""),
    ("runs show", "RUN"),
    ("runs show", "EVIL"),
    ("runs tail", ""),
    ("scale auto", "--once --dry-run"),
    ("scale down", "1 --dry-run"),
    ("scale emergency", "--dry-run"),
    ("scale status", ""),
    ("scale to", "2 --dry-run"),
    ("scale up", "2 --dry-run"),
    ("schedule preview", "--kind cron --expr EVIL"),
    ("serve", "--listen EVIL"),
    ("task cancel", "TASK --dry-run"),
    ("task create", "--title EVIL --kind cron --expr EVIL --pipeline steps.yaml --dry-run"),
    ("task create", "--title EVIL --kind cron --expr '0 3 * * *' --pipeline steps.yaml --dry-run"),
    ("task list", ""),
    ("task pause", "TASK --dry-run"),
    ("task resume", "TASK --dry-run"),
    ("task run", "TASK --dry-run"),
    ("task snooze", "TASK --for 10m --dry-run"),
    ("task show", "TASK"),
    // The title of two tasks.
    ("task show", "EVIL"),
    ("tool list", ""),
    ("tool show", "EVIL"),
];

/// A text that says where it was stored.
fn evil(place: &str) -> String {
    format!("{place}{}", super::EVIL.strip_prefix("Pay").unwrap())
}

/// A hostile text in a YAML file.
fn yaml(text: &str) -> String {
    let plain = |c: char| (' '..='~').contains(&c) && c != '"' && c != '\\';
    let char = |c: char| if plain(c) { c.to_string() } else { format!("\\u{:04x}", u32::from(c)) };
    format!("\"{}\"", text.chars().map(char).collect::<String>())
}

/// Rows with a hostile text in every column that takes one.
async fn fill(tables: &Tables) {
    let text = |place: &str| format!("'{}'", evil(place).replace('\'', "''"));
    let value = |place: &str| json!({ evil(place): evil(place) }).to_string().replace('\'', "''");
    let task = |id: &str, status: &str| {
        let (title, description, expr) = (text("Pay"), text("TaskDescription"), text("TaskExpression"));
        let (key, payload) = (text("TaskKey"), value("TaskPayload"));
        format!(
            "INSERT INTO task (id, title, description, created_by, schedule_kind, schedule_expr, status, concurrency_key,
                               dedupe_key, payload)
             VALUES ('{id}', {title}, {description}, '{AGENT}', 'event', {expr}, '{status}', {key}, '{id}' || {key},
                     '{{\"pipeline\": [], \"params\": {payload}}}');
             UPDATE ordctl.schedule SET error = {} WHERE task_id = '{id}';
             INSERT INTO ordctl.dead_letter (occurrence, task_id, scheduled_at, event)
             VALUES (gen_random_uuid(), '{id}', now(), '{}');
             INSERT INTO due_work (task_id, run_at, locked_by) VALUES ('{id}', now() - interval '1 hour', {});",
            text("ScheduleError"),
            value("DeadLetterEvent"),
            text("LockedBy"),
        )
    };
    let name = |place: &str| format!("\"{}\"", evil(place).chars().take(40).collect::<String>());
    let sql = format!(
        "INSERT INTO agent (id, name, scopes) VALUES ('{AGENT}', {}, ARRAY['tasks:read', {}]);
         {}{}
         INSERT INTO task_run (id, task_id, lease_owner, leased_until, started_at, finished_at, success, error, attempt,
                               scheduled_at, occurrence, final, output)
         VALUES ('{RUN}', '{TASK}', {}, now(), now(), now(), false, {}, 1, now(), '{RUN}', true, '{}');
         INSERT INTO worker_heartbeat (worker_id, last_seen, hostname) VALUES ({}, now(), {});
         INSERT INTO ordctl.worker (id, node, lease_until) VALUES ({}, {}, now() + interval '1 hour');
         INSERT INTO audit_log (actor_agent_id, action, details) VALUES ('{AGENT}', {}, '{}');
         INSERT INTO ordctl.event (id, topic, payload, published_by, published_at)
         VALUES (gen_random_uuid(), {}, '{}', {}, now() - interval '1 hour');
         UPDATE ordctl.engine SET held = true, held_at = now(), held_by = {}, held_because = {};
         CREATE TABLE {} (a text);
         INSERT INTO {} SELECT repeat('x', 2000) FROM generate_series(1, 5000);",
        text("AgentName"),
        text("AgentScope"),
        task(TASK, "active"),
        task(PAUSED, "paused"),
        text("LeaseOwner"),
        text("RunError"),
        value("RunOutput"),
        text("WorkerName"),
        text("WorkerHost"),
        text("LaneName"),
        text("NodeName"),
        text("AuditAction"),
        value("AuditDetails"),
        text("EventTopic"),
        value("EventPayload"),
        text("EventPublisher"),
        text("HeldBy"),
        text("HeldBecause"),
        name("TableName"),
        name("TableName"),
    );
    tables.db.execute(&sql).await.unwrap();
}

/// Files with hostile texts, and the configuration.
fn configured(tables: &Tables, systems: &Systems) -> Ordctl {
    let rest = systems.configuration(&cluster().url("postgres", &tables.db.name), None);
    let rest = rest.replace("environment: test", &format!("environment: {}", yaml(&evil("EnvironmentName"))));
    let services =
        format!("services: {{ {}: {{}}, {}: {{}},", yaml(&evil("Ghost")), yaml(&evil("ServiceName")));
    let rest = rest.replace("services: {", &services);
    let endpoint =
        format!("endpoints: {{ {}: {{ url: \"http://127.0.0.1:1/x\" }},", yaml(&evil("EndpointName")));
    let rest = rest
        .replace("endpoints: {", &endpoint)
        .replace("/0\" }", &format!("/0\", stream: {} }}", yaml(&evil("StreamName"))));
    let ordctl =
        Ordctl::configured(&format!("{rest}runbooks: [own]\nqueries: [own]\nbackup: {{ dir: backups }}\n"));
    let own = ordctl.home().join("own");
    std::fs::create_dir(&own).unwrap();
    std::fs::write(
        ordctl.home().join("steps.yaml"),
        format!("- {{ id: {}, uses: noop }}\n", yaml(&evil("Step"))),
    )
    .unwrap();
    let bad = format!("# \u{202e}\nname: bad\nsteps: [{{ uses: {} }}]\n", yaml(&evil("Uses")));
    std::fs::write(ordctl.home().join("bad.yaml"), bad).unwrap();
    let sql = "-- Text from outside\nSELECT 1 AS n, E'QueryLabel\\u001b[2J\\u202e\\n2026-01-01T00:00:00Z ERROR forged' AS label";
    std::fs::write(own.join("hostile_rows.sql"), sql).unwrap();
    let promql = "# Labels from outside\nlabel_replace(vector(1), \"place\", \"PromLabel\\u001b[2J\\u202e\\n2026-01-01T00:00:00Z ERROR forged\", \"\", \"\")";
    std::fs::write(own.join("hostile_labels.promql"), promql).unwrap();
    let (title, unit) = (yaml(&evil("StepTitle")), yaml(&evil("Unit")));
    let book = format!(
        "# \u{202e}comment\u{2066}\nname: hostile\ntitle: {title}\nsections:\n  - id: a\n    title: {title}\n    steps:\n\
         \x20     - {{ id: noop, uses: noop }}\n\
         \x20     - {{ id: sql, uses: check.query, with: {{ query: hostile_rows, title: {title}, unit: {unit}, crit: 0 }} }}\n\
         \x20     - {{ id: promql, uses: check.promql, with: {{ query: hostile_labels, title: {title} }} }}\n"
    );
    std::fs::write(own.join("hostile.yaml"), book).unwrap();
    ordctl
}

/// A container whose label and log lines are hostile.
fn container(systems: &Systems) -> Guard {
    let name = format!("{}-hostile-1", systems.project);
    let guard = Guard::new(":", &format!("docker rm -f {name}"), &[], None);
    let log = evil("LogLine").replace('\\', "\\\\").replace('\n', "\\n").replace('\'', "");
    let json = json!({ "level": "error", "message": evil("LogJson"), evil("LogKey"): evil("LogValue") });
    let mut docker = std::process::Command::new("docker");
    docker.args(["run", "-d", "--network", "none", "--name", &name, "--label"]);
    docker.arg(format!("com.docker.compose.project={}", systems.project)).arg("--label");
    docker.arg(format!("com.docker.compose.service={}", evil("ServiceName")));
    let script = "printf \"$1\\n%s\\n\" \"$2\"; exec /bin/busybox sleep 100000";
    docker.args([&systems.project, "/bin/busybox", "sh", "-c", script, "sh", &log, &json.to_string()]);
    crate::support::run(&mut docker);
    until(&format!("docker logs {name} | grep -q LogJson"));
    guard
}

async fn alert(systems: &Systems) {
    let url = format!("http://127.0.0.1:{}/api/v2/alerts", systems.alertmanager.port);
    let text = evil;
    let alert = json!([{
        "labels": { "alertname": text("AlertName"), "severity": text("AlertSeverity"), "instance": text("AlertInstance") },
        "annotations": { "summary": text("AlertSummary") },
    }]);
    eventually("Alertmanager takes the alert", async || {
        http().post(&url).json(&alert).send().await.is_ok_and(|r| r.status().is_success())
    })
    .await;
    until(&format!("curl -sf '{url}' | grep -q AlertName"));
}

/// The formats of the command line.
fn formats() -> Vec<String> {
    let all = ordctl::commands::command_line();
    let output = all.get_arguments().find(|a| a.get_id() == "output").unwrap();
    output.get_possible_values().iter().map(|v| v.get_name().to_owned()).collect()
}

/// Runs one command in one format.
fn run(ordctl: &Ordctl, line: &str, more: &[&str]) -> CommandOutput {
    let words: Vec<String> = shell_words::split(line).unwrap();
    let words = words.iter().map(|word| match word.as_str() {
        "EVIL" => super::EVIL,
        "TASK" => TASK,
        "RUN" => RUN,
        "AGENT" => AGENT,
        other => other,
    });
    let words: Vec<&str> = words.chain(more.iter().copied()).collect();
    let mut command = ordctl.command(&words);
    command.stdin(Stdio::from(std::fs::File::open(ordctl.home().join("input.json")).unwrap()));
    CommandOutput::of(&mut command)
}

/// The text without the colors that were asked for.
fn without_color(text: &str) -> String {
    regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap().replace_all(text, "").into_owned()
}

/// Runs a command in every format. Returns what it printed, and adds what is wrong.
fn judge(ordctl: &Ordctl, line: &str, wrong: &mut Vec<String>) -> String {
    let report_formats = ["junit", "prometheus", "nagios"];
    let (mut all, mut is_report) = (String::new(), false);
    let formats = formats();
    let mut cases: Vec<Vec<&str>> = formats.iter().map(|f| vec!["-o", f]).collect();
    cases.push(vec!["--color", "always"]);
    cases.push(vec!["--quiet"]);
    cases.sort_by_key(|more| more[1..] != ["json"]);
    for more in cases {
        if more.len() == 2 && report_formats.contains(&more[1]) && !is_report {
            continue;
        }
        let output = run(ordctl, line, &more);
        is_report |= output.out.contains("\"sections\"");
        let silent = output.out.is_empty() && output.err.is_empty() && more != ["--quiet"];
        for text in [&output.out, &output.err] {
            let shown = if more[0] == "--color" { without_color(text) } else { text.clone() };
            let found = harm(&shown).or(silent.then(|| "nothing was printed".to_owned()));
            wrong.extend(found.map(|found| format!("{line} {more:?}: {found} in {text:?}")));
            all.push_str(text);
        }
    }
    all
}

/// Files that a report is written to.
fn judge_files(ordctl: &Ordctl, wrong: &mut Vec<String>) {
    let mut args = vec!["capacity".to_owned()];
    for file in ["--textfile=r.prom", "--chart=r.svg"] {
        args.push(file.to_owned());
    }
    for file in ["r.txt", "r.md", "r.json", "r.yaml", "r.xml"] {
        let all: Vec<&str> = args.iter().map(String::as_str).chain(["--report", file]).collect();
        let output = ordctl.run(&all);
        let read = |name: &str| {
            std::fs::read_to_string(ordctl.home().join(name))
                .unwrap_or_else(|e| panic!("{name}: {e}: {output:?}"))
        };
        for name in [file, "r.prom", "r.svg"] {
            wrong.extend(harm(&read(name)).map(|found| format!("{name}: {found}")));
        }
    }
}

#[test]
fn every_command_has_a_look() {
    let all = commands();
    let is_group = |path: &[String]| all.iter().any(|c| c.len() > path.len() && c.starts_with(path));
    let is_command = |c: &&Vec<String>| !is_group(c) || c.len() == 1 && c[0] == "logs";
    let mut missing: BTreeMap<String, ()> =
        all.iter().filter(is_command).map(|c| (c.join(" "), ())).collect();
    for (command, _) in LOOKS {
        missing.remove(*command);
    }
    assert!(missing.is_empty(), "commands without a row in LOOKS: {:?}", missing.keys());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_command_obeys_text_from_outside() {
    if left_out("no_command_obeys_text_from_outside", &["docker", "redis", "prometheus", "alertmanager"]) {
        return;
    }
    let (tables, systems) = (Tables::new().await, Systems::start("terminal", 3));
    fill(&tables).await;
    let _hostile = container(&systems);
    alert(&systems).await;
    shell(&format!("redis-cli -p {} set \"$(printf 'key\\033[2J')\" 1", systems.redis.port));
    let ordctl = configured(&tables, &systems);
    std::fs::write(
        ordctl.home().join("input.json"),
        json!({ evil("InputKey"): [evil("InputValue")] }).to_string(),
    )
    .unwrap();
    let (next, wrong, all) = (Mutex::new(LOOKS.iter()), Mutex::new(Vec::new()), Mutex::new(String::new()));
    std::thread::scope(|scope| {
        for _ in 0..CONCURRENCY {
            scope.spawn(|| {
                loop {
                    let Some((command, args)) = next.lock().unwrap().next() else { return };
                    let mut own = Vec::new();
                    let text = judge(&ordctl, &format!("{command} {args}"), &mut own);
                    all.lock().unwrap().push_str(&text);
                    wrong.lock().unwrap().extend(own);
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    judge_files(&ordctl, &mut wrong);
    // Changes, which print on standard error what they changed.
    for line in [
        "queue retry --all --yes",
        "task pause TASK --yes",
        "hold --reason EVIL --yes",
        "agent revoke AGENT --yes",
    ] {
        let output = run(&ordctl, line, &[]);
        assert!(output.code < 2, "{line}: {output:?}");
        wrong.extend(
            [&output.out, &output.err].into_iter().filter_map(|t| harm(t)).map(|f| format!("{line}: {f}")),
        );
    }
    assert!(wrong.is_empty(), "{} leaks:\n{}", wrong.len(), wrong.join("\n"));
    let all = all.into_inner().unwrap();
    let places = "AgentName AgentScope TaskDescription TaskExpression TaskKey TaskPayload RunError RunOutput WorkerName \
        WorkerHost HeldBy HeldBecause TableName EnvironmentName Ghost ServiceName EndpointName StreamName StepTitle QueryLabel PromLabel LogLine \
        LogJson LogKey LogValue AlertName AlertSeverity AlertInstance AlertSummary InputKey InputValue Uses";
    let unseen: Vec<&str> = places.split_whitespace().filter(|place| !all.contains(place)).collect();
    assert!(unseen.is_empty(), "no command printed {unseen:?}");
}

/// A note has no other cleaning: its texts come from files, from systems and from the command line.
#[test]
fn a_note_is_one_clean_line() {
    let ordctl = Ordctl::new();
    let book = format!("name: {}\nsteps: [{{ uses: check.postgres_rights }}]\n", yaml(super::EVIL));
    std::fs::write(ordctl.home().join("old.yaml"), book).unwrap();
    let output = ordctl.run(&["runbook", "lint", "./old.yaml"]);
    assert!(output.err.starts_with(&format!("warning: {}", super::SHOWN)), "{output:?}");
    assert_eq!(harm(&output.err), None, "{output:?}");
    assert_eq!(output.err.lines().count(), 2, "with the number of runbooks: {output:?}");
}

/// clap quotes the command line, which a script may have filled from outside. The last value is valid when it is clean.
#[test]
fn a_usage_error_is_clean() {
    for args in
        [["demo", super::EVIL, "-q"], ["config", super::EVIL, "-q"], ["man", "--color", "always\u{202e}"]]
    {
        let output = Ordctl::new().run(&args);
        assert_eq!((output.code, harm(&output.err)), (64, None), "{output:?}");
    }
}
