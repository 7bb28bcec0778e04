//! `runs tail`: the latest ends, and those that follow.

use std::io::{BufRead, BufReader};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::DEADLINE;
use crate::support::engine::{Setup, Tables};

/// Old runs, of which run N ended N seconds ago.
async fn old_runs(tables: &Tables, count: u32) -> String {
    let task = tables.task(&[], "title = 'Report'").await;
    let sql = format!(
        "INSERT INTO task_run (id, task_id, started_at, finished_at, success, error, attempt)
         SELECT gen_random_uuid(), '{task}', now() - n * interval '1 s' - interval '1 ms', now() - n * interval '1 s',
                false, 'old ' || n, 1
           FROM generate_series(1, {count}) AS n"
    );
    tables.db.execute(&sql).await.unwrap();
    task
}

/// The next line must hold this word. A missing line fails at the deadline.
fn expect(lines: &Receiver<String>, word: &str) {
    let line = lines.recv_timeout(DEADLINE).unwrap_or_else(|e| panic!("no line with '{word}': {e}"));
    assert!(line.ends_with(word), "'{line}' instead of '{word}'");
}

#[tokio::test]
async fn following_runs_shows_new_ends_and_no_old_ones() {
    let tables = Tables::new().await;
    let ordctl = Setup::of(&tables.db).ordctl();
    // More than a page of young runs, whose ends lie so close together that a look back meets them again.
    let task = old_runs(&tables, 150).await;
    let close = format!(
        "INSERT INTO task_run (id, task_id, started_at, finished_at, success, error, attempt)
         SELECT gen_random_uuid(), '{task}', now() - interval '1 h', now() - n * interval '1 ms', false, 'close ' || n, 1
           FROM generate_series(1, 2500) AS n"
    );
    tables.db.execute(&close).await.unwrap();
    let mut child = ordctl.spawn(&["runs", "tail", "-n", "5", "--follow"]);
    let (to, lines) = channel();
    let out = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| to.send(line)));
    for n in (1..=5).rev() {
        expect(&lines, &format!("close {n}"));
    }
    let end = |error: &str, started: &str, finished: &str| {
        let sql = format!(
            "INSERT INTO task_run (id, task_id, started_at, finished_at, success, error, attempt)
             VALUES (gen_random_uuid(), '{task}', now() - interval '{started}', {finished}, false, '{error}', 1)"
        );
        let db = &tables.db;
        async move { db.execute(&sql).await.unwrap() }
    };
    end("a run that started long ago", "3 days", "now()").await;
    expect(&lines, "a run that started long ago");
    // The worker's statement committed a moment after one with a later end.
    end("late", "1 s", "now() - interval '2 s'").await;
    expect(&lines, "late");
    end("imported from an old table", "1 s", "'2026-01-02 03:04:05'::timestamptz").await;
    end("last", "1 s", "now()").await;
    expect(&lines, "last");
    assert!(lines.recv_timeout(Duration::from_millis(1)).is_err(), "nothing comes twice");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[tokio::test]
async fn the_latest_ends_are_shown_in_every_format() {
    let tables = Tables::new().await;
    let ordctl = Setup::of(&tables.db).ordctl();
    let task = old_runs(&tables, 3).await;
    let errors = |args: &[&str]| {
        let output = ordctl.run(&[&["runs", "tail"], args].concat());
        assert_eq!(output.code, 0, "{output:?}");
        output.out
    };
    // It started before the newest 1,000 and ended last.
    let long = format!(
        "INSERT INTO task_run (id, task_id, started_at, finished_at, success, attempt, output)
         VALUES (gen_random_uuid(), '{task}', now() - interval '3 days', now(), true, 1, '{{\"n\": 1}}')"
    );
    tables.db.execute(&long).await.unwrap();
    let text = errors(&["-n", "2"]);
    assert!(text.lines().count() == 2 && text.lines().next().unwrap().ends_with("old 1"), "{text}");
    assert!(text.lines().last().unwrap().contains(" ok "), "{text}");
    let last: serde_json::Value = serde_json::from_str(errors(&["-n", "1", "-o", "json"]).trim()).unwrap();
    assert_eq!((&last["output"]["n"], &last["task_id"]), (&1.into(), &task.clone().into()));
    let yaml = errors(&["-n", "2", "-o", "yaml"]);
    assert_eq!(yaml.lines().filter(|line| *line == "---").count(), 2, "{yaml}");
    assert!(yaml.contains("error: old 1"), "{yaml}");
    assert_eq!(errors(&["-n", "0"]), "");
    let output = ordctl.run(&["runs", "tail", "-o", "markdown"]);
    assert_eq!(output.code, 64, "{output:?}");
}
