//! `maintain monthly` against a real server.

mod faults;
mod globals;
mod kills;
mod prune;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use ordctl::engine::migrations::migrate;
use ordctl::store::Store;
use serde_json::Value;

use crate::support::ordctl::{CommandOutput, Ordctl, finding};
use crate::support::postgres::{Cluster, execute, value};
use crate::support::{binaries, eventually};

/// A separate server: no other test creates scratch databases there.
pub struct Place {
    pub cluster: Cluster,
    pub store: Store,
    pub ordctl: Ordctl,
}

const FILL: &str = "
    CREATE TABLE big (id int PRIMARY KEY, text text NOT NULL);
    INSERT INTO big SELECT n, md5(n::text) FROM generate_series(1, 5000) n;
    CREATE INDEX big_text ON big (text);
    CREATE TABLE part (id int, at date) PARTITION BY RANGE (at);
    CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
    INSERT INTO part SELECT n, '2026-06-01' FROM generate_series(1, 70) n;
    CREATE TABLE \"Odd \"\"name\" (id int REFERENCES big);
    INSERT INTO \"Odd \"\"name\" SELECT n FROM generate_series(1, 30) n";

impl Place {
    pub async fn new() -> Self {
        Self::with("").await
    }

    /// With additional settings below `backup:`.
    pub async fn with(more: &str) -> Self {
        let cluster = Cluster::separate();
        let admin = cluster.store("postgres", "postgres");
        execute(&admin, "CREATE DATABASE shop").await.unwrap();
        let store = cluster.store("postgres", "shop");
        migrate(&store, &Default::default(), &crate::support::consent()).await.unwrap();
        execute(&store, FILL).await.unwrap();
        let yaml = format!("environment: test\nbackup:\n  dir: backups\n{more}");
        let ordctl = Ordctl::configured(&yaml).with("DATABASE_URL", url(&cluster, "postgres"));
        std::fs::create_dir(ordctl.home().join("backups")).unwrap();
        Self { cluster, store, ordctl }
    }

    pub fn dir(&self) -> PathBuf {
        self.ordctl.home().join("backups")
    }

    /// The names in the directory, sorted, with `<time>` for the time in them.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = files(&self.dir()).iter().map(|n| timeless(n)).collect();
        names.sort();
        names
    }

    pub fn file(&self, ending: &str) -> PathBuf {
        let found: Vec<String> = files(&self.dir()).into_iter().filter(|n| n.ends_with(ending)).collect();
        assert_eq!(found.len(), 1, "{ending}: {found:?}");
        self.dir().join(&found[0])
    }

    /// Runs the steps without the diagnosis.
    pub fn run(&self, more: &[&str]) -> CommandOutput {
        self.ordctl.run(&self.args(more))
    }

    pub fn json(&self, more: &[&str]) -> (i32, Value) {
        self.ordctl.json(&self.args(more))
    }

    /// Starts [`Self::run`].
    pub fn start(&self, more: &[&str]) -> Child {
        let mut command = self.ordctl.command(&self.args(more));
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    pub fn args<'a>(&self, more: &[&'a str]) -> Vec<&'a str> {
        ["maintain", "monthly", "--yes", "--skip", "diagnosis"].iter().chain(more).copied().collect()
    }

    pub async fn scratch(&self) -> String {
        value(&self.store, "SELECT count(*) FROM pg_database WHERE datname LIKE 'ordctl_scratch_%'").await
    }

    /// Stand-ins for pg_dump and pg_restore: shell text, in which `$real` is the directory of the real ones.
    pub fn programs(&self, pg_dump: &str, pg_restore: &str) {
        std::fs::create_dir_all(self.ordctl.home().join("programs")).unwrap();
        let all = [("pg_dump", pg_dump), ("pg_dumpall", DUMPALL), ("pg_restore", pg_restore)];
        all.iter().for_each(|(name, text)| self.program(name, text));
    }

    pub fn program(&self, name: &str, text: &str) {
        let path = self.ordctl.home().join("programs").join(name);
        let version = format!("[ \"$1\" = --version ] && exec {}/{name} --version", binaries().display());
        let version = if text.contains("--version") { "" } else { &version };
        let script = format!("#!/bin/sh\nreal={}\n{version}\n{text}\n", binaries().display());
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Overrides the query backup_source with `from` replaced by `to`.
    pub fn override_source_query(&self, from: &str, to: &str) {
        let dir = self.ordctl.home().join("queries");
        std::fs::create_dir_all(&dir).unwrap();
        let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/queries/backup_source.sql"));
        let text = text.unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(dir.join("backup_source.sql"), text.replace(from, to)).unwrap();
        let yaml = self.ordctl.home().join("ordctl.yaml");
        let all = std::fs::read_to_string(&yaml).unwrap();
        std::fs::write(yaml, format!("{all}queries: [queries]\n")).unwrap();
    }

    pub fn marker(&self, name: &str) -> PathBuf {
        self.ordctl.home().join(name)
    }
}

