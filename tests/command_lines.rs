//! A table of command lines that are right and wrong, with their exit codes and what they say.

use crate::support::ordctl::{Ordctl, Said};

/// Wrong ones: exit 64, one clear error, and nothing on standard output.
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
        (&["health", "morning", "--timeout", "soon"], "'soon' is no duration"),
        (&["run", "health/mornin"], "did you mean 'health/morning'?"),
        (&["run", "missing.yaml"], "missing.yaml"),
        (&["run", "./bad.yaml"], "./bad.yaml:"),
        (&["run", "./template.yaml"], "./template.yaml:6:"),
        (&["run", "./latin1.yaml"], "latin1.yaml"),
        (&["run", "maintain/analyze", "--watch", "5s"], "--watch only looks"),
        (&["runbook", "show", "nothing"], "no runbook 'nothing'"),
        (&["runbook", "list", "-o", "junit"], "-o junit is for reports"),
        (&["expr", "a.["], "character 4 of 'a.['"),
        (&["expr", "lenght(a)"], "no function 'lenght'"),
        (&["completions", "tcsh"], "bash"),
        (&["config", "show", "--config", "nowhere.yaml"], "nowhere.yaml"),
        (&["config", "show", "--env", "staging"], "no environment 'staging'"),
        (
            &["config", "show", "--database-url", "postgresql://u:secret@h/d"],
            "--database-url holds a password",
        ),
    ] {
        let said = ordctl.run(args);
        assert_eq!(said.code, 64, "{args:?}: {said:?}");
        assert!(said.out.is_empty(), "{args:?}: {said:?}");
        assert!(said.err.contains(words), "{args:?} does not say {words:?}: {}", said.err);
        assert!(said.err.starts_with("error: "), "{args:?}: {}", said.err);
        assert!(!said.err.contains("secret"), "{args:?}: {}", said.err);
    }
}

#[test]
fn help_and_version_are_no_errors_and_every_command_has_examples() {
    let ordctl = Ordctl::new();
    assert!(ordctl.run(&["--version"]).out.starts_with("ordctl "));
    for args in [
        &["-h"] as &[&str],
        &["health", "morning", "-h"],
        &["maintain", "analyze", "-h"],
        &["doctor", "-h"],
        &["run", "-h"],
        &["runbook", "list", "-h"],
        &["runbook", "show", "-h"],
        &["runbook", "lint", "-h"],
        &["runbook", "schema", "-h"],
        &["migrate", "-h"],
        &["demo", "-h"],
        &["config", "show", "-h"],
        &["expr", "-h"],
        &["completions", "-h"],
        &["man", "-h"],
    ] {
        let said = ordctl.run(args);
        assert_eq!(said.code, 0, "{said:?}");
        assert!(said.out.contains("Examples:"), "{args:?}");
        assert!(said.err.is_empty(), "{said:?}");
    }
}

#[test]
fn an_expression_is_evaluated_on_standard_input() {
    let ordctl = Ordctl::new();
    for (input, expression, output) in [
        ("{\"a\": {\"b\": [1, 2.5, \"x\", null, true]}}", "a.b", "[1,2.5,\"x\",null,true]"),
        ("{\"a\": 1}", "b", "null"),
        ("", "`3`", "3"),
        ("{\"n\": [3, 1, 2]}", "sort(n)[0]", "1"),
        ("{\"a\": 1}", "a > `0`", "true"),
    ] {
        let path = ordctl.home().join("in.json");
        std::fs::write(&path, input).unwrap();
        let mut command = ordctl.command(&["expr", expression]);
        let said = Said::of(command.stdin(std::fs::File::open(&path).unwrap()));
        assert_eq!(said.code, 0, "{said:?}");
        let value: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!(value.to_string(), output, "{expression}");
    }
    let path = ordctl.home().join("bad.json");
    std::fs::write(&path, "{").unwrap();
    let said = Said::of(ordctl.command(&["expr", "a"]).stdin(std::fs::File::open(&path).unwrap()));
    assert_eq!(said.code, 64, "{said:?}");
}

/// The reader has seen enough: that is no error.
#[test]
fn a_closed_pipe_is_no_error() {
    let ordctl = Ordctl::new();
    let mut child = ordctl.spawn(&["man"]);
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_full_disk_is_an_error_that_says_so() {
    let ordctl = Ordctl::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let said = Said::of(ordctl.command(&["config", "show"]).stderr(std::process::Stdio::piped()));
    assert_eq!(said.code, 0);
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
