//! Databases whose encoding is not UTF8: a bad row is named, and the others go on.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use ordctl::engine::migrations::migrate;
use serde_json::{Value, json};

use crate::support::engine::{Node, Setup, Tables, http};
use crate::support::ordctl::finding;
use crate::support::postgres::{Database, cluster, value};
use crate::support::systems::{Server, shell};
use crate::support::{DEADLINE, binaries, consent, eventually, left_out, run_until};

const GOOD: u32 = 5;
/// The byte of an é in Latin-1, which is no UTF-8.
const BYTE: &str = r"convert_from('\xe9'::bytea, 'SQL_ASCII')";

async fn encoded(encoding: &str) -> Tables {
    let db = Database::with_encoding(encoding).await;
    migrate(&db.store, &Default::default(), &consent()).await.unwrap();
    Tables { db }
}

/// Tasks that occur every second: good ones, and one for each `column = value`. The scheduler reads them together.
async fn tasks(tables: &Tables, bad: &[(&str, String)]) {
    let insert = |title: &str| {
        format!(
            "INSERT INTO task (title, description, created_by, schedule_kind, schedule_expr, timezone, payload, max_retries)
             VALUES ('{title}', 'd', '00000000-0000-0000-0000-000000000001', 'rrule', 'FREQ=SECONDLY', 'UTC',
                     '{{\"pipeline\": [{{\"id\": \"a\", \"uses\": \"noop\"}}]}}', 0);"
        )
    };
    let mut sql = "BEGIN;".to_owned();
    for (column, value) in bad {
        let title = format!("bad {}", column.split(' ').next().unwrap());
        sql += &insert(&title);
        sql += &format!("UPDATE task SET {column} = {value} WHERE title = '{title}';");
    }
    (0..GOOD).for_each(|n| sql += &insert(&format!("good {n}")));
    tables.db.execute(&(sql + "COMMIT")).await.unwrap();
}

/// Each good task runs at least twice: bad rows stop neither the scheduler nor the worker.
async fn good_tasks_run(tables: &Tables) {
    let ran = "SELECT count(*) FROM (SELECT task_id FROM task_run r JOIN task t ON t.id = r.task_id
                WHERE t.title LIKE 'good%' AND success GROUP BY task_id HAVING count(*) >= 2) AS x";
    tables.until(ran, &GOOD.to_string()).await;
}

async fn task_id(tables: &Tables, title: &str) -> String {
    tables.db.value(&format!("SELECT id FROM task WHERE title = '{title}'")).await
}

async fn get(node: &Node, path: &str) -> Value {
    let answer = http().get(format!("{}{path}", node.http().await)).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

/// The tasks of a listing's items.
fn ids(page: &Value, key: &str) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|i| i[key].as_str().unwrap().to_owned()).collect()
}

