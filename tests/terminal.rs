//! Text from outside reaches neither the terminal nor the server's log as control sequences or forged lines.

use serde_json::json;

use crate::support::engine::{Setup, Tables, http};
use crate::support::ordctl::CommandOutput;

/// Clears the screen, writes the clipboard, reverses text and begins a line.
const EVIL: &str = "Pay\u{1b}[2J\u{1b}[1;1H\u{1b}]52;c;aGk=\u{7}ro\u{202e}ll\u{2066}\n2026-01-01T00:00:00Z ERROR forged\u{9b}31m\r";
/// As it is shown.
const SHOWN: &str = "Payroll 2026-01-01T00:00:00Z ERROR forged";

fn is_unsafe(c: char) -> bool {
    (c.is_control() && c != '\t' && c != '\n')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}' | '\u{feff}')
}

fn assert_clean(args: &[&str], output: &CommandOutput) {
    for text in [&output.out, &output.err] {
        assert!(!text.contains(is_unsafe), "{args:?}: {:?}", text.chars().find(|c| is_unsafe(*c)));
        assert!(!text.lines().any(|l| l.starts_with("2026-01-01T00:00:00Z ERROR")), "{args:?}: {text}");
    }
}

#[tokio::test]
async fn no_listing_and_no_report_obeys_text_from_outside() {
    let tables = Tables::new().await;
    let setup = Setup::of(&tables.db);
    let task = tables.task(&[], "").await;
    let evil = EVIL.replace('\'', "''");
    tables
        .db
        .execute(&format!(
            "UPDATE task SET title = '{evil}', description = '{evil}', schedule_expr = '{evil}';
             INSERT INTO agent (name, scopes) VALUES ('{evil}', '{{tasks:read}}');
             INSERT INTO task_run (task_id, started_at, finished_at, success, error, attempt, occurrence, final)
               VALUES ('{task}', now(), now(), false, '{evil}', 1, gen_random_uuid(), true);
             INSERT INTO ordctl.event (id, topic, payload, published_by)
               VALUES (gen_random_uuid(), left('{evil}', 100), '{{}}', 'test')"
        ))
        .await
        .unwrap();
    let ordctl = setup.ordctl();
    let hold = ordctl.run(&["hold", "--reason", EVIL, "--yes"]);
    assert_eq!(hold.code, 0, "{hold:?}");
    assert_clean(&["hold"], &hold);
    let id = task.as_str();
    for args in [
        &["task", "list"] as &[&str],
        &["task", "show", id],
        &["task", "pause", EVIL, "--yes"],
        &["task", "pause", id, "--dry-run"],
        &["runs", "list"],
        &["runs", "logs"],
        &["agent", "list"],
        &["queue", "status"],
        &["queue", "failed"],
        &["health", "morning"],
        &["resume", "--dry-run"],
    ] {
        for format in ["text", "markdown", "yaml", "json"] {
            let all: Vec<&str> = args.iter().copied().chain(["-o", format]).collect();
            assert_clean(&all, &ordctl.run(&all));
        }
    }
    let list = ordctl.run(&["task", "list"]);
    assert!(list.out.contains(SHOWN), "{list:?}");
    let (_, exact) = ordctl.json(&["task", "list"]);
    assert_eq!(exact["tasks"][0]["title"], EVIL, "JSON is exact");
}

#[tokio::test]
async fn no_text_from_outside_forges_a_line_of_the_servers_log() {
    let tables = Tables::new().await;
    let node = Setup::of(&tables.db).node(&[]);
    let url = node.http().await;
    let step = json!({ "uses": "log", "with": { "message": EVIL } });
    let task = json!({ "title": EVIL, "description": "d", "schedule_kind": "event", "schedule_expr": "t",
        "payload": { "pipeline": [step] } });
    let created = http().post(format!("{url}/tasks")).json(&task).send().await.unwrap();
    assert_eq!(created.status().as_u16(), 201);
    let event = json!({ "topic": "t", "payload": { "text": EVIL } });
    http().post(format!("{url}/events")).json(&event).send().await.unwrap();
    tables.until("SELECT count(*) FROM task_run WHERE success", "1").await;
    let log = node.log();
    assert!(log.contains(SHOWN), "{log}");
    assert!(!log.contains(is_unsafe) && !log.lines().any(|l| l.starts_with("2026-01-01")), "{log}");
}
