//! The real program in its own home directory, without configuration, variables or data of this machine.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use ordctl::engine::migrations::migrate;
use serde_json::Value;
use tempfile::TempDir;

use super::postgres::{Database, cluster};

/// The program with its home directory and environment variables.
pub struct Ordctl {
    home: TempDir,
    variables: Vec<(String, String)>,
}

/// A migrated database, and the program on it.
pub async fn migrated() -> (Database, Ordctl) {
    let database = Database::fresh().await;
    migrate(&database.store, &Default::default(), &super::consent()).await.unwrap();
    let ordctl = Ordctl::new().with("DATABASE_URL", cluster().url("postgres", &database.name));
    (database, ordctl)
}

/// The output and exit code of a command.
#[derive(Debug)]
pub struct CommandOutput {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ordctl {
    pub fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    /// With a configuration file in the working directory.
    pub fn configured(yaml: &str) -> Self {
        let ordctl = Self::new();
        std::fs::write(ordctl.home().join("ordctl.yaml"), yaml).unwrap();
        ordctl
    }

    /// Discovers the system of its working directory.
    pub fn discovering() -> Self {
        Self::new().with("ORDCTL_DISCOVERY", "on")
    }

    /// With an environment variable.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// The value of an environment variable.
    pub fn variable(&self, name: &str) -> &str {
        &self.variables.iter().find(|(n, _)| n == name).unwrap().1
    }

    /// The working directory, which is also the home.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    pub fn data_dir(&self) -> PathBuf {
        self.home().join("data")
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ordctl"));
        command.args(args).current_dir(self.home()).env_clear().stdin(Stdio::null());
        command.env("PATH", std::env::var("PATH").unwrap()).env("HOME", self.home());
        command.env("ORDCTL_DATA_DIR", self.data_dir());
        // This machine may have a Docker engine, which no test may find by accident.
        command.env("ORDCTL_DISCOVERY", "off");
        command.envs(self.variables.iter().map(|(k, v)| (k, v)));
        command
    }

    pub fn run(&self, args: &[&str]) -> CommandOutput {
        CommandOutput::of(&mut self.command(args))
    }

    /// Answers the question of a command on a terminal of this size. The output is all that the terminal showed, with the
    /// lines that scrolled away; a line wider than the terminal is one line.
    pub fn on_terminal(&self, (columns, rows): (u16, u16), typed: &str, args: &[&str]) -> CommandOutput {
        let words: Vec<_> = args.iter().map(|word| shell_words::quote(word)).collect();
        let program = env!("CARGO_BIN_EXE_ordctl");
        let line = format!("stty cols {columns} rows {rows}; exec timeout 60 {program} {}", words.join(" "));
        let command = self.command(&[]);
        let mut script = Command::new("script");
        script.args(["-qec", &line, "/dev/null"]).current_dir(self.home()).env_clear();
        script.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        script.env("TERM", "xterm").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = script.spawn().unwrap();
        let received = answered(&mut child, typed);
        let code = child.wait().unwrap().code().unwrap_or(-1);
        // The terminal may echo an answer before the program does.
        let shown = shown(columns, &received);
        let mut lines: Vec<&str> = shown.lines().collect();
        lines.dedup_by(|a, b| a == b && !typed.is_empty() && a.ends_with(typed.trim_end()));
        let out = lines.join("\n");
        CommandOutput { code, out, err: String::new() }
    }

    /// Runs a command with `-o json`.
    pub fn json(&self, args: &[&str]) -> (i32, Value) {
        let mut all = args.to_vec();
        all.extend(["-o", "json"]);
        let output = self.run(&all);
        let value = serde_json::from_str(&output.out).unwrap_or_else(|e| panic!("{e}: {output:?}"));
        (output.code, value)
    }

    pub fn spawn(&self, args: &[&str]) -> Child {
        self.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }
}

/// What a child wrote until its end. The answer is typed when the question stands there.
fn answered(child: &mut Child, typed: &str) -> Vec<u8> {
    // Without an answer the input ends at once.
    let mut input = child.stdin.take().filter(|_| !typed.is_empty());
    let mut output = child.stdout.take().unwrap();
    let (mut received, mut buffer, mut is_answered) = (Vec::new(), [0; 4096], typed.is_empty());
    while let Ok(n @ 1..) = output.read(&mut buffer) {
        received.extend_from_slice(&buffer[..n]);
        let text = String::from_utf8_lossy(&received);
        if !is_answered && ["[y/N]: ", "to continue: "].iter().any(|end| text.contains(end)) {
            input.as_mut().unwrap().write_all(typed.as_bytes()).unwrap();
            is_answered = true;
        }
    }
    received
}

/// What a terminal shows that is high enough for all lines.
fn shown(columns: u16, received: &[u8]) -> String {
    let size = |n| NonZeroU16::new(n).unwrap();
    let mut terminal = vt100::Parser::new(size(2000), size(columns), 0);
    terminal.process(received);
    let mut lines = String::new();
    for (row, text) in (0..).zip(terminal.screen().rows(0, columns)) {
        lines.push_str(text.trim_end());
        if !terminal.screen().row_wrapped(row) {
            lines.push('\n');
        }
    }
    lines.trim_end().to_owned()
}

impl CommandOutput {
    pub fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The user that an audit row names for a command of this process with this `$SUDO_USER`, which counts for root only.
pub fn acting_user(sudo_user: &str) -> String {
    let name = crate::support::run(Command::new("id").arg("-un"));
    match name.trim() {
        "root" => format!("root (sudo: {sudo_user})"),
        other => other.to_owned(),
    }
}

/// The finding with this id.
pub fn finding<'a>(report: &'a Value, id: &str) -> &'a Value {
    let all = report["sections"].as_array().unwrap().iter().flat_map(|s| s["findings"].as_array().unwrap());
    let ids: Vec<&str> = all.clone().map(|f| f["id"].as_str().unwrap()).collect();
    all.clone().find(|f| f["id"] == id).unwrap_or_else(|| panic!("no finding {id} among {ids:?}"))
}
