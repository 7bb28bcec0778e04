//! `logs analyze`: each section has lines that must match and lines that must not.

use serde_json::Value;

use ordctl::engine::migrations;

use super::Project;
use crate::support::left_out;
use crate::support::ordctl::Ordctl;
use crate::support::postgres::{Database, cluster};

fn section<'a>(report: &'a Value, id: &str) -> &'a Value {
    let sections = report["sections"].as_array().unwrap();
    sections.iter().find(|s| s["id"] == id).unwrap_or_else(|| panic!("no section {id}"))
}

/// All summaries of a section, one a line.
fn summaries(report: &Value, id: &str) -> String {
    let findings = section(report, id)["findings"].as_array().unwrap();
    findings.iter().map(|f| f["summary"].as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

/// Any user of the engine sets the labels of a container, and an operator copies hints into a shell.
#[test]
fn a_hint_with_a_hostile_service_name_runs_nothing() {
    if left_out("a_hint_with_a_hostile_service_name_runs_nothing", &["docker"]) {
        return;
    }
    let project = Project::new("hostile");
    let evil = "w;touch pwn $(touch pwn)";
    let container = format!("{}-evil", project.name);
    project.run(&container, "json-file", &[format!("com.docker.compose.service={evil}")]);
    project.say(&container, &["ERROR boom"]);
    let ordctl = Ordctl::configured(&format!("environment: test\ndocker: {{ project: {} }}\n", project.name));
    let (_, report) = ordctl.json(&["logs", "analyze"]);
    let hints: Vec<&str> = report["next"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let hints: Vec<&str> = hints.into_iter().filter(|hint| hint.contains("touch pwn")).collect();
    assert!(!hints.is_empty(), "{report:#}");
    for hint in hints {
        let words = shell_words::split(hint).unwrap();
        assert!(words.iter().any(|word| word == evil), "{hint}");
    }
}

#[test]
fn every_section_reports_its_lines_and_no_others() {
    if left_out("every_section_reports_its_lines_and_no_others", &["docker"]) {
        return;
    }
    let project = Project::new("analyze");
    let api = project.start("api", 1, "json-file");
    let workers = [project.start("worker", 1, "local"), project.start("worker", 2, "json-file")];
    let postgres = project.start("postgres", 1, "json-file");
    project.say(
        &api,
        &[
            "INFO started with timeout=30s, in-memory cache, connection pool of 20",
            r#"{"level":"error","msg":"request 17 failed"}"#,
            r#"{"level":"error","msg":"request 18 failed"}"#,
            r#"{"level":"info","msg":"no ERROR here"}"#,
        ],
    );
    project.say(&workers[0], &["ERROR job 1 lost", "INFO task 5 was slow: 1200 ms"]);
    project.say(&workers[1], &["ERROR job 2 lost", "WARN connection pool exhausted"]);
    project.say(
        &postgres,
        &[
            "2026-01-02 03:04:05.678 UTC [7] LOG:  duration: 1523.120 ms  statement: SELECT pg_sleep(1)",
            "2026-01-02 03:04:05.678 UTC [7] LOG:  duration: 0.120 ms  statement: SELECT quick()",
            "2026-01-02 03:04:06.678 UTC [8] ERROR:  deadlock detected",
            "2026-01-02 03:04:06.678 UTC [8] STATEMENT:  UPDATE t SET a = 'ERROR, slow, out of memory'",
        ],
    );
    let ordctl = project.ordctl(&["api", "worker", "postgres"], "");
    let (code, report) = ordctl.json(&["logs", "analyze"]);
    assert_eq!(code, 1, "{report:#}");

    let errors = summaries(&report, "errors");
    for found in
        ["api: 2 errors in 4 lines", "api: 2× request # failed", "worker: 2× ERROR job # lost", "deadlock"]
    {
        assert!(errors.contains(found), "{found} in\n{errors}");
    }
    assert!(!errors.contains("no ERROR here") && !errors.contains("STATEMENT"), "{errors}");
    let performance = summaries(&report, "performance");
    assert!(performance.contains("worker: 1× INFO task # was slow"), "{performance}");
    assert!(!performance.contains("api") && !performance.contains("postgres"), "{performance}");
    let database = summaries(&report, "database");
    assert!(database.contains("pg_sleep") && database.contains("deadlock detected"), "{database}");
    assert!(!database.contains("quick") && !database.contains("STATEMENT"), "{database}");
    let resources = summaries(&report, "resources");
    assert!(resources.contains("worker: 1× WARN connection pool exhausted"), "{resources}");
    assert!(!resources.contains("api") && !resources.contains("postgres"), "{resources}");
    assert_eq!(section(&report, "security")["status"], "skipped", "no database is configured");

    let all = report["sections"][0]["findings"].as_array().unwrap();
    let histogram = all.iter().find(|f| f["id"].as_str().unwrap().ends_with("by_minute")).unwrap();
    let minutes = histogram["details"]["minutes"].as_object().unwrap();
    assert_eq!(minutes.values().map(|n| n.as_u64().unwrap()).sum::<u64>(), 5, "{histogram}");
    assert!(histogram["summary"].as_str().unwrap().contains('█'), "{histogram}");

    services_times_and_sections_can_be_selected(&ordctl);
}

fn services_times_and_sections_can_be_selected(ordctl: &Ordctl) {
    let (_, report) = ordctl.json(&["logs", "analyze", "worker", "api", "--since", "30m"]);
    assert!(!summaries(&report, "errors").contains("postgres"), "{report:#}");
    assert_eq!(section(&report, "database")["status"], "skipped");
    let of = |args: &[&str]| {
        let (_, report) = ordctl.json(&[&["logs", "analyze", "worker", "--only", "errors"], args].concat());
        section(&report, "errors")["findings"][0]["hint"].as_str().unwrap().to_owned()
    };
    assert!(!of(&[]).contains("--until"), "{}", of(&[]));
    let hint = of(&["--until", "2100-01-02T03:04:05.5Z"]);
    assert!(hint.ends_with("Z --until 2100-01-02T03:04:06Z --level error"), "{hint}");
    // A later section reads the logs itself when it runs alone.
    let (code, report) = ordctl.json(&["logs", "analyze", "--only", "database"]);
    assert_eq!(code, 1);
    assert!(summaries(&report, "database").contains("deadlock detected"), "{report:#}");
    let (code, report) = ordctl.json(&["logs", "analyze", "--since", "1ms", "--skip", "security"]);
    assert_eq!(code, 0, "{report:#}");
    assert!(summaries(&report, "errors").contains("api: 0 errors in 0 lines"), "{report:#}");
}

#[tokio::test]
async fn security_events_are_counted_and_no_value_becomes_sql() {
    if left_out("security_events_are_counted_and_no_value_becomes_sql", &["docker"]) {
        return;
    }
    let database = Database::fresh().await;
    migrations::migrate(&database.store, &Default::default(), &crate::support::consent()).await.unwrap();
    let rows = "INSERT INTO agent (name, scopes) VALUES ('mallory', '{}'); \
        INSERT INTO audit_log (actor_agent_id, action, details, at) \
        SELECT a.id, e.action, e.details::jsonb, now() - e.ago FROM agent a, (VALUES \
            ('login_failed', '{\"from\": \"10.0.0.1\"}', interval '50 minutes'), \
            ('login_failed', '{\"from\": \"10.0.0.2\"}', interval '5 minutes'), \
            ('login_failed', '{\"from\": \"too old\"}', interval '2 hours'), \
            ('agent.refresh_token_reused', NULL, interval '1 minute'), \
            ('task.created', NULL, interval '1 minute'), \
            ('it''s', NULL, interval '1 minute')) AS e (action, details, ago) WHERE a.name = 'mallory'";
    database.execute(rows).await.unwrap();
    let url = format!("postgresql://postgres@127.0.0.1:{}/{}", cluster().port, database.name);
    let ordctl = Ordctl::configured(&format!("database: {{ url: \"{url}\" }}\n"));
    let (code, report) = ordctl.json(&["logs", "analyze", "--only", "security"]);
    assert_eq!(code, 1, "{report:#}");
    let text = summaries(&report, "security");
    assert!(
        text.contains("login_failed: 2, last ") && text.contains("by mallory {\"from\":\"10.0.0.2\"}"),
        "{text}"
    );
    assert!(text.contains("agent.refresh_token_reused: 1"), "{text}");
    assert!(!text.contains("task.created") && !text.contains("too old"), "{text}");

    let only = |actions: &str| {
        let parameter = format!("actions={actions}");
        ordctl.json(&["logs", "analyze", "--only", "security", "-p", &parameter])
    };
    let (code, report) = only("it's");
    assert!(code == 1 && summaries(&report, "security").contains("it's: 1"), "{report:#}");
    let (code, report) = only("x') OR true; DROP TABLE audit_log; --");
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(database.value("SELECT count(*) FROM audit_log").await, "6");
    let output = ordctl.run(&["logs", "analyze", "--since", "1h'; DROP TABLE audit_log; --"]);
    assert_eq!(output.code, 64, "{output:?}");
}
