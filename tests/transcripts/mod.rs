//! Transcripts: exit code, standard output and standard error of every command. A change of wording
//! shows as a diff; `make bless` writes the files again.
//!
//! A folder holds the transcripts of one system (`help`, `unconfigured`, `unreachable`, `database`,
//! `lists`, `stack`, `healthy`, `broken`), with one file per command. Values that differ between runs are redacted.

mod hints;
mod lists;
mod redact;
mod screens;
mod systems;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::support::ordctl::{CommandOutput, Ordctl};

/// The words of every command of the program; groups such as `health` are included.
pub fn commands() -> Vec<Vec<String>> {
    fn walk(command: &clap::Command, path: &[String], all: &mut Vec<Vec<String>>) {
        all.push(path.to_vec());
        for sub in command.get_subcommands() {
            let mut path = path.to_vec();
            path.push(sub.get_name().to_owned());
            walk(sub, &path, all);
        }
    }
    let mut all = Vec::new();
    walk(&ordctl::commands::command_line(), &[], &mut all);
    all
}

/// The longest command that the arguments start with: `queue status` for `queue status -o json`.
fn command_of(words: &[String]) -> Vec<String> {
    let all: BTreeSet<Vec<String>> = commands().into_iter().collect();
    (0..=words.len())
        .rev()
        .map(|n| words[..n].to_vec())
        .find(|prefix| all.contains(prefix))
        .unwrap_or_default()
}

fn folder(system: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts").join(system)
}

/// Records command lines on one system, and compares them with the files of its folder.
pub struct Recorder<'a> {
    system: &'static str,
    ordctl: &'a Ordctl,
    redact: redact::Redact,
    files: BTreeMap<String, String>,
    hints: Vec<hints::Hint>,
}

impl<'a> Recorder<'a> {
    pub fn new(system: &'static str, ordctl: &'a Ordctl) -> Self {
        let redact = redact::Redact::new(ordctl.home());
        Self { system, ordctl, redact, files: BTreeMap::new(), hints: Vec::new() }
    }

    /// Also replaces this text, such as the name of a compose project.
    pub fn replace(&mut self, text: &str, with: &str) {
        self.redact.replace(text, with);
    }

    /// Runs a command line as a shell would split it, and records it.
    pub fn run(&mut self, line: &str) -> CommandOutput {
        self.run_with(&[], line)
    }

    /// As [`Recorder::run`], with environment variables. Without `COLUMNS` the output has 80 columns.
    pub fn run_with(&mut self, variables: &[(&str, &str)], line: &str) -> CommandOutput {
        let words = shell_words::split(line).unwrap();
        let args: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut command = self.ordctl.command(&args);
        command.env("COLUMNS", "80").envs(variables.iter().copied());
        let output = CommandOutput::of(&mut command);
        let set: String = variables.iter().map(|(name, value)| format!("{name}={value} ")).collect();
        self.record(&words, &format!("{set}ordctl {line}"), line, &output);
        output
    }

    /// Runs a command line on a terminal of this size, types at it, and records what the terminal shows.
    pub fn on_terminal(&mut self, size: (u16, u16), typed: &str, line: &str) -> CommandOutput {
        let words = shell_words::split(line).unwrap();
        let args: Vec<&str> = words.iter().map(String::as_str).collect();
        let output = self.ordctl.on_terminal(size, typed, &args);
        let joined =
            CommandOutput { code: output.code, out: redact::unwrapped(&output.out), err: String::new() };
        self.record(&words, &format!("[{}x{}] ordctl {line}", size.0, size.1), line, &joined);
        output
    }

    fn record(&mut self, words: &[String], shown_line: &str, line: &str, output: &CommandOutput) {
        let command = command_of(words);
        let name = if command.is_empty() { "ordctl".to_owned() } else { command.join("-") };
        let mut text = format!("$ {shown_line}\nexit {}\n", output.code);
        for (stream, content) in [("stdout", &output.out), ("stderr", &output.err)] {
            if !content.is_empty() {
                text.push_str(&format!("--- {stream}\n{}\n", shortened(content)));
            }
        }
        let text = if self.system == "help" { text } else { self.redact.apply(&text) };
        let file = self.files.entry(name).or_default();
        if !file.is_empty() {
            file.push('\n');
        }
        file.push_str(&text);
        self.hints.extend(hints::of(line, output));
    }

