//! Output formats, and outputs besides standard output.

use std::io::Write;
use std::os::unix::fs::chown;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::engine::Setup;
use crate::support::left_out;
use crate::support::ordctl::{Ordctl, finding, migrated};
use crate::support::postgres::cluster;
use crate::support::systems::{free_port, until};
use crate::support::web::Web;
use crate::support::{Guard, User};

#[tokio::test]
async fn every_format_is_valid_and_has_the_same_content() {
    if left_out("every_format_is_valid_and_has_the_same_content", &["prometheus"]) {
        return;
    }
    let (_database, ordctl) = migrated().await;
    let run = |format: &str| {
        let output = ordctl.run(&["health", "morning", "--only", "workers", "--only", "queue", "-o", format]);
        assert_eq!(output.code, 2, "no worker: {output:?}");
        assert!(output.err.is_empty(), "{output:?}");
        output.out
    };
    let json: Value = serde_json::from_str(&run("json")).unwrap();
    assert_eq!(json["status"], "crit");
    let yaml = run("yaml");
    assert!(yaml.contains("schema_version: 1\n") && yaml.contains("status: crit\n"), "{yaml}");
    assert!(
        run("markdown").contains("| **critical** | Active workers: 0, no heartbeat within 2m | postgresql |")
    );
    let junit = run("junit");
    assert!(
        junit.contains("<testsuite name=\"Workers\" tests=\"1\"") && junit.contains("failures=\"1\""),
        "{junit}"
    );
    let nagios = run("nagios");
    let first = nagios.lines().next().unwrap();
    assert!(
        first.starts_with("HEALTH MORNING CRITICAL - Active workers: 0, no heartbeat within 2m | "),
        "{first}"
    );
    assert!(first.contains("'queue.queue.due'=0;500;1000"), "{first}");
    let text = run("text");
    assert!(text.contains("critical Active workers: 0") && !text.contains('\u{1b}'), "{text}");

    let metrics = run("prometheus");
    assert!(metrics.contains("ordctl_finding_value{report=\"health/morning\",environment=\"default\",finding=\"queue.queue.due\",unit=\"items\"} 0\n"));
    let mut check = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool: apt-get install prometheus");
    check.stdin.take().unwrap().write_all(metrics.as_bytes()).unwrap();
    let output = check.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[tokio::test]
async fn quiet_prints_only_findings_that_are_not_ok() {
    let (_database, ordctl) = migrated().await;
    let good = ordctl.run(&["health", "morning", "--only", "queue", "--quiet"]);
    assert_eq!((good.code, good.out.as_str(), good.err.as_str()), (0, "", ""));
    let bad = ordctl.run(&["health", "morning", "--only", "queue", "--only", "workers", "--quiet"]);
    assert!(bad.out.contains("Active workers: 0") && !bad.out.contains("Due: "), "{bad:?}");
}

#[tokio::test]
async fn color_is_for_terminals_unless_requested() {
    let (_database, ordctl) = migrated().await;
    let queue = ["health", "morning", "--only", "queue"];
    assert!(!ordctl.run(&queue).out.contains('\u{1b}'));
    let asked: Vec<&str> = queue.into_iter().chain(["--color", "always"]).collect();
    assert!(ordctl.run(&asked).out.contains("\u{1b}["));
}

#[tokio::test]
async fn a_report_reaches_a_metrics_file_and_a_dead_man_switch() {
    let (_database, ordctl) = migrated().await;
    let web = Web::start();
    let url = format!("http://127.0.0.1:{}/ping", web.port);
    let run = |section: &str| {
        ordctl.run(&["health", "morning", "--only", section, "--ping", &url, "--textfile", "ordctl.prom"])
    };
    assert_eq!(run("queue").code, 0);
    assert_eq!(run("workers").code, 2);
    assert_eq!(web.asked(), ["/ping", "/ping/fail"]);
    let text = std::fs::read_to_string(ordctl.home().join("ordctl.prom")).unwrap();
    assert!(
        text.contains("ordctl_report_status{report=\"health/morning\",environment=\"default\"} 2\n"),
        "{text}"
    );
    let left = std::fs::read_dir(ordctl.home()).unwrap().count();
    assert_eq!(left, 1, "no temporary file is left behind");

    let output = ordctl.run(&["health", "morning", "--only", "queue", "--ping", "http://127.0.0.1:1/"]);
    assert_eq!(output.code, 0, "the verdict stands");
    assert!(output.err.contains("warning: --ping"), "{output:?}");
    let output = ordctl.run(&["health", "morning", "--only", "queue", "--textfile", "nowhere/x.prom"]);
    assert_eq!(output.code, 2, "{output:?}");
    assert!(output.err.contains("cannot write nowhere/x.prom"), "{output:?}");
}

#[tokio::test]
async fn doctor_names_missing_rights() {
    let (database, ordctl) = migrated().await;
    assert_eq!(ordctl.run(&["doctor"]).code, 1, "pg_stat_statements is not installed");
    let role = format!("plain_{}", database.name);
    database.execute(&format!("CREATE ROLE {role} LOGIN")).await.unwrap();
    let plain = Ordctl::new().with("DATABASE_URL", cluster().url(&role, &database.name));
    let output = plain.run(&["doctor"]);
    assert_eq!(output.code, 1, "{output:?}");
    for words in [
        "is not in pg_monitor",
        "may not read agent, audit_log, due_work, task, task_run",
        "Transaction pooler: none",
        "Redis is not configured",
    ] {
        assert!(output.out.contains(words), "{words}: {}", output.out);
    }
}

/// PgBouncer shares one backend among sessions: session state is lost there.
#[tokio::test]
async fn doctor_detects_a_pooler_that_shares_sessions() {
    if left_out("doctor_detects_a_pooler_that_shares_sessions", &["pgbouncer"]) {
        return;
    }
    let (database, ordctl) = migrated().await;
    assert_eq!(finding(&ordctl.json(&["doctor"]).1, "postgres.pooler")["status"], "ok");
    let dir = tempfile::tempdir().unwrap().keep();
    let port = free_port();
    let ini = format!(
        "[databases]\n* = host={} port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
         auth_type = trust\nauth_file = {}/users\npool_mode = transaction\nunix_socket_dir =\n",
        cluster().socket_dir().display(),
        cluster().port,
        dir.display()
    );
    std::fs::write(dir.join("pgbouncer.ini"), ini).unwrap();
    std::fs::write(dir.join("users"), "\"postgres\" \"\"\n").unwrap();
    let user = User::for_postgres();
    if let Some(user) = user {
        chown(&dir, Some(user.uid), Some(user.gid)).unwrap();
    }
    let start = "PATH=$PATH:/usr/sbin pgbouncer -q \"$1/pgbouncer.ini\" >\"$1/log\" 2>&1 & pid=$!";
    let _guard = Guard::new(start, "kill $pid; wait; rm -rf \"$1\"", &[&dir], user);
    let url = format!("postgresql://postgres@127.0.0.1:{port}/{}", database.name);
    until(&format!("psql -X '{url}' -c 'SELECT 1' # apt-get install pgbouncer"));
    let (code, report) = Ordctl::new().with("DATABASE_URL", &url).json(&["doctor"]);
    assert_eq!((code, finding(&report, "postgres.pooler")["status"].as_str()), (1, Some("warn")), "{report}");
    let (code, report) =
        Ordctl::new().with("DATABASE_URL", &url).json(&["health", "morning", "--only", "queue"]);
    assert_eq!(code, 0, "a report works behind a pooler: {report}");
    // Prepared statements of another session would run there.
    let mut node = Setup { url, ..Setup::of(&database) }.node(&[]);
    assert_eq!(node.end().await, 4, "{}", node.log());
    assert!(node.log().contains("is a transaction pooler"), "{}", node.log());
    assert!(
        node.log().contains("hint: set database.url to PostgreSQL itself, or pool_mode = session"),
        "{}",
        node.log()
    );
}

/// The journal says that it is done, and so does the command.
#[tokio::test]
async fn an_action_whose_output_cannot_be_written_is_done() {
    let (database, ordctl) = migrated().await;
    let into_full = |args: &[&str]| {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = ordctl.command(args).stdout(full).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let why = "its output was not written: cannot write to standard output: No space left on device";
    let (code, text) = into_full(&["maintain", "analyze", "--yes"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains(&format!("error: maintain/analyze is done; {why}")), "{text}");
    let status = "SELECT status FROM ordctl.operation ORDER BY started_at DESC LIMIT 1";
    assert_eq!(database.value(status).await, "done");
    let (code, text) = into_full(&["agent", "create", "ci", "--scope", "admin", "--yes"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains(&format!("error: agent create is done; {why}")), "{text}");
    // The agent exists, its key is lost.
    assert!(text.contains("hint: ordctl agent rotate "), "{text}");

    let slow = "name: slow\nsteps: [{ id: a, uses: postgres.analyze, with: { table: due_work, lock_timeout: 50ms } }]\n";
    std::fs::write(ordctl.home().join("slow.yaml"), slow).unwrap();
    let mut blocker = database.store.postgres().session().await.unwrap();
    let transaction = blocker.transaction().await.unwrap();
    transaction.batch_execute("LOCK TABLE due_work IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let (code, text) = into_full(&["run", "./slow.yaml", "--yes"]);
    transaction.rollback().await.unwrap();
    assert_eq!(code, 2, "{text}");
    assert!(text.contains(&format!("error: ./slow.yaml failed; {why}")), "{text}");

    // Nothing was done.
    for args in [&["maintain", "analyze", "--dry-run"] as &[&str], &["health", "morning", "--only", "queue"]]
    {
        let (code, text) = into_full(args);
        assert_eq!(code, 2, "{text}");
        assert!(text.contains("error: cannot write to standard output: No space left on device"), "{text}");
    }
}

/// Text shows one unreachable system once; JSON has every finding.
#[test]
fn an_unreachable_system_is_reported_once() {
    let ordctl = Ordctl::new().with("DATABASE_URL", "postgresql://u@127.0.0.1:1/d");
    let args = ["health", "morning", "--only", "postgres", "--only", "queue"];
    let text = ordctl.run(&args);
    assert_eq!((text.code, text.out.matches("unknown  ").count()), (3, 2), "{text:?}");
    assert!(text.out.contains("(and 13 more checks)"), "{text:?}");
    let (_, report) = ordctl.json(&args);
    assert_eq!(report["reasons"].as_array().unwrap().len(), 1, "{}", report["reasons"]);
    assert_eq!(report["sections"][0]["findings"].as_array().unwrap().len(), 14);
}

/// A crontab that does not find its configuration must not exit with ok.
#[test]
fn a_report_of_this_host_alone_is_no_success() {
    let ordctl = Ordctl::new();
    let output = ordctl.run(&["health", "morning", "--quiet", "--skip", "filesystems"]);
    assert_eq!(output.code, 3, "{output:?}");
    assert!(output.out.contains("only this host was checked"), "{output:?}");
    assert_eq!(ordctl.run(&["health", "morning", "--only", "memory"]).code, 0, "what was asked for is known");
}
