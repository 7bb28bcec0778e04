//! Right and wrong command lines with their exit codes and messages.

use std::ffi::OsStr;
use std::fs::Permissions;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::ordctl::{CommandOutput, Ordctl};
use crate::support::run_until;

/// Exit 64, one error, and nothing on standard output.
#[test]
fn wrong_command_lines_are_usage_errors_with_a_hint() {
    let ordctl = Ordctl::new();
    std::fs::write(ordctl.home().join("bad.yaml"), "name: x\nsteps: [\n").unwrap();
    std::fs::write(
        ordctl.home().join("template.yaml"),
        "name: template\nsections:\n  - id: a\n    title: A\n    steps:\n      - { uses: check.query, with: { query: \"${params.q\" } }\n",
    )
    .unwrap();
    std::fs::write(ordctl.home().join("latin1.yaml"), b"name: \xe9\n").unwrap();
    for (args, words) in [
        (&["healt"] as &[&str], "health"),
        (&["health", "morning", "--no-such-flag"], "--no-such-flag"),
        (&["health", "morning", "-o", "xml"], "json"),
        (&["health", "morning", "--only", "quue"], "did you mean 'queue'?"),
        (&["health", "morning", "-p", "queue_crti=1"], "did you mean 'queue_crit'?"),
        (&["health", "morning", "-p", "queue_crit"], "KEY=VALUE"),
        (&["health", "morning", "--timeout", "soon"], "'soon' is not a duration"),
        (&["health", "morning", "--timeout", "0"], "must be longer than 0"),
        (&["health", "morning", "--timeout", "0ms"], "must be longer than 0"),
        (&["run", "weekly"], "did you mean 'maintain/weekly'?"),
        (&["run", "health/mornin"], "did you mean 'health/morning'?"),
        (&["run", "missing.yaml"], "missing.yaml"),
        (&["run", "./bad.yaml"], "./bad.yaml:"),
        (&["run", "./template.yaml"], "./template.yaml:6:"),
        (&["run", "./latin1.yaml"], "latin1.yaml"),
        (&["run", "maintain/analyze", "--watch", "5s"], "is an action, not a report"),
        (&["runbook", "show", "nothing"], "no runbook 'nothing'"),
        (&["runbook", "list", "-o", "junit"], "-o junit: only reports support this format"),
        (&["expr", "a.["], "character 4 of 'a.['"),
        (&["expr", "lenght(a)"], "no function 'lenght'"),
        (&["queue", "retry"], "OCCURRENCE"),
        (&["queue", "retry", "--all", "--task", "x"], "--task"),
        (&["queue", "retry", "nightly"], "nightly"),
        (&["runs", "show", "01a"], "the first 4 or more characters"),
        (&["runs", "list", "--failed", "--status", "ok"], "--status"),
        (&["runs", "list", "--since", "soon"], "'soon' is neither a duration"),
        (&["task", "snooze", "x", "--for", "0s"], "must be 1s to 7d"),
        (&["queue", "failed", "--limit", "0"], "--limit"),
        (&["logs", "--grep", "a(b"], "unclosed group, at character 2 of 'a(b'"),
        (&["logs", "--exclude", "[z-a]"], "at character 2 of '[z-a]'"),
        (&["logs", "--since", "1"], "1 of what? use 1s, 1m, 1h or 1d"),
        (&["logs", "--since", "1h", "--until", "2h"], "--until must be after --since"),
        (&["logs", "--follow", "--until", "1m"], "--follow"),
        (&["logs", "--follow", "--fold"], "--fold"),
        (&["logs", "--level", "loud"], "critical"),
        (&["logs", "analyze", "--since", "soon"], "'soon' is neither a duration"),
        (&["baseline", "--threshold", "lots"], "20%"),
        (&["baseline", "--watch", "5s"], "is an action, not a report"),
        (&["baseline", "--compare", "nowhere.json"], "nowhere.json"),
        (&["completions", "tcsh"], "bash"),
        (&["config", "show", "--config", "nowhere.yaml"], "nowhere.yaml"),
        (&["config", "show", "--env", "staging"], "no environment 'staging'"),
        (
            &["config", "show", "--database-url", "postgresql://u:secret@h/d"],
            "--database-url contains a password",
        ),
    ] {
        let output = ordctl.run(args);
        assert_eq!(output.code, 64, "{args:?}: {output:?}");
        assert!(output.out.is_empty(), "{args:?}: {output:?}");
        assert!(output.err.contains(words), "{args:?} does not say {words:?}: {}", output.err);
        assert!(output.err.starts_with("error: "), "{args:?}: {}", output.err);
        assert!(!output.err.contains("secret"), "{args:?}: {}", output.err);
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    let ordctl = Ordctl::new();
    for (args, start) in [(&["--version"], "ordctl "), (&["-h"], "Operate "), (&["--help"], "Operate ")] {
        let output = ordctl.run(args);
        assert!(output.code == 0 && output.out.starts_with(start) && output.err.is_empty(), "{output:?}");
    }
}

#[test]
fn an_expression_is_evaluated_on_standard_input() {
    let ordctl = Ordctl::new();
    for (input, expression, expected) in [
        ("{\"a\": {\"b\": [1, 2.5, \"x\", null, true]}}", "a.b", "[1,2.5,\"x\",null,true]"),
        ("{\"a\": 1}", "b", "null"),
        ("", "`3`", "3"),
        ("{\"n\": [3, 1, 2]}", "sort(n)[0]", "1"),
        ("{\"a\": 1}", "a > `0`", "true"),
        ("{\"a\": 1970670598291982290}", "a == `1970670598291982291`", "false"),
        ("{\"a\": 123456789012345678901234567890}", "a", "123456789012345678901234567890"),
    ] {
        let path = ordctl.home().join("in.json");
        std::fs::write(&path, input).unwrap();
        let mut command = ordctl.command(&["expr", expression]);
        let output = CommandOutput::of(command.stdin(std::fs::File::open(&path).unwrap()));
        assert_eq!(output.code, 0, "{output:?}");
        let value: serde_json::Value = serde_json::from_str(&output.out).unwrap();
        assert_eq!(value.to_string(), expected, "{expression}");
    }
    let path = ordctl.home().join("in.json");
    std::fs::write(&path, "[1, 2.5, 18446744073709551615, 123456789012345678901234567890]").unwrap();
    let output = CommandOutput::of(
        ordctl.command(&["expr", "@", "-o", "yaml"]).stdin(std::fs::File::open(&path).unwrap()),
    );
    assert_eq!(
        output.out, "- 1\n- 2.5\n- 18446744073709551615\n- \"123456789012345678901234567890\"\n",
        "{output:?}"
    );
    let grows = format!("@{}", "|[@,@,@,@]".repeat(14));
    let output =
        CommandOutput::of(ordctl.command(&["expr", &grows]).stdin(std::fs::File::open(&path).unwrap()));
    assert_eq!(output.code, 64, "{output:?}");
    assert!(output.err.contains("the value is larger than 8.0 MiB (limits.value)"), "{output:?}");
    assert!(output.err.contains("hint: raise limits.value in the configuration"), "{output:?}");
    let path = ordctl.home().join("bad.json");
    std::fs::write(&path, "{").unwrap();
    let output = CommandOutput::of(ordctl.command(&["expr", "a"]).stdin(std::fs::File::open(&path).unwrap()));
    assert_eq!(output.code, 64, "{output:?}");
}

/// `--error "$unset"` in a script must not select everything.
#[test]
fn an_empty_text_is_no_filter() {
    let ordctl = Ordctl::new();
    for args in [
        &["queue", "retry", "--error", ""] as &[&str],
        &["queue", "retry", "--task", ""],
        &["queue", "retry", "--since", ""],
        &["queue", "failed", "--error="],
        &["queue", "failed", "--task", ""],
        &["runs", "list", "--task", ""],
        &["runs", "tail", "--task", ""],
        &["task", "snooze", "", "--for", "1h"],
        &["task", "cancel", ""],
        &["logs", ""],
        &["logs", "--grep", ""],
        &["logs", "--exclude", ""],
        &["logs", "analyze", ""],
        &["runbook", "lint", ""],
        &["health", "morning", "--only", ""],
        &["health", "morning", "--skip", ""],
    ] {
        let output = ordctl.run(args);
        assert!(output.code == 64 && output.out.is_empty(), "{args:?}: {output:?}");
        // Without a configuration other command lines are wrong, too.
        let why =
            ["a value is required for", "an empty expression", "no section or step ''", "neither a duration"];
        assert!(why.iter().any(|why| output.err.contains(why)), "{args:?}: {output:?}");
    }
}

/// In a shell, as they are printed.
#[test]
fn the_examples_of_expr_work() {
    let ordctl = Ordctl::new();
    let help = ordctl.run(&["expr", "-h"]).out;
    let lines: Vec<&str> =
        help.lines().filter(|line| line.contains("| ordctl expr")).map(str::trim).collect();
    assert!(lines.len() >= 2, "{help}");
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_ordctl")).parent().unwrap().display();
    let path = format!("{binary}:{}", std::env::var("PATH").unwrap());
    for line in lines {
        let mut shell = Command::new("sh");
        shell.args(["-c", line]).current_dir(ordctl.home()).env_clear();
        shell.envs(ordctl.command(&[]).get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = CommandOutput::of(shell.env("PATH", &path).stdin(Stdio::null()));
        assert!(output.code == 0 && output.out.trim() != "null", "{line}: {output:?}");
    }
}

#[test]
fn the_terminal_gets_only_characters_and_colors_that_it_has() {
    // `script` gives the program a terminal.
    let of = |variables: &[(&str, &str)]| {
        let ordctl = Ordctl::new();
        let mut command = Command::new("script");
        let program = format!("{} health morning --only memory", env!("CARGO_BIN_EXE_ordctl"));
        command.args(["-qec", &program, "/dev/null"]).current_dir(ordctl.home());
        command.env_clear().env("PATH", std::env::var("PATH").unwrap()).env("HOME", ordctl.home());
        CommandOutput::of(command.envs(variables.iter().copied()).stdin(Stdio::null())).out
    };
    let colored = of(&[("TERM", "xterm")]);
    assert!(colored.contains('\u{1b}'), "{colored:?}");
    let dumb = of(&[("TERM", "dumb")]);
    assert!(dumb.contains("Memory: ") && !dumb.contains('\u{1b}'), "{dumb:?}");
}

#[test]
fn a_closed_pipe_is_no_error() {
    let ordctl = Ordctl::new();
    let mut child = ordctl.spawn(&["man"]);
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_full_disk_is_an_error() {
    let ordctl = Ordctl::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = CommandOutput::of(ordctl.command(&["config", "show"]).stderr(std::process::Stdio::piped()));
    assert_eq!(output.code, 0);
    let output = ordctl
        .command(&["config", "show"])
        .stdout(full)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("No space left"));
}

/// Every command that a message or a runbook names exists.
#[test]
fn every_named_command_exists() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut named = std::collections::BTreeSet::new();
    let code = crate::architecture::files(&root.join("src"), "rs");
    let runbooks = crate::architecture::files(&root.join("runbooks"), "yaml");
    for file in code.into_iter().chain(runbooks) {
        let text = std::fs::read_to_string(&file).unwrap();
        for start in ["\"ordctl ", "`ordctl ", ": ordctl "] {
            for rest in text.split(start).skip(1) {
                let words = rest.split(|c: char| !(c.is_ascii_lowercase() || c == ' ')).next().unwrap();
                let words: Vec<&str> = words.split_whitespace().take(2).collect();
                named.insert(words.join(" "));
            }
        }
    }
    let ordctl = Ordctl::new();
    let (mut checked, mut wrong) = (0, Vec::new());
    for command in named.iter().filter(|c| !c.is_empty()) {
        // What follows these is not a subcommand.
        let alone = ["run", "expr", "completions", "doctor"];
        let words: Vec<&str> = command.split(' ').collect();
        let words = if alone.contains(&words[0]) { &words[..1] } else { &words[..] };
        let args: Vec<&str> = words.iter().copied().chain(["-h"]).collect();
        checked += 1;
        if ordctl.run(&args).code != 0 {
            wrong.push(command.clone());
        }
    }
    assert!(wrong.is_empty() && checked >= 8, "{checked} checked, wrong: {wrong:?}");
}

/// A variable that is not UTF-8 must not count as unset: the command would act on another system.
#[test]
fn a_variable_that_is_not_utf8_is_a_usage_error() {
    let ordctl = Ordctl::new();
    for name in
        ["ORDCTL_ENV", "ORDCTL_CONFIG", "DATABASE_URL", "DOCKER_HOST", "COMPOSE_FILE", "COMPOSE_PROJECT_NAME"]
    {
        let mut command = ordctl.command(&["config", "show"]);
        let output = CommandOutput::of(command.env(name, OsStr::from_bytes(b"x\xff")));
        assert_eq!(output.code, 64, "{output:?}");
        assert!(output.err.contains(&format!("the variable {name} is not UTF-8")), "{output:?}");
    }
}

/// As in a container with a limit of processes. The user has no other process, and may not read the build directory.
#[test]
fn a_refused_thread_is_an_error_and_not_a_hang() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
    let program = dir.path().join("ordctl");
    std::fs::copy(env!("CARGO_BIN_EXE_ordctl"), &program).unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--reuid=54321", "--clear-groups", "prlimit", "--nproc=2:2"]).arg(program);
    command.args(["tool", "list"]).current_dir("/").stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stderr = child.stderr.take().unwrap();
    assert_eq!(run_until(child, Duration::from_secs(60)).code(), Some(2));
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    assert!(said.starts_with("error: cannot start a thread: "), "{said}");
}