pub const DUMP: &str = "exec $real/pg_dump \"$@\"";
pub const DUMPALL: &str = "exec $real/pg_dumpall \"$@\"";
pub const RESTORE: &str = "exec $real/pg_restore \"$@\"";
pub const PROGRAMS: &str = "  programs: programs\n";

pub fn url(cluster: &Cluster, user: &str) -> String {
    format!("postgresql://{user}@127.0.0.1:{}/shop", cluster.port)
}

pub fn files(dir: &Path) -> Vec<String> {
    let all = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut all: Vec<String> = all.collect();
    all.sort();
    all
}

fn timeless(name: &str) -> String {
    let at = "shop@test-".len();
    match name.starts_with("shop@test-") {
        true => format!("{}<time>{}", &name[..at], &name[at + "20260101T010000Z".len()..]),
        false => name.to_owned(),
    }
}

/// The files of a successful run.
pub const GOOD: [&str; 6] = [
    "shop@test-<time>.config.tgz",
    "shop@test-<time>.dump",
    "shop@test-<time>.dump.json",
    "shop@test-<time>.dump.sha256",
    "shop@test-<time>.globals.sql",
    "shop@test-<time>.globals.sql.sha256",
];

pub fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_backup_is_created_verified_and_published() {
    let place = Place::with("  files: [extra]\n").await;
    let extra = place.ordctl.home().join("extra");
    std::fs::create_dir(&extra).unwrap();
    std::fs::write(extra.join(".env"), "TOKEN=x").unwrap();
    // A named path may be a link.
    let elsewhere = place.ordctl.home().join("elsewhere");
    std::fs::rename(&extra, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &extra).unwrap();
    std::os::unix::fs::symlink(".env", elsewhere.join("inside")).unwrap();
    let (code, report) = place.ordctl.json(&["maintain", "monthly", "--yes"]);
    assert_eq!(code, 0, "{report}");
    assert_eq!(place.names(), GOOD);
    assert_eq!(place.scratch().await, "0");
    assert!(!report.to_string().contains("leftovers"), "{report}");
    for name in files(&place.dir()) {
        assert_eq!(mode(&place.dir().join(&name)), 0o600, "{name}");
    }
    // Standard tools accept the files.
    let check = format!("cd {} && sha256sum -c *.sha256 && tar -tzf *.tgz", place.dir().display());
    let output = crate::support::systems::shell(&check);
    for word in [".dump: OK", ".globals.sql: OK", "ordctl.yaml", "extra/.env"] {
        assert!(output.contains(word), "{output}");
    }
    // A link out of the archive is reported.
    std::os::unix::fs::symlink("/etc/hostname", elsewhere.join("outside")).unwrap();
    let (code, archived) = place.json(&["--only", "config"]);
    assert_eq!(code, 1, "{archived}");
    assert!(
        finding(&archived, "steps.config.links")["summary"]
            .as_str()
            .unwrap()
            .contains("extra/outside; their targets are not archived")
    );
    let admin = place.cluster.store("postgres", "postgres");
    execute(&admin, "CREATE DATABASE copy").await.unwrap();
    let dump = place.file(".dump");
    let restored = std::process::Command::new(binaries().join("pg_restore"))
        .args(["-h", "127.0.0.1", "-U", "postgres", "-d", "copy", "-p", &place.cluster.port.to_string()])
        .arg(&dump)
        .output()
        .unwrap();
    assert!(restored.status.success(), "{restored:?}");
    let copy = place.cluster.store("postgres", "copy");
    assert_eq!(value(&copy, "SELECT count(*) FROM big").await, "5000");
    // The manifest has exact row counts per table.
    let text = std::fs::read_to_string(place.file(".dump.json")).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    let rows = |table: &str| {
        let all = manifest["rows"].as_array().unwrap();
        all.iter().find(|t| t["table"] == table).map(|t| t["rows"].as_u64().unwrap())
    };
    assert_eq!((rows("big"), rows("part_1"), rows("part")), (Some(5000), Some(70), None));
    assert_eq!(rows("Odd \"name"), Some(30));
    assert!(manifest["verified"]["at"].is_string(), "{manifest}");
    assert!(finding(&report, "steps.verify")["summary"].as_str().unwrap().contains("5,1"), "{report}");
    assert!(finding(&report, "verification.backup.age")["status"] == "ok", "{report}");
    let no_data = finding(&report, "diagnosis.performance.completed");
    assert_eq!(no_data["status"], "skipped");
    assert!(no_data["summary"].as_str().unwrap().contains("no data"), "{no_data}");
}

