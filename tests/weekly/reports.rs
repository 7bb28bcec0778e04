//! `--report FILE`: every format, also of runs that fail.

use serde_json::Value;

use super::{left, prepared};
use crate::support::eventually;
use crate::support::ordctl::Ordctl;

fn weekly(ordctl: &Ordctl, file: &str, more: &[&str]) -> (i32, Option<String>, String) {
    let args: Vec<&str> = ["maintain", "weekly", "--report", file].iter().chain(more).copied().collect();
    let output = ordctl.run(&args);
    (output.code, std::fs::read_to_string(ordctl.home().join(file)).ok(), output.err)
}

#[tokio::test]
async fn the_file_extension_selects_the_report_format() {
    let (_database, ordctl) = prepared().await;
    for (file, holds) in [
        ("r.txt", "\nReclaimed\n"),
        ("r.md", "## Reclaimed"),
        ("r.json", "\"schema_version\": 1"),
        ("r.yaml", "schema_version: 1"),
        ("r.yml", "schema_version: 1"),
        ("r.XML", "<testsuite name=\"Reclaimed\""),
        ("r.prom", "ordctl_report_status{report=\"maintain/weekly\""),
    ] {
        let (code, text, err) = weekly(&ordctl, file, &["--yes", "--skip", "analyze", "--quiet"]);
        let text = text.unwrap_or_default();
        assert!(code == 0 && text.contains(holds) && !text.contains('\u{1b}'), "{file}: {err}\n{text}");
    }
    let json: Value =
        serde_json::from_str(&std::fs::read_to_string(ordctl.home().join("r.json")).unwrap()).unwrap();
    assert_eq!((json["name"].as_str(), json["kind"].as_str()), (Some("maintain/weekly"), Some("act")));
    let left: Vec<String> = std::fs::read_dir(ordctl.home())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(!left.iter().any(|n| n.ends_with(".tmp")), "{left:?}");
    // Other commands with a report have the flag, too.
    ordctl.run(&["health", "morning", "--only", "queue", "--report", "queue.json"]);
    let text = std::fs::read_to_string(ordctl.home().join("queue.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["name"], "health/morning");
}

#[tokio::test]
async fn a_failed_or_refused_run_writes_its_report() {
    let (database, ordctl) = prepared().await;
    let read = |text: Option<String>| serde_json::from_str::<Value>(&text.unwrap()).unwrap();
    let (code, text, _) = weekly(&ordctl, "r.json", &["--dry-run"]);
    assert_eq!((code, read(text)["kind"].as_str()), (0, Some("dryrun")));
    let (code, text, _) = weekly(&ordctl, "r.json", &[]);
    let refused = read(text);
    assert_eq!((code, refused["status"].as_str()), (4, Some("crit")), "{refused}");
    assert_eq!(refused["sections"][0]["findings"][0]["id"], "fault");

    let mut other = database.store.postgres().session().await.unwrap();
    let hold = other.transaction().await.unwrap();
    hold.batch_execute("LOCK TABLE task IN SHARE MODE").await.unwrap();
    let (code, text, _) = weekly(&ordctl, "r.json", &["--yes", "--only", "task"]);
    let failed = read(text);
    assert_eq!(
        (code, failed["kind"].as_str(), failed["status"].as_str()),
        (2, Some("act"), Some("crit")),
        "{failed}"
    );
}

/// An old report must not pass for the report of a killed run.
#[tokio::test]
async fn a_killed_run_replaces_an_older_report() {
    let (database, ordctl) = prepared().await;
    let file = ordctl.home().join("r.json");
    std::fs::write(&file, "last week's").unwrap();
    let mut other = database.store.postgres().session().await.unwrap();
    let hold = other.transaction().await.unwrap();
    hold.batch_execute("LOCK TABLE task IN SHARE MODE").await.unwrap();
    let mut child = ordctl.spawn(&["maintain", "weekly", "--yes", "--only", "task", "--report", "r.json"]);
    let read = || std::fs::read_to_string(&file).unwrap();
    eventually("the run has started", async || read().contains("\"unfinished\"")).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let left: Value = serde_json::from_str(&read()).unwrap();
    let finding = &left["sections"][0]["findings"][0];
    assert_eq!(
        (&left["status"], &finding["hint"]),
        (&"unknown".into(), &"ordctl run maintain/weekly --resume".into())
    );
}

#[test]
fn the_report_is_written_when_stdout_is_full() {
    let ordctl = Ordctl::new();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let args = ["health", "morning", "--only", "memory", "--report", "r.json"];
    let status = ordctl.command(&args).stdout(full).stderr(std::process::Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(2));
    assert!(std::fs::read_to_string(ordctl.home().join("r.json")).unwrap().contains("memory"));
}

#[tokio::test]
async fn an_unwritable_report_file_is_an_error_before_the_run() {
    let (database, ordctl) = prepared().await;
    let before = left(&database).await;
    std::fs::create_dir(ordctl.home().join("taken.md")).unwrap();
    for file in ["nowhere/r.md", "taken.md"] {
        let (code, _, err) = weekly(&ordctl, file, &["--yes"]);
        assert_eq!(code, 4, "{err}");
        assert!(err.contains(&format!("cannot write {file}")) && err.contains("nothing was done"), "{err}");
    }
    for file in ["r", "r.pdf"] {
        let (code, text, err) = weekly(&ordctl, file, &["--yes"]);
        assert!(
            code == 64 && text.is_none() && err.contains("txt, md, json, yaml, xml (JUnit) or prom"),
            "{err}"
        );
    }
    assert_eq!(left(&database).await, before);
}
