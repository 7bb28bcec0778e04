//! The questions before an action: every answer counts, and none is no consent.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc;

use crate::support::DEADLINE;
use crate::support::ordctl::{Ordctl, migrated};
use crate::support::postgres::cluster;

const SIZE: (u16, u16) = (80, 24);

/// Types `keys` on a terminal as soon as `question` stands there. Returns the exit code and what was printed after it.
fn answer(ordctl: &Ordctl, args: &[&str], question: &str, keys: &str) -> (i32, String) {
    let line = format!("exec {} {}", env!("CARGO_BIN_EXE_ordctl"), args.join(" "));
    let command = ordctl.command(&[]);
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).current_dir(ordctl.home()).env_clear();
    script.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("NO_COLOR", "1");
    let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut input, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (sender, parts) = mpsc::channel();
    std::thread::spawn(move || {
        let mut part = [0; 4096];
        while let Ok(length @ 1..) = output.read(&mut part) {
            drop(sender.send(String::from_utf8_lossy(&part[..length]).into_owned()));
        }
    });
    let mut text = String::new();
    let mut is_typed = false;
    loop {
        match parts.recv_timeout(DEADLINE) {
            Ok(part) => text.push_str(&part),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(_) => {
                child.kill().unwrap();
                panic!("it waits for ever: {text}");
            }
        }
        if !is_typed && text.contains(question) {
            is_typed = true;
            input.write_all(keys.as_bytes()).unwrap();
        }
    }
    let after = text.split_once(question).unwrap_or_else(|| panic!("no question: {text}")).1;
    (child.wait().unwrap().code().unwrap(), after.to_owned())
}

const CONTINUE: &str = "Continue on default? [y/N]: ";

/// Ctrl-D, or a terminal whose input has ended.
#[tokio::test]
async fn the_end_of_input_is_no_consent() {
    let (database, ordctl) = migrated().await;
    for args in [&["hold"] as &[&str], &["maintain", "analyze"]] {
        let (code, text) = answer(&ordctl, args, CONTINUE, "\u{4}");
        assert_eq!(code, 4, "{args:?}: {text:?}");
        assert!(text.contains("\nerror: not confirmed; nothing was changed"), "{args:?}: {text:?}");
    }
    let shown = ordctl.on_terminal(SIZE, "", &["hold"]).out;
    assert!(shown.contains("\nerror: not confirmed; nothing was changed"), "{shown}");
    assert_eq!(database.value("SELECT held FROM ordctl.engine").await, "false");
}

#[tokio::test]
async fn ctrl_c_at_a_question_is_an_interruption() {
    let (database, ordctl) = migrated().await;
    for args in [&["hold"] as &[&str], &["maintain", "analyze"]] {
        let (code, text) = answer(&ordctl, args, CONTINUE, "\u{3}");
        assert_eq!(code, 130, "{args:?}: {text:?}");
        assert!(
            text.contains("\nerror: interrupted at the question; nothing was changed"),
            "{args:?}: {text:?}"
        );
        assert!(!text.contains(" 0s"), "a spinner is drawn: {args:?}: {text:?}");
    }
    assert_eq!(database.value("SELECT held FROM ordctl.engine").await, "false");

    let discovering = Ordctl::discovering();
    let url = format!("DATABASE_URL={}\n", cluster().url("postgres", &database.name));
    std::fs::write(discovering.home().join(".env"), url).unwrap();
    let question = "to continue: ";
    let (code, text) = answer(&discovering, &["hold"], question, "\u{3}");
    assert_eq!(code, 130, "{text:?}");
    assert!(text.contains("\nerror: interrupted at the question; nothing was changed"), "{text:?}");
}

/// An answer counts whether it is typed long before the question, or at the very moment when it appears.
#[tokio::test]
async fn no_answer_is_lost() {
    let (database, ordctl) = migrated().await;
    for round in 0..5 {
        let shown = ordctl.on_terminal(SIZE, "y\n", &["maintain", "analyze"]).out;
        assert!(!shown.contains("not confirmed"), "{round}: {shown}");
        let (code, text) = answer(&ordctl, &["maintain", "analyze"], CONTINUE, "yes\n");
        assert_eq!(code, 0, "{round}: {text:?}");
        let (code, text) = answer(&ordctl, &["maintain", "analyze"], CONTINUE, "no\n");
        assert_eq!(code, 4, "{round}: {text:?}");
    }
    let ended =
        "SELECT count(*) FROM ordctl.operation WHERE runbook = 'maintain/analyze' AND status = 'done'";
    assert_eq!(database.value(ended).await, "10");
}

/// The thread that draws the progress line must not overwrite the question.
#[tokio::test]
async fn no_progress_is_drawn_while_a_question_waits() {
    let (_database, ordctl) = migrated().await;
    let (_, text) = answer(&ordctl, &["maintain", "analyze"], CONTINUE, "n\n");
    let waiting = text.split_once("error:").unwrap().0;
    assert!(!waiting.contains(" 0s") && !waiting.contains('\u{2801}'), "{text:?}");
}