#[tokio::test]
async fn health_evening_counts_only_published_dumps() {
    let place = Place::new().await;
    assert_eq!(place.run(&[]).code, 0);
    let later = "shop@test-20991231T000000Z";
    for ending in [
        "dump.part",
        "dump.json",
        "dump.json.part",
        "dump.sha256",
        "globals.sql",
        "globals.sql.part",
        "config.tgz",
        "config.tgz.part",
    ] {
        std::fs::write(place.dir().join(format!("{later}.{ending}")), "x").unwrap();
    }
    let (_, report) = place.ordctl.json(&["health", "evening", "--only", "backup"]);
    let age = finding(&report, "backup.backup.age");
    let name = place.file(".dump");
    assert!(age["summary"].as_str().unwrap().contains(name.file_name().unwrap().to_str().unwrap()), "{age}");
    assert_eq!(finding(&report, "backup.backup.size")["status"], "ok", "{report}");
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let place = Place::new().await;
    let counted =
        "SELECT concat_ws(' ', (SELECT count(*) FROM ordctl.sample), (SELECT count(*) FROM ordctl.operation),
                          (SELECT count(*) FROM pg_database), (SELECT pg_current_wal_insert_lsn()))";
    execute(&place.store, "CHECKPOINT").await.unwrap();
    execute(&place.store, "ALTER SYSTEM SET log_statement = 'mod'").await.unwrap();
    execute(&place.store, "SELECT pg_reload_conf()").await.unwrap();
    let log = place.cluster.socket_dir().join("log");
    eventually("statements are logged", async || {
        execute(&place.store, "CREATE TEMP TABLE seen ()").await.unwrap();
        std::fs::read_to_string(&log).unwrap().contains("CREATE TEMP TABLE seen")
    })
    .await;
    let (logged, before) = (std::fs::read_to_string(&log).unwrap().len(), value(&place.store, counted).await);
    let (code, report) = place.ordctl.json(&["maintain", "monthly", "--dry-run"]);
    assert_eq!((code, report["kind"].as_str()), (0, Some("dryrun")), "{report}");
    let changed = std::fs::read_to_string(&log).unwrap().split_off(logged);
    assert!(!changed.contains("statement:") && !changed.contains("execute"), "{changed}");
    let after = value(&place.store, counted).await;
    let counts = |text: &str| text.rsplit_once(' ').unwrap().0.to_owned();
    assert_eq!(counts(&before), counts(&after));
    assert_eq!(files(&place.dir()), [""; 0]);
    let calls = |step: &str| finding(&report, &format!("plan.{step}"))["details"]["calls"].to_string();
    assert!(calls("dump").contains("--format=custom") && calls("dump").contains("--snapshot="), "{report}");
    assert!(calls("dump").contains("pg_dumpall --globals-only --no-password --database=shop"), "{report}");
    assert!(calls("publish").contains(".globals.sql.part"), "{report}");
    assert!(calls("verify").contains("TEMPLATE template0") && calls("verify").contains("--exit-on-error"));
    assert!(calls("publish").contains("dump.part"), "{report}");
}

