//! `shell.exec`: only allowed programs, and no process outlives the step.

use rustix::process::{Pid, Signal, kill_process};

use super::{refused, run, runbook, summary};
use crate::support::eventually;
use crate::support::ordctl::Ordctl;

const ALLOWED: &str = "shell_exec: { allow: [/bin/sh, /bin/echo, /usr/bin/env, /nowhere] }\n";

#[test]
fn only_what_is_listed_runs() {
    let step = "uses: shell.exec, with: { program: /bin/sh, args: [-c, 'touch was-here'] }";
    for yaml in ["", "shell_exec: { allow: [/bin/echo, /bin/./sh] }\n"] {
        let ordctl = Ordctl::configured(yaml);
        let output = refused(&ordctl, &[step]);
        assert_eq!(output.code, 4, "{output:?}");
        assert!(output.err.contains("shell_exec.allow"), "{output:?}");
        let dry = ordctl.run(&["run", runbook(&ordctl, &[step]), "--dry-run"]);
        assert_eq!(dry.code, 4, "{dry:?}");
        assert!(!ordctl.home().join("was-here").exists());
    }
    let output = refused(&Ordctl::configured(ALLOWED), &["uses: shell.exec, with: { program: /nowhere }"]);
    assert!(output.err.contains("/nowhere is not an executable file"), "{output:?}");
    let output = Ordctl::configured("shell_exec: { allow: [backup.sh] }\n").run(&["config", "show"]);
    assert!(output.code == 64 && output.err.contains("'backup.sh' is not an absolute path"), "{output:?}");
}

#[test]
fn arguments_are_passed_unchanged_with_only_the_given_environment() {
    let ordctl =
        Ordctl::configured(ALLOWED).with("ORDCTL_SECRET_X", "not-for-everybody").with("LANG", "C.UTF-8");
    let (code, report) = run(
        &ordctl,
        &[
            "id: echo, uses: shell.exec, save_as: e, with: { program: /bin/echo, args: ['$HOME; `id`', 2] }",
            "id: said, uses: log, with: { message: '${steps.e.stdout}' }",
            "id: env, uses: shell.exec, save_as: v, with: { program: /usr/bin/env, env: { A: 1 } }",
            "id: vars, uses: transform, with: { expr: '@', data: '${steps.v.stdout}' }",
            "id: in, uses: shell.exec, save_as: c, with: { program: /bin/sh, args: [-c, 'cat; echo oops >&2; exit 3'], stdin: abc }",
        ],
    );
    assert_eq!(code, 2, "{report}");
    assert_eq!(summary(&report, "said"), "said: $HOME; `id` 2\n");
    let vars = summary(&report, "vars");
    assert!(vars.contains("A=1") && vars.contains("PATH=") && vars.contains("LANG=C.UTF-8"), "{vars}");
    assert!(!vars.contains("HOME=") && !vars.contains("ORDCTL"), "{vars}");
    assert!(summary(&report, "in").ends_with("/bin/sh: exit status: 3: oops"), "{report}");
}

/// Whether a process runs; a zombie does not.
fn lives(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')')
        .next()
        .is_some_and(|rest| !rest.trim().is_empty() && !rest.trim().starts_with(['Z', 'X']))
}

/// A program whose child sleeps. Returns the child's process id from the file.
const PARENT: &str = "id: work, uses: shell.exec, with: { program: /bin/sh, \
                      args: [-c, 'sleep 1000 & echo $! >pid.new; mv pid.new pid; wait'] }";

fn child(ordctl: &Ordctl) -> Option<String> {
    std::fs::read_to_string(ordctl.home().join("pid")).ok().map(|pid| pid.trim().to_owned())
}

#[tokio::test]
async fn a_timeout_kills_child_processes() {
    let ordctl = Ordctl::configured(ALLOWED);
    let (code, report) = run(&ordctl, &[&format!("timeout_seconds: 3, {PARENT}")]);
    assert_eq!(code, 2, "{report}");
    assert!(summary(&report, "work").ends_with("no answer within 3 s"), "{report}");
    let pid = child(&ordctl).expect("it had begun");
    eventually("the grandchild is gone", async || !lives(&pid)).await;
}

#[tokio::test]
async fn an_interrupt_kills_child_processes() {
    let ordctl = Ordctl::configured(ALLOWED);
    let path = runbook(&ordctl, &[&format!("timeout_seconds: 600, {PARENT}")]);
    let program = ordctl.spawn(&["run", path, "--yes"]);
    eventually("the grandchild runs", async || child(&ordctl).is_some()).await;
    let pid = child(&ordctl).unwrap();
    assert!(lives(&pid));
    kill_process(Pid::from_raw(i32::try_from(program.id()).unwrap()).unwrap(), Signal::INT).unwrap();
    assert_eq!(program.wait_with_output().unwrap().status.code(), Some(130));
    eventually("the grandchild is gone", async || !lives(&pid)).await;
}

#[tokio::test]
async fn leftover_processes_are_killed_at_the_end_of_the_step() {
    let ordctl = Ordctl::configured(ALLOWED);
    let step = "timeout_seconds: 60, id: work, uses: shell.exec, with: { program: /bin/sh, \
                args: [-c, 'sleep 1000 & echo $! >pid; echo done'] }";
    let (code, report) = run(&ordctl, &[step]);
    assert_eq!(code, 0, "{report}");
    let pid = child(&ordctl).unwrap();
    eventually("the grandchild is gone", async || !lives(&pid)).await;
}

/// The program would write without end.
#[test]
fn a_program_that_writes_too_much_fails_and_the_next_step_runs() {
    let ordctl = Ordctl::configured("shell_exec: { allow: [/bin/sh], max_output: 10KiB }\n");
    for (stream, to) in [("stdout", ""), ("stderr", ">&2")] {
        let step = format!(
            "id: talks, optional: true, timeout_seconds: 60, uses: shell.exec, \
             with: {{ program: /bin/sh, args: [-c, 'yes {to}'] }}"
        );
        let (code, report) = run(&ordctl, &[&step, "id: next, uses: noop"]);
        let error =
            format!("shell.exec: /bin/sh wrote more than 10.0 KiB to {stream} (shell_exec.max_output)");
        assert!(summary(&report, "talks").ends_with(&error), "{report}");
        assert_eq!((code, summary(&report, "next")), (2, "next: nothing to do"), "{report}");
    }
}
