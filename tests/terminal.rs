//! Text from outside reaches neither the terminal nor a file nor the server's log as control sequences or forged lines.

mod listings;
mod questions;
mod screens;

use serde_json::json;

use crate::support::engine::{Setup, Tables, http};
use crate::support::ordctl::Ordctl;

pub use listings::LOOKS;

/// Clears the screen, writes the clipboard, reverses text and begins a line.
const EVIL: &str = "Pay\u{1b}[2J\u{1b}[1;1H\u{1b}]52;c;aGk=\u{7}ro\u{202e}ll\u{2066}\n2026-01-01T00:00:00Z ERROR forged\u{9b}31m\r";
/// As it is shown.
const SHOWN: &str = "Payroll 2026-01-01T00:00:00Z ERROR forged";

fn is_unsafe(c: char) -> bool {
    (c.is_control() && c != '\t' && c != '\n')
        || matches!(c, '\u{ad}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{200e}'
            | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// What a text would do to a terminal.
fn harm(text: &str) -> Option<String> {
    if let Some(c) = text.chars().find(|c| is_unsafe(*c)) {
        return Some(format!("{c:?}"));
    }
    let forged = text.lines().find(|l| l.starts_with("2026-01-01T00:00:00Z ERROR"));
    forged.map(|line| format!("the line {line:?}"))
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
    assert_eq!(harm(&log), None, "{log}");
    drop(node);
    // A collector's lines are exact, and a terminal does not obey them either.
    let node = Setup::of(&tables.db).node(&["--log-format", "json"]);
    let task = tables.db.value("SELECT id FROM task").await;
    tables.queue(&task, 1).await;
    tables.until("SELECT count(*) FROM task_run WHERE success", "2").await;
    crate::support::eventually("the step is logged", async || node.log().contains("Pay\\u001b[2J")).await;
    assert_eq!(harm(&node.log()), None, "{}", node.log());
    let log = node.log();
    let is_json = |line: &&str| serde_json::from_str::<serde_json::Value>(line).is_ok();
    assert_eq!(log.lines().find(|line| !is_json(line)), None, "{log}");
    assert!(log.contains(r#""message":"started""#), "{log}");
}

/// A start that fails is a line for the collector, too.
#[test]
fn a_failed_start_is_logged_as_json() {
    let ordctl = Ordctl::new().with("DATABASE_URL", "postgresql://postgres@127.0.0.1:1/x");
    let output = ordctl.run(&["serve", "--log-format", "json", "--timeout", "2s"]);
    assert_eq!(output.code, 3, "{output:?}");
    for line in output.err.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["level"], "ERROR", "{output:?}");
    }
    assert!(output.err.contains("127.0.0.1:1"), "{output:?}");
}