#[tokio::test]
async fn figures_of_last_month_match_sql() {
    let place = Place::new().await;
    let fill = "
        INSERT INTO task (id, title, description, created_by, schedule_kind, schedule_expr, payload)
        VALUES ('00000000-0000-0000-0000-000000000101', 't', 'd', '00000000-0000-0000-0000-000000000001', 'event', 'x', '{\"pipeline\": []}');
        INSERT INTO task_run (id, task_id, started_at, finished_at, success, occurrence, final)
        SELECT gen_random_uuid(), '00000000-0000-0000-0000-000000000101', at, at + interval '1 s' * (n % 37), n % 10 <> 0, gen_random_uuid(), true
          FROM generate_series(-40, 200) n,
               LATERAL (SELECT date_trunc('month', now(), 'UTC') - interval '1 month' + interval '3 h' * n AS at) AS x";
    execute(&place.store, fill).await.unwrap();
    let (_, report) = place.ordctl.json(&["maintain", "monthly", "--dry-run"]);
    let of = "FROM task_run WHERE started_at >= date_trunc('month', now(), 'UTC') - interval '1 month'
                 AND started_at < date_trunc('month', now(), 'UTC')";
    let seconds = "extract(epoch FROM finished_at - started_at)";
    for (id, sql) in [
        ("completed", format!("count(*) FILTER (WHERE success) {of}")),
        ("rate", format!("avg(success::int * 100) {of}")),
        ("p50", format!("percentile_cont(0.5) WITHIN GROUP (ORDER BY {seconds}) {of}")),
        ("p95", format!("percentile_cont(0.95) WITHIN GROUP (ORDER BY {seconds}) {of}")),
        ("p99", format!("percentile_cont(0.99) WITHIN GROUP (ORDER BY {seconds}) {of}")),
    ] {
        let wanted: f64 = value(&place.store, &format!("SELECT {sql}")).await.parse().unwrap();
        let found = finding(&report, &format!("diagnosis.performance.{id}"))["value"].as_f64().unwrap();
        assert!((found - wanted).abs() < 0.001 && wanted > 0.0, "{id}: {found}, not {wanted}");
    }
}

