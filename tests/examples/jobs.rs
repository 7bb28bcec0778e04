//! Checks the crontab, the systemd units and the CI job: every command and schedule is valid, and the smoke test runs.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::example;
use crate::support::left_out;
use crate::support::ordctl::{CommandOutput, Ordctl};
use crate::support::postgres::{Database, cluster};
use crate::support::systems::{free_port, shell};

fn read(name: &str) -> String {
    std::fs::read_to_string(example(name)).unwrap()
}

/// The five time fields and the command of each crontab line.
fn jobs() -> Vec<(Vec<String>, String)> {
    let text = read("crontab");
    let lines = text.lines().filter(|l| l.starts_with(|c: char| c.is_ascii_digit() || c == '*'));
    let parted = lines.map(|line| {
        let mut words = line.split_whitespace();
        let fields = words.by_ref().take(5).map(str::to_owned).collect();
        // Cron treats an unescaped % as a line break.
        (fields, words.collect::<Vec<_>>().join(" ").replace("\\%", "%"))
    });
    parted.collect()
}

/// A directory of scripts, and a PATH that starts with it.
fn programs(scripts: &[(&str, &str)]) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    for (name, script) in scripts {
        let path = dir.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:{}", dir.path().display(), std::env::var("PATH").unwrap());
    (dir, path)
}

#[test]
fn every_crontab_line_is_a_schedule_and_a_command() {
    let all = jobs();
    assert!(all.len() >= 6, "{all:?}");
    let ordctl = Ordctl::new();
    for (fields, command) in all {
        let output = ordctl.run(&["schedule", "preview", "--kind", "cron", "--expr", &fields.join(" ")]);
        assert_eq!(output.code, 0, "{fields:?} {output:?}");
        let words = command.split_once("ordctl ").unwrap().1.split(' ').map(|w| match w.starts_with('/') {
            true => ordctl.home().join(Path::new(w).file_name().unwrap()).display().to_string(),
            false => w.to_owned(),
        });
        let words: Vec<String> = words.collect();
        let output = ordctl.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
        // No system is configured: reports cover only this host (1, 2, 3), and actions do nothing (2, 4).
        assert!(
            [1, 2, 3, 4].contains(&output.code) && !output.err.contains("Usage:"),
            "{command}: {output:?}"
        );
    }
}

#[test]
fn monthly_job_runs_only_in_the_first_week() {
    let (_, monthly) = jobs().into_iter().find(|(_, c)| c.contains("monthly")).unwrap();
    for (day, runs) in [("01", true), ("07", true), ("08", false), ("28", false)] {
        let (_dir, path) = programs(&[("date", &format!("echo {day}")), ("ordctl", "echo ran")]);
        let output = CommandOutput::of(Command::new("sh").arg("-c").arg(&monthly).env("PATH", path));
        assert_eq!((output.code, output.out.contains("ran")), (0, runs), "{day}: {output:?}");
    }
}

#[test]
fn systemd_accepts_every_unit_and_every_timer_has_a_runbook() {
    if left_out("systemd_accepts_every_unit_and_every_timer_has_a_runbook", &["systemd"]) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    shell(&format!(
        "cp '{}'/* '{at}' && sed -i 's#/usr/local/bin/ordctl#{}#' '{at}'/*",
        example("systemd").display(),
        env!("CARGO_BIN_EXE_ordctl"),
        at = dir.path().display()
    ));
    let ordctl = Ordctl::new();
    let mut timers = 0;
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let mut unit = name.clone();
        if let Some(instance) = name.strip_prefix("ordctl@").and_then(|n| n.strip_suffix(".timer")) {
            // systemd unescapes %I the same way.
            assert_eq!(ordctl.run(&["runbook", "show", &instance.replace('-', "/")]).code, 0, "{name}");
            timers += 1;
        } else if name == "ordctl@.service" {
            unit = "ordctl@health-morning.service".into();
        }
        let mut verify = Command::new("systemd-analyze");
        verify.args(["verify", "--man=no", &unit]).current_dir(dir.path());
        let output = CommandOutput::of(verify.env("SYSTEMD_UNIT_PATH", format!("{}:", dir.path().display())));
        assert_eq!((output.code, output.err.as_str()), (0, ""), "{name}: {output:?}");
    }
    assert!(timers >= 5);
    let monthly = read("systemd/ordctl@maintain-monthly.timer");
    let when = monthly.lines().find_map(|l| l.strip_prefix("OnCalendar=")).unwrap();
    let says = shell(&format!("systemd-analyze calendar --iterations=12 '{when}'"));
    let days =
        says.lines().filter_map(|l| l.split_once(": Sat 20")).map(|(_, date)| date[6..8].parse().unwrap());
    let days: Vec<u32> = days.collect();
    assert!(days.len() == 12 && days.iter().all(|d| *d <= 7), "{says}");
}

#[tokio::test]
async fn smoke_test_passes_on_an_empty_database_and_fails_without_one() {
    let database = Database::fresh().await;
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path().display();
    shell(&format!(
        "cp '{}'/* '{at}' && sed -i 's/:8080/:{}/' '{at}/ordctl.yaml'",
        example("ci").display(),
        free_port()
    ));
    let job: Value = serde_saphyr::from_str(&read("ci/github.yaml")).unwrap();
    let steps = job["jobs"]["smoke"]["steps"].as_array().unwrap();
    let smoke = steps.iter().find_map(|s| s["run"].as_str().filter(|r| r.contains("smoke.sh"))).unwrap();
    let script = smoke.strip_prefix("examples/ci/").unwrap();
    let (_programs, path) = programs(&[("ordctl", &format!("exec {} \"$@\"", env!("CARGO_BIN_EXE_ordctl")))]);
    let run = |url: String| {
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("./{script}")).current_dir(dir.path()).env_clear();
        command.env("PATH", &path).env("HOME", dir.path()).env("ORDCTL_DATA_DIR", dir.path().join("data"));
        CommandOutput::of(command.env("DATABASE_URL", url))
    };
    // A CI database may serve more than one run.
    for runs in ["1", "2"] {
        let output = run(cluster().url("postgres", &database.name));
        assert_eq!(output.code, 0, "{output:?}");
        assert_eq!(database.value("SELECT count(*) FROM task_run WHERE success").await, runs);
    }
    let report = std::fs::read_to_string(dir.path().join("reports/morning.xml")).unwrap();
    assert!(report.contains("<testsuite") && report.contains("failures=\"0\""), "{report}");
    let output = run("postgresql://postgres@127.0.0.1:1/none".into());
    assert_ne!(output.code, 0, "{output:?}");
}

#[test]
fn every_example_configuration_is_valid() {
    for name in ["ordctl.yaml", "compose/ordctl.yaml", "compose/engine.yaml", "ci/ordctl.yaml"] {
        let ordctl = Ordctl::configured(&read(name));
        let output = ordctl.run(&["config", "show"]);
        assert_eq!(output.code, 0, "{name}: {output:?}");
    }
}

/// A stopped container has no DNS name, so Prometheus has no target for it.
#[test]
fn stopped_api_fires_an_alert() {
    let test = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/alerts.yml");
    let output = CommandOutput::of(Command::new("promtool").args(["test", "rules"]).arg(test));
    assert_eq!(output.code, 0, "{output:?}");
}