    /// Compares what was recorded with the folder, or writes it there.
    pub fn compare(&self) {
        let folder = folder(self.system);
        let bless = std::env::var("ORDCTL_BLESS").is_ok();
        if bless {
            std::fs::create_dir_all(&folder).unwrap();
        }
        let mut wrong = Vec::new();
        for (name, text) in &self.files {
            let path = folder.join(format!("{name}.txt"));
            if bless {
                std::fs::write(&path, text).unwrap();
            }
            let expected = std::fs::read_to_string(&path).unwrap_or_default();
            if &expected != text {
                wrong.push(format!("{}:\n{}", path.display(), difference(&expected, text)));
            }
        }
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            if !self.files.contains_key(&name) {
                if bless {
                    std::fs::remove_file(&path).unwrap();
                } else {
                    wrong.push(format!("{} belongs to no case", path.display()));
                }
            }
        }
        assert!(wrong.is_empty(), "transcripts differ; make bless writes them again\n{}", wrong.join("\n"));
    }

    /// Types every recorded hint on this system.
    pub fn type_hints(&self) {
        hints::check(self.ordctl, &self.hints);
    }
}

/// Generated texts such as completions have separate files and tests.
fn shortened(text: &str) -> String {
    const LINES: usize = 80;
    let mut lines: Vec<&str> = text.trim_end().lines().collect();
    if lines.len() > LINES {
        lines.truncate(LINES / 4);
        lines.push("(shortened)");
    }
    lines.join("\n")
}

/// The lines that are only in one of two texts.
fn difference(expected: &str, actual: &str) -> String {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (old, new) = (lines(expected), lines(actual));
    let removed = old.iter().filter(|l| !new.contains(l)).map(|l| format!("  -{l}"));
    let added = new.iter().filter(|l| !old.contains(l)).map(|l| format!("  +{l}"));
    removed.chain(added).collect::<Vec<_>>().join("\n")
}

#[test]
fn help_of_every_command() {
    let ordctl = Ordctl::new();
    let mut recorder = Recorder::new("help", &ordctl);
    for command in commands() {
        let line = command.iter().map(String::as_str).chain(["-h"]).collect::<Vec<_>>().join(" ");
        assert_eq!(recorder.run(&line).code, 0, "{line}");
    }
    recorder.compare();
}

/// What an example may take of a terminal with 80 columns.
const COLUMNS: usize = 79;

/// The words of a command line of examples, without comments, pipes and redirections.
fn example_words(line: &str) -> Option<Vec<String>> {
    let command = &line[line.find("ordctl ")?..];
    let command = command.split("   ").next()?.split(" | ").next()?.split(" > ").next()?;
    shell_words::split(command).ok()
}

#[test]
fn help_is_short_and_its_examples_are_command_lines() {
    let mut wrong = Vec::new();
    for path in commands() {
        let name = format!("ordctl {}", path.join(" "));
        let words: Vec<&str> = path.iter().map(String::as_str).chain(["-h"]).collect();
        let help =
            |columns: &str| CommandOutput::of(Ordctl::new().command(&words).env("COLUMNS", columns)).out;
        let (narrow, wide) = (help("80"), help("300"));
        let (Some((head, _)), Some((_, examples))) =
            (narrow.split_once("Examples:\n"), wide.split_once("Examples:\n"))
        else {
            wrong.push(format!("{name}: has no examples"));
            continue;
        };
        let lines = head.trim_end().lines().count();
        if lines > 24 && !path.is_empty() {
            wrong.push(format!("{name}: {lines} lines before the examples"));
        }
        let first = head.lines().next().unwrap_or_default();
        if first.ends_with('?') || first.ends_with('.') {
            wrong.push(format!("{name}: the summary is no imperative: {first}"));
        }
        let examples = examples.split("\n\n").next().unwrap();
        let lines: Vec<&str> = examples.lines().filter(|l| l.contains("ordctl ")).collect();
        if !(2..=5).contains(&lines.len()) {
            wrong.push(format!("{name}: {} examples", lines.len()));
        }
        for line in lines {
            if line.chars().count() > COLUMNS {
                wrong.push(format!("{line}: wrapped at 80 columns, so it cannot be copied"));
            }
            let words = example_words(line).unwrap_or_default();
            let parsed = ordctl::commands::command_line().try_get_matches_from(&words);
            if let Err(e) = parsed {
                wrong.push(format!("{line}: {e}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every command that is not a group has a transcript besides that of its help.
#[test]
fn every_command_has_a_transcript() {
    if std::env::var("ORDCTL_BLESS").is_ok() {
        // The other tests are still writing them.
        return;
    }
    let all = commands();
    let is_group = |path: &[String]| all.iter().any(|c| c.len() > path.len() && c.starts_with(path));
    let recorded: BTreeSet<String> =
        ["unconfigured", "unreachable", "database", "lists", "stack", "healthy", "broken"]
            .into_iter()
            .flat_map(|system| std::fs::read_dir(folder(system)).into_iter().flatten().flatten())
            .map(|e| e.path().file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
    let missing: Vec<String> =
        all.iter().filter(|c| !is_group(c)).map(|c| c.join("-")).filter(|c| !recorded.contains(c)).collect();
    assert!(missing.is_empty(), "commands without a transcript: {missing:?}");
}