/// The figures of the script that it replaces, each under its own heading.
#[tokio::test]
async fn the_tasks_created_per_day_and_every_step_have_a_heading() {
    let place = Place::new().await;
    let fill = "INSERT INTO task (title, description, created_by, schedule_kind, schedule_expr, payload, created_at)
        SELECT 't', 'd', '00000000-0000-0000-0000-000000000001', 'event', 'x', '{\"pipeline\": []}', now() - interval '1 day' * n
          FROM generate_series(0, 40, 20) n, generate_series(0, n / 20)";
    execute(&place.store, fill).await.unwrap();
    let (_, report) = place.ordctl.json(&["maintain", "monthly", "--dry-run"]);
    let tasks = finding(&report, "diagnosis.tasks");
    let day = value(&place.store, "SELECT (now() AT TIME ZONE 'UTC' - interval '20 days')::date::text").await;
    assert_eq!(tasks["value"], 3.0, "one of today, two of 20 days ago, and none older than 30 days: {tasks}");
    assert_eq!(tasks["details"][1], serde_json::json!({ "day": day, "tasks": 2 }), "{tasks}");
    assert_eq!(tasks["heading"], "Tasks created", "{tasks}");
    let text = place.ordctl.run(&["maintain", "monthly", "--dry-run"]).out;
    for heading in [
        "Runs of last month",
        "Tasks created",
        "Data growth",
        "Access rights",
        "Audit log",
        "Security events",
    ] {
        assert!(text.contains(&format!("\n\n{heading}\n  ")), "{heading}: {text}");
    }
    assert!(!text.contains("\nDiagnosis\n"), "{text}");
}

#[tokio::test]
async fn excessive_privileges_are_reported() {
    let place = Place::new().await;
    let data = place.cluster.socket_dir().join("data/pg_hba.conf");
    let rules = std::fs::read_to_string(&data).unwrap() + "host shop all 10.0.0.0/8 trust\n";
    std::fs::write(&data, rules).unwrap();
    execute(
        &place.store,
        "CREATE ROLE second SUPERUSER LOGIN; GRANT SELECT ON big TO PUBLIC; GRANT CREATE ON SCHEMA public TO PUBLIC;
         INSERT INTO audit_log (action) VALUES ('login_failed'), ('task.created')",
    )
    .await
    .unwrap();
    let (_, report) = place.ordctl.json(&["maintain", "monthly", "--dry-run"]);
    for (id, word) in [
        ("access.superusers", "second"),
        ("access.public_tables", "public.big: SELECT"),
        ("access.public_schemas", "public"),
        ("access.rules", "10.0.0.0"),
        ("security.login_failed", "login_failed"),
    ] {
        let found = finding(&report, &format!("diagnosis.{id}"));
        assert_eq!(found["status"], "warn", "{found}");
        assert!(found["summary"].as_str().unwrap().contains(word), "{found}");
    }
    assert!(finding(&report, "diagnosis.audit")["summary"].as_str().unwrap().contains("task.created 1"));
    // Expected superusers are ok. A role that may not read pg_hba.conf gets a skipped finding.
    let args = ["maintain", "monthly", "--dry-run", "-p", "superusers=postgres, second"];
    assert_eq!(finding(&place.ordctl.json(&args).1, "diagnosis.access.superusers")["status"], "ok");
    execute(&place.store, "CREATE ROLE weak LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO weak")
        .await
        .unwrap();
    let weak = Ordctl::new().with("DATABASE_URL", url(&place.cluster, "weak"));
    let report = weak.json(&["maintain", "monthly", "--dry-run"]).1;
    assert_eq!(finding(&report, "diagnosis.access.rules")["status"], "skipped", "{report}");
}

#[tokio::test]
async fn doctor_reports_missing_prerequisites_of_backups() {
    let place = Place::with(PROGRAMS).await;
    place.programs("[ \"$1\" = --version ] && echo 'pg_dump (PostgreSQL) 12.3'", RESTORE);
    let ask = || place.ordctl.json(&["doctor", "--only", "backup"]).1;
    let old = ask();
    assert_eq!(finding(&old, "backup.ready.programs")["status"], "warn");
    assert!(
        finding(&old, "backup.ready.programs")["hint"].as_str().unwrap().contains("postgresql-client-15")
    );
    place.programs(DUMP, RESTORE);
    let good = ask();
    for id in ["programs", "directory", "scratch"] {
        assert_eq!(finding(&good, &format!("backup.ready.{id}"))["status"], "ok", "{good}");
    }
    std::fs::remove_dir(place.dir()).unwrap();
    assert_eq!(finding(&ask(), "backup.ready.directory")["status"], "warn");
}