fn not_utf8_tasks() -> Vec<(&'static str, String)> {
    let text = format!("'caf' || {BYTE}");
    let step = format!(r#"'{{"pipeline": [{{"id": "a", "uses": "noop", "title": "' || {BYTE} || '"}}]}}'"#);
    vec![
        ("schedule_expr", format!("'FREQ=' || {BYTE}")),
        ("timezone", text.clone()),
        ("payload", format!("({step})::jsonb")),
        ("description", text.clone()),
        ("backoff_strategy", text.clone()),
        ("concurrency_key", text.clone()),
    ]
}

#[tokio::test]
async fn a_row_that_is_not_utf8_stops_no_other() {
    let tables = encoded("SQL_ASCII").await;
    tasks(&tables, &not_utf8_tasks()).await;
    let hold = format!("UPDATE ordctl.engine SET held_because = 'caf' || {BYTE}");
    tables.db.execute(&hold).await.unwrap();
    let setup = Setup::of(&tables.db);
    let node = setup.node(&[]);
    good_tasks_run(&tables).await;
    // The ones that cannot run say why, in the table and with their ID in the log.
    for (title, sql) in [
        ("schedule_expr", "SELECT error FROM ordctl.schedule WHERE task_id = 'ID'"),
        ("timezone", "SELECT error FROM ordctl.schedule WHERE task_id = 'ID'"),
        ("payload", "SELECT error FROM task_run WHERE task_id = 'ID' LIMIT 1"),
    ] {
        let id = task_id(&tables, &format!("bad {title}")).await;
        let error = format!("{title} is not UTF-8");
        tables.until(&format!("SELECT ({}) LIKE '{error}%'", sql.replace("ID", &id)), "true").await;
        let log = node.log();
        assert!(log.lines().any(|l| l.contains(&id) && l.contains(&error)), "{title} is named: {log}");
    }
    // The others run: what is not UTF-8 there is only compared or displayed. A key is freed after each run.
    for title in ["bad description", "bad backoff_strategy", "bad concurrency_key"] {
        let id = task_id(&tables, title).await;
        let ran = format!("SELECT count(*) >= 2 FROM task_run WHERE task_id = '{id}' AND success");
        tables.until(&ran, "true").await;
    }
    listings_have_every_row(&tables, &setup, &node).await;
    let report = setup.ordctl().json(&["doctor"]).1;
    let summary = finding(&report, "postgres.encoding.not_utf8")["summary"].as_str().unwrap().to_owned();
    for (column, _) in not_utf8_tasks() {
        let id = task_id(&tables, &format!("bad {column}")).await;
        assert!(summary.contains(&id) && summary.starts_with("Text that is not UTF-8: 6 tasks"), "{summary}");
    }
    warned(&setup, &node, "SQL_ASCII");
}

async fn listings_have_every_row(tables: &Tables, setup: &Setup, node: &Node) {
    let id = task_id(tables, "bad description").await;
    let mark = "caf\u{fffd}";
    let page = get(node, "/tasks?limit=100").await;
    assert_eq!(ids(&page, "id").len(), 6 + GOOD as usize, "{page}");
    assert_eq!(get(node, &format!("/tasks/{id}")).await["description"], mark);
    let edit = http().put(format!("{}/tasks/{id}", node.http().await)).json(&json!({ "priority": 3 }));
    let edited: Value = edit.send().await.unwrap().json().await.unwrap();
    assert_eq!((&edited["priority"], &edited["description"]), (&json!(3), &json!(mark)), "{edited}");
    let error = format!("'caf' || {BYTE}");
    let set = format!("UPDATE task_run SET error = {error} WHERE task_id = '{id}'");
    tables.db.execute(&set).await.unwrap();
    let runs = get(node, &format!("/runs?task_id={id}&include_errors=true")).await;
    assert!(runs["items"].as_array().unwrap().iter().any(|run| run["error"] == mark), "{runs}");
    let ordctl = setup.ordctl();
    for command in [["task", "list"], ["runs", "list"], ["queue", "status"], ["queue", "workers"]] {
        let output = ordctl.run(&command);
        assert!(output.code <= 2 && !output.err.contains("error:"), "{command:?}: {output:?}");
    }
    let (code, list) = ordctl.json(&["task", "list"]);
    assert_eq!((code, list.to_string().matches("bad ").count()), (0, 6), "{list}");
    let shown = ordctl.json(&["task", "show", &id]).1;
    assert!(shown.to_string().contains(mark), "{shown}");
}

#[tokio::test]
async fn a_condition_that_is_not_utf8_is_unknown_and_stops_no_other() {
    let tables = encoded("SQL_ASCII").await;
    let of = |expr: &str| format!("(schedule_kind, schedule_expr) = ('condition', {expr})");
    let noop = [r#"{"uses": "noop"}"#.to_owned()];
    let bad = tables.task(&noop, &of(&format!("'query: caf' || {BYTE} || ' > 0 every 1s'"))).await;
    let good = tables.task(&noop, &of("'query: one > 0 every 1s'")).await;
    let node = Setup::of(&tables.db).query("one", "-- One.\nSELECT 1 AS value").node(&[]);
    tables.until(&format!("SELECT count(*) FROM task_run WHERE task_id = '{good}' AND success"), "1").await;
    let error = "schedule_expr is not UTF-8";
    let has_error = format!("error LIKE '{error}%' AND task_id = '{bad}'");
    tables.until(&format!("SELECT count(*) FROM ordctl.condition WHERE {has_error}"), "1").await;
    let log = node.log();
    assert!(log.lines().any(|l| l.contains(&bad) && l.contains(error)), "it is named: {log}");
}

/// Neither a step nor a run computes with replacement characters.
#[tokio::test]
async fn a_run_that_reads_text_that_is_not_utf8_fails() {
    let tables = encoded("SQL_ASCII").await;
    let step = r#"{"uses": "sql.query", "with": {"query": "text"}, "save_as": "text"}"#;
    let queries = tables.task(&[step.to_owned()], "max_retries = 0").await;
    let triggered = tables.task(&[r#"{"uses": "noop"}"#.to_owned()], "max_retries = 0").await;
    let query = "-- Text.\n-- task: yes\nSELECT convert_from('\\xe9'::bytea, 'SQL_ASCII') AS text";
    let _node = Setup::of(&tables.db).query("text", query).node(&[]);
    let event = format!(r#"('{{"payload": "' || {BYTE} || '"}}')::jsonb"#);
    let insert =
        format!("INSERT INTO due_work (task_id, run_at, event) VALUES ('{triggered}', now(), {event})");
    tables.db.execute(&insert).await.unwrap();
    tables.queue(&queries, 1).await;
    tables.drained().await;
    for (task, error) in [(queries, "a row is not UTF-8"), (triggered, "event is not UTF-8")] {
        let stored = tables.db.value(&format!("SELECT error FROM task_run WHERE task_id = '{task}'")).await;
        assert!(stored.contains(error), "{stored}");
    }
}

/// The reaper frees a concurrency key that is not UTF-8.
#[tokio::test]
async fn a_key_that_is_not_utf8_is_freed_after_a_crash() {
    let tables = encoded("SQL_ASCII").await;
    let set = format!("max_retries = 0, concurrency_key = 'caf' || {BYTE}");
    let long = tables
        .task(&[r#"{"uses": "wait", "with": {"seconds": 600}, "timeout_seconds": 900}"#.to_owned()], &set)
        .await;
    let next = tables.task(&[r#"{"uses": "noop"}"#.to_owned()], &set).await;
    let setup = Setup::of(&tables.db);
    let mut node = setup.node(&[]);
    tables.queue(&long, 1).await;
    tables.until("SELECT count(*) FROM due_work WHERE lease_token IS NOT NULL", "1").await;
    tables.queue(&next, 1).await;
    tables.until("SELECT count(*) FROM due_work WHERE parked = 'key'", "1").await;
    node.kill();
    let _other = setup.node(&[]);
    tables.until(&format!("SELECT count(*) FROM task_run WHERE success AND task_id = '{next}'"), "1").await;
}

/// An event that a program wrote in another encoding does not block the outbox.
#[tokio::test]
async fn an_event_that_is_not_utf8_is_relayed_and_named() {
    if left_out("an_event_that_is_not_utf8_is_relayed_and_named", &["redis-server"]) {
        return;
    }
    let tables = encoded("SQL_ASCII").await;
    let redis = Server::start(
        "redis-server",
        "redis-server --port PORT --bind 127.0.0.1 --save ''",
        &[],
        "redis-cli -p PORT ping",
    );
    let mut setup = Setup::of(&tables.db);
    setup.more = format!("redis: {{ url: \"redis://127.0.0.1:{}/0\" }}\n", redis.port);
    let insert = "INSERT INTO ordctl.event (id, topic, payload) VALUES (gen_random_uuid(),";
    let payload = format!(r#"('{{"a": "' || {BYTE} || '"}}')::jsonb"#);
    tables.db.execute(&format!("{insert} 'bad', {payload}); {insert} 'good', '{{}}')")).await.unwrap();
    let node = setup.node(&[]);
    tables.until("SELECT count(*) FROM ordctl.event WHERE stream_id IS NOT NULL", "2").await;
    let entries = shell(&format!("redis-cli -p {} --raw XRANGE events - +", redis.port));
    assert!(entries.contains("{\"a\": \"\u{fffd}\"}") && entries.contains("good"), "{entries}");
    let id = tables.db.value("SELECT id FROM ordctl.event WHERE topic = 'bad'").await;
    let log = node.log();
    assert!(log.lines().any(|l| l.contains(&id) && l.contains("not UTF-8")), "it is named: {log}");
}

/// `doctor`, `migrate` and the log of `serve` name the encoding; the hint is a command.
fn warned(setup: &Setup, node: &Node, encoding: &str) {
    let start = format!("Encoding: {encoding}, UTF8 is expected, ");
    let ordctl = setup.ordctl();
    let doctor = ordctl.json(&["doctor"]).1;
    let found = finding(&doctor, "postgres.encoding");
    assert_eq!(found["status"], "warn", "{found}");
    assert!(found["summary"].as_str().unwrap().starts_with(&start), "{found}");
    assert!(found["hint"].as_str().unwrap().starts_with("ordctl hold --yes && pg_dump --host="), "{found}");
    for arguments in [["migrate", "--check"], ["migrate", "--yes"]] {
        let (code, report) = ordctl.json(&arguments);
        let found = finding(&report, "encoding");
        assert_eq!((code, found["status"].as_str()), (1, Some("warn")), "{report}");
        assert!(found["summary"].as_str().unwrap().starts_with(&start), "{found}");
    }
    assert!(node.log().contains(&start), "{}", node.log());
}

/// A step that prints characters of Latin-1 and others, and exits with this code. Its own text is ASCII.
fn prints(code: u32) -> String {
    let script =
        format!(r"printf 'caf\\303\\251 \\342\\206\\222 \\346\\274\\242' | tee /dev/stderr; exit {code}");
    format!(
        r#"{{"uses": "shell.exec", "with": {{"program": "/bin/sh", "args": ["-c", "{script}"]}}, "save_as": "printed"}}"#
    )
}

const PRINTED: &str = "caf\u{e9} <U+2192> <U+6F22>";

#[tokio::test]
async fn results_that_latin1_cannot_store_keep_their_outcome() {
    let tables = encoded("LATIN1").await;
    let done = tables.task(&[prints(0)], "max_retries = 0").await;
    let failed = tables.task(&[prints(7)], "max_retries = 1, backoff_strategy = 'fixed'").await;
    let plain = tables.task(&[r#"{"uses": "noop"}"#.to_owned()], "max_retries = 0").await;
    let setup = Setup::of(&tables.db);
    let node = setup.node(&[]);
    for task in [&plain, &done, &plain, &failed, &plain] {
        tables.queue(task, 1).await;
    }
    tables.drained().await;
    let runs = async |task: &str| {
        let runs = "string_agg(concat_ws(' ', attempt, success, final), ', ' ORDER BY attempt)";
        tables.db.value(&format!("SELECT {runs} FROM task_run WHERE task_id = '{task}'")).await
    };
    assert_eq!(runs(&plain).await, "1 t t, 1 t t, 1 t t");
    assert_eq!(runs(&done).await, "1 t t");
    assert_eq!(runs(&failed).await, "1 f f, 2 f t");
    let output = "SELECT output->'steps'->'printed'->>'stdout' FROM task_run WHERE task_id =";
    assert_eq!(tables.db.value(&format!("{output} '{done}'")).await, PRINTED);
    let page = get(&node, &format!("/runs?task_id={failed}&include_errors=true")).await;
    let errors: Vec<&str> =
        page["items"].as_array().unwrap().iter().map(|r| r["error"].as_str().unwrap()).collect();
    assert!(errors.len() == 2 && errors.iter().all(|e| e.contains(PRINTED)), "{errors:?}");
    let event = http().post(format!("{}/events", node.http().await)).json(&json!({ "topic": "\u{2192}" }));
    assert_eq!(event.send().await.unwrap().status(), 422, "a caller's text is refused, not changed");
    warned(&setup, &node, "LATIN1");
}

/// The error of an invalid schedule quotes it in capitals, and Latin-1 has ÿ, but not Ÿ.
#[tokio::test]
async fn a_schedule_error_that_latin1_cannot_store_stops_no_other() {
    let tables = encoded("LATIN1").await;
    tasks(&tables, &[("schedule_expr", "'FREQ=' || chr(255)".to_owned())]).await;
    let _node = Setup::of(&tables.db).node(&[]);
    good_tasks_run(&tables).await;
    let bad = task_id(&tables, "bad schedule_expr").await;
    let error = format!("SELECT error LIKE '%<U+0178>%' FROM ordctl.schedule WHERE task_id = '{bad}'");
    tables.until(&error, "true").await;
}

/// Prometheus answers with an error in characters that Latin-1 lacks.
#[tokio::test]
async fn a_condition_error_that_latin1_cannot_store_is_recorded() {
    let tables = encoded("LATIN1").await;
    let set = "schedule_kind = 'condition', schedule_expr = 'promql: scheduler_lag > 1 every 1s'";
    let task = tables.task(&[r#"{"uses": "noop"}"#.to_owned()], set).await;
    let mut setup = Setup::of(&tables.db);
    setup.more = format!("prometheus: {{ url: \"http://127.0.0.1:{}\" }}\n", failing_prometheus());
    let node = setup.node(&[]);
    let recorded =
        "SELECT count(*) FROM ordctl.condition WHERE error LIKE '%not a <U+2192> query%' AND task_id =";
    tables.until(&format!("{recorded} '{task}'"), "1").await;
    // The same error is logged once, although it is stored with other characters.
    let first = tables.db.value("SELECT checked_at FROM ordctl.condition").await;
    let again = format!("SELECT checked_at > '{first}'::timestamptz + interval '3 s' FROM ordctl.condition");
    tables.until(&again, "true").await;
    assert_eq!(node.log().matches("condition is unknown").count(), 1, "{}", node.log());
}

/// Every query is understood there, and a reason is stored with the code points of characters that it lacks.
#[tokio::test]
async fn reports_and_holds_work_on_a_latin1_database() {
    let tables = encoded("LATIN1").await;
    let ordctl = Setup::of(&tables.db).ordctl();
    let reports: [&[&str]; 3] = [&["health", "morning"], &["health", "evening"], &["capacity"]];
    for args in reports {
        let report = ordctl.json(args).1.to_string();
        assert!(!report.contains("has no equivalent"), "{args:?}: {report}");
    }
    let held = ordctl.run(&["hold", "--yes", "--reason", "\u{6f22} \u{2192} b"]);
    assert_eq!(held.code, 0, "{held:?}");
    let reason = tables.db.value("SELECT held_because FROM ordctl.engine").await;
    assert_eq!(reason, "<U+6F22> <U+2192> b");
}

/// The start names Ordinaut's workers, whatever bytes their ids have.
#[tokio::test]
async fn a_heartbeat_that_is_not_utf8_is_named_at_the_start() {
    let tables = encoded("SQL_ASCII").await;
    let beat = format!("INSERT INTO worker_heartbeat (worker_id, last_seen) VALUES ('caf' || {BYTE}, now())");
    tables.db.execute(&beat).await.unwrap();
    let ordctl = Setup::of(&tables.db).ordctl();
    let mut child = ordctl.spawn(&["serve"]);
    let mut stderr = child.stderr.take().unwrap();
    assert_eq!(run_until(child, DEADLINE).code(), Some(4));
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    assert!(said.contains("Ordinaut workers are running on this database: caf\u{fffd}"), "{said}");
}

/// Such a row fails the claim itself, in which no outcome takes part: the lanes say so and do not spin.
#[tokio::test]
async fn a_claim_that_the_encoding_fails_is_an_outage_of_the_lanes() {
    let tables = encoded("WIN1252").await;
    let task = tables.task(&[r#"{"uses": "noop"}"#.to_owned()], "concurrency_key = chr(129)").await;
    tables.queue(&task, 1).await;
    let node = Setup::of(&tables.db).node(&["--role", "worker"]);
    eventually("the lanes say why they do not work", async || {
        let log = node.log();
        log.lines().any(|line| line.contains("lost, reconnecting") && line.contains("0x81"))
    })
    .await;
}

fn failing_prometheus() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let body = r#"{"status": "error", "errorType": "bad_data", "error": "not a \u2192 query"}"#;
    let answer = format!(
        "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    // The thread ends with the process.
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let asked = stream.read(&mut [0; 4096]);
            drop(asked.and_then(|_| stream.write_all(answer.as_bytes())));
        }
    });
    port
}

#[tokio::test]
async fn a_loop_error_that_latin1_cannot_store_is_reported() {
    let tables = encoded("LATIN1").await;
    let mut setup = Setup::of(&tables.db);
    setup.more = "redis: { url: \"unix:///nonexistent/\u{2192}.sock\" }\n".to_owned();
    let _node = setup.node(&[]);
    let reported =
        "SELECT count(*) FROM ordctl.loop_progress WHERE loop = 'relay' AND error LIKE '%<U+2192>%'";
    tables.until(reported, "1").await;
}

/// Runs the hint of `migrate --check` in an empty folder; whether it succeeds.
fn copied(tables: &Tables) -> bool {
    let setup = Setup::of(&tables.db);
    let ordctl = setup.ordctl();
    let report = ordctl.json(&["migrate", "--check"]).1;
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", finding(&report, "encoding")["hint"].as_str().unwrap()]).current_dir(ordctl.home());
    let own = Path::new(env!("CARGO_BIN_EXE_ordctl")).parent().unwrap();
    // Its environment chooses the configuration; the hint itself chooses the server.
    shell.envs(ordctl.command(&[]).get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.env("PATH", format!("{}:{}:/usr/bin:/bin", own.display(), binaries().display()));
    shell.output().unwrap().status.success()
}

/// Stored text is unchanged in the copy that the hint makes; one with text that is not UTF-8 is not made.
#[tokio::test]
async fn the_hint_copies_the_database_into_one_with_utf8() {
    for (encoding, title, stored) in [
        ("LATIN1", "chr(233)", "\u{e9}"),
        ("SQL_ASCII", "convert_from('\\xc3a9'::bytea, 'SQL_ASCII')", "\u{e9}"),
        ("SQL_ASCII", BYTE, ""),
    ] {
        let tables = encoded(encoding).await;
        tables.task(&[], &format!("title = {title}")).await;
        let name = format!("{}_utf8", tables.db.name);
        assert_eq!(copied(&tables), !stored.is_empty(), "{encoding} {title}");
        if stored.is_empty() {
            let found = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
            assert_eq!(tables.db.value(&found).await, "0");
            continue;
        }
        let copy = cluster().store("postgres", &name);
        assert_eq!(value(&copy, "SELECT current_setting('server_encoding')").await, "UTF8");
        assert_eq!(value(&copy, "SELECT title FROM task").await, stored);
    }
}
