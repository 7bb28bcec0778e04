//! The real program in its own home directory, without configuration, variables or data of this machine.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The program with its home directory and environment variables.
pub struct Ordctl {
    home: TempDir,
    variables: Vec<(String, String)>,
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

    /// Types at a command on a terminal of this size and returns what the terminal received, line by line.
    pub fn on_terminal(&self, (columns, rows): (u32, u32), typed: &str, args: &[&str]) -> Vec<String> {
        let words: Vec<_> = args.iter().map(|word| shell_words::quote(word)).collect();
        let program = env!("CARGO_BIN_EXE_ordctl");
        let line = format!("stty cols {columns} rows {rows}; exec timeout 60 {program} {}", words.join(" "));
        let command = self.command(&[]);
        let mut script = Command::new("script");
        script.args(["-qec", &line, "/dev/null"]).current_dir(self.home()).env_clear();
        script.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        script.env("NO_COLOR", "1").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = script.spawn().unwrap();
        child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
        let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        output.lines().map(|line| line.trim_end_matches('\r').to_owned()).collect()
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
