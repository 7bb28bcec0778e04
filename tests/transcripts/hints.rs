//! Hints: every command that the program suggests is typed on the system that suggested it.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::ordctl::{CommandOutput, Ordctl};
use crate::support::run_until;

/// A suggested command, with the command line that suggested it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hint {
    pub command: String,
    from: String,
}

/// Long enough for a report, too short to wait for a server.
const LIMIT: Duration = Duration::from_secs(15);

const PROGRAMS: &[&str] = &[
    "ordctl",
    "docker",
    "psql",
    "redis-cli",
    "systemctl",
    "journalctl",
    "curl",
    "apt-get",
    "kubectl",
    "pg_dump",
    "ls",
    "df",
    "export",
];

/// The commands in the hints of an output.
pub fn of(line: &str, output: &CommandOutput) -> Vec<Hint> {
    let lines = output.out.lines().chain(output.err.lines()).map(str::trim);
    let hints =
        lines.filter_map(|l| ["hint: ", "-> ", "next: "].iter().find_map(|mark| l.strip_prefix(mark)));
    let commands = hints.flat_map(commands);
    commands.map(|command| Hint { command, from: line.to_owned() }).collect()
}

/// The commands of a hint: the hint itself, or its parts in backticks.
fn commands(hint: &str) -> Vec<String> {
    let is_command = |text: &str| PROGRAMS.iter().any(|p| text == *p || text.starts_with(&format!("{p} ")));
    if is_command(hint) {
        return vec![hint.to_owned()];
    }
    let quoted = hint.split('`').skip(1).step_by(2);
    quoted.filter(|part| is_command(part)).map(str::to_owned).collect()
}

/// A command of ordctl must be understood, one of another program must be one that a shell can start.
pub fn check(ordctl: &Ordctl, hints: &[Hint]) {
    let hints: BTreeSet<&Hint> = hints.iter().collect();
    let mut typed = BTreeSet::new();
    let mut wrong = Vec::new();
    for hint in hints {
        if !typed.insert(&hint.command) {
            continue;
        }
        let why = match hint.command.strip_prefix("ordctl") {
            Some(args) => type_ordctl(ordctl, args),
            None => check_shell(&hint.command),
        };
        if let Err(why) = why {
            wrong.push(format!("`ordctl {}` suggests `{}`: {why}", hint.from, hint.command));
        }
    }
    assert!(wrong.is_empty(), "hints that cannot be typed:\n{}", wrong.join("\n"));
}

fn type_ordctl(ordctl: &Ordctl, args: &str) -> Result<(), String> {
    let words = shell_words::split(args).map_err(|e| e.to_string())?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut command = ordctl.command(&words);
    let log = tempfile::NamedTempFile::new().unwrap();
    command.stdout(Stdio::null()).stderr(log.reopen().unwrap());
    let code = run_until(command.spawn().unwrap(), LIMIT).code();
    let err = std::fs::read_to_string(log.path()).unwrap();
    match code {
        // `runbook lint` exits with 64 when it finds problems.
        Some(64) if err.contains("error: ") => Err(err),
        _ => Ok(()),
    }
}

fn check_shell(command: &str) -> Result<(), String> {
    let syntax = Command::new("sh").args(["-n", "-c", command]).output().unwrap();
    if !syntax.status.success() {
        return Err(String::from_utf8_lossy(&syntax.stderr).into_owned());
    }
    let program = command.split(' ').next().unwrap();
    // These are on the operator's machine, not necessarily on this one.
    if ["kubectl", "systemctl", "journalctl", "curl"].contains(&program) {
        return Ok(());
    }
    let found = Command::new("sh").arg("-c").arg(format!("command -v {program}")).output().unwrap();
    if found.status.success() { Ok(()) } else { Err(format!("there is no program {program}")) }
}

#[test]
fn commands_of_a_hint_are_recognized() {
    assert_eq!(commands("ordctl doctor"), ["ordctl doctor"]);
    assert_eq!(commands("did you mean 'queue'?"), [""; 0]);
    assert_eq!(commands("run `ordctl hold` or `ordctl resume`"), ["ordctl hold", "ordctl resume"]);
}
