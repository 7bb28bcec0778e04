//! Files that are read: a pipe without a writer ends no command in a wait, and a device fills no memory.

use std::path::PathBuf;
use std::process::Command;

use crate::support::ordctl::{CommandOutput, Ordctl};
use crate::support::run;

/// Runs a command for at most 60 s with at most 4 GiB of address space.
fn bounded(ordctl: &Ordctl, args: &[&str]) -> CommandOutput {
    script(ordctl, "exec \"$@\"", args)
}

/// As [`bounded`], by a script of bash that gets the command as its arguments.
fn script(ordctl: &Ordctl, script: &str, args: &[&str]) -> CommandOutput {
    let command = ordctl.command(args);
    let mut bounded = Command::new("timeout");
    bounded.args(["60", "prlimit", "--as=4294967296", "bash", "-c", script, "bash"]);
    bounded.arg(command.get_program()).args(args).current_dir(ordctl.home()).env_clear();
    bounded.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = CommandOutput::of(bounded.stdin(std::process::Stdio::null()));
    assert_ne!(output.code, 124, "it waits for ever: {args:?}");
    output
}

fn fifo(ordctl: &Ordctl, name: &str) -> PathBuf {
    let path = ordctl.home().join(name);
    run(Command::new("mkfifo").arg(&path));
    path
}

#[test]
fn a_secret_or_certificate_is_read_from_a_plain_file_only() {
    let url = "postgresql://u@127.0.0.1:1/d";
    let doctor = ["doctor", "--timeout", "2s"];
    for yaml in [
        "database: { url: \"postgresql://u@127.0.0.1:1/d\", password_file: FILE }",
        "database: { url: \"postgresql://u@127.0.0.1:1/d\", tls: verify-full, ca_file: FILE }",
        "redis: { url: \"redis://127.0.0.1:1\", password_file: FILE }",
        "redis: { url: \"rediss://127.0.0.1:1\", ca_file: FILE }",
    ] {
        let ordctl = Ordctl::configured("");
        let pipe = fifo(&ordctl, "pipe").display().to_string();
        for file in [pipe.as_str(), "/dev/zero"] {
            std::fs::write(ordctl.home().join("ordctl.yaml"), yaml.replace("FILE", file)).unwrap();
            let output = bounded(&ordctl, &doctor);
            let all = format!("{}{}", output.out, output.err);
            assert!(all.contains(&format!("{file}: it is not a plain file")), "{yaml}: {file}: {output:?}");
        }
    }
    let ordctl = Ordctl::new().with("DATABASE_URL", url).with("PGSSLMODE", "verify-full");
    let pipe = fifo(&ordctl, "pipe").display().to_string();
    for names in [&["PGSSLROOTCERT"] as &[&str], &["PGSSLCERT", "PGSSLKEY"]] {
        let ordctl = Ordctl::new().with("DATABASE_URL", url).with("PGSSLMODE", "verify-full");
        let ordctl = names.iter().fold(ordctl, |ordctl, name| ordctl.with(name, &pipe));
        let output = bounded(&ordctl, &doctor);
        let all = format!("{}{}", output.out, output.err);
        assert!(all.contains("it is not a plain file"), "{names:?}: {output:?}");
    }
    let ordctl = Ordctl::new().with("DOCKER_HOST", "tcp://127.0.0.1:1").with("DOCKER_TLS_VERIFY", "1");
    fifo(&ordctl, "ca.pem");
    let certificates = ordctl.home().display().to_string();
    let ordctl = ordctl.with("DOCKER_CERT_PATH", certificates);
    std::fs::write(ordctl.home().join("ordctl.yaml"), "docker: { project: x }\n").unwrap();
    let output = bounded(&ordctl, &doctor);
    let all = format!("{}{}", output.out, output.err);
    assert!(all.contains("ca.pem: it is not a plain file"), "{output:?}");
}

#[test]
fn an_argument_may_be_a_pipe_whose_writer_ends_soon() {
    let ordctl = Ordctl::new();
    let pipe = fifo(&ordctl, "pipe.yaml").display().to_string();
    let late = "it is a pipe whose writer did not end within 10 s";
    let compared = format!("--compare={pipe}");
    let all: [&[&str]; 4] = [
        &["config", "show", "--config", &pipe],
        &["run", &pipe],
        &["runbook", "lint", &pipe],
        &["baseline", &compared],
    ];
    // At the same time, because each takes 10 s.
    std::thread::scope(|scope| {
        for args in all {
            let ordctl = &ordctl;
            scope.spawn(move || {
                let output = bounded(ordctl, args);
                assert_eq!(output.code, 64, "{args:?}: {output:?}");
                assert!(output.err.contains(late), "{args:?}: {output:?}");
            });
        }
    });
    let output = bounded(&ordctl, &["config", "show", "--config", "/dev/zero"]);
    assert!(output.err.contains("it is larger than 4 MiB"), "{output:?}");
    let output = bounded(&ordctl, &["config", "show", "--config", "/dev/null"]);
    assert_eq!(output.code, 0, "{output:?}");

    let shown =
        script(&ordctl, "exec \"$@\" --config <(echo 'environment: from_a_pipe')", &["config", "show"]);
    assert!(shown.code == 0 && shown.out.contains("from_a_pipe"), "{shown:?}");
    let book = "name: mine\\nsections: [{ id: a, title: A, steps: [{ id: m, uses: check.memory }] }]\\n";
    let lint = script(
        &ordctl,
        &format!("(printf '{book}' >pipe.yaml) & exec \"$@\""),
        &["runbook", "lint", "./pipe.yaml"],
    );
    assert!(!lint.err.contains("cannot read"), "{lint:?}");
}

#[test]
fn standard_input_is_bounded() {
    let ordctl = Ordctl::new();
    let output = script(&ordctl, "exec \"$@\" </dev/zero", &["expr", "a"]);
    assert_eq!(output.code, 64, "{output:?}");
    assert!(output.err.contains("it is larger than 64 MiB"), "{output:?}");
}
