//! Replaces values that differ between runs: times, ids, durations, sizes, paths, ports, versions.

use std::path::Path;

use regex::Regex;

const RULES: &[(&str, &str)] = &[
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?[+-]\d\d:\d\d| UTC|Z)?", "<time>"),
    (r"\d{4}-\d\d-\d\d", "<date>"),
    (r"\d{8}T\d{6}Z?", "<time>"),
    (r"(127\.0\.0\.1|localhost|\[::1\]):\d{4,5}", "$1:<port>"),
    (r"port \d{4,5}", "port <port>"),
    (r"%2F[A-Za-z0-9%._-]*ordctl-test-[A-Za-z0-9]+", "<socket>"),
    (r"/[a-z]+/ordctl-test-[A-Za-z0-9]+", "<socket>"),
    (r"<socket>(:| port |/\.s\.PGSQL\.)\d+", "<socket>$1<port>"),
    (r"\b\d+(\.\d+)? (B|KiB|MiB|GiB|TiB)\b", "<size>"),
    (r"\b\d+[dhm] \d+[hms]\b", "<duration>"),
    (r"\b\d+(\.\d+)? (µs|ms|s)\b", "<duration>"),
    (r"\b\d+(\.\d+)? %", "<n> %"),
    (r"\b(pid|PID) \d+", "$1 <pid>"),
    (r"\bon hold since (<time>|\d\d:\d\d) by [^:]+:", "on hold since <time> by <user>:"),
    (r"\b(ordctl|PostgreSQL|Redis|Docker|docker) \d+(\.\d+)+", "$1 <version>"),
    (r"\b[0-9a-f]{12,64}\b", "<hash>"),
    (r"\b\d+ transactions old", "<n> transactions old"),
    (r"\(\d+ of \d+\)", "(<n> of <n>)"),
    (r"\(\d+ lines\)", "(<n> lines)"),
    (r"\bordctl:<host>:\d+:[0-9a-f]{8}\b", "ordctl:<host>:<pid>:<node>"),
    (r"\bord_[A-Za-z0-9_.-]{20,}", "<key>"),
];

pub struct Redact {
    texts: Vec<(String, String)>,
    rules: Vec<(Regex, &'static str)>,
}

impl Redact {
    pub fn new(home: &Path) -> Self {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let rules = RULES.iter().map(|(rule, with)| (Regex::new(rule).unwrap(), *with)).collect();
        let texts = vec![(home.display().to_string(), "<home>".to_owned()), (host, "<host>".to_owned())];
        Self { texts, rules }
    }

    pub fn replace(&mut self, text: &str, with: &str) {
        self.texts.insert(0, (text.to_owned(), with.to_owned()));
    }

    pub fn apply(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (from, to) in &self.texts {
            text = text.replace(from, to);
        }
        for (rule, with) in &self.rules {
            text = rule.replace_all(&text, *with).into_owned();
        }
        text.lines().map(|l| without_figures(&collapse(l)) + "\n").collect()
    }
}

/// How many figures of a section fit into its line of an overview depends on their widths.
fn without_figures(line: &str) -> String {
    let cells: Vec<&str> = line.trim_start().split("  ").collect();
    match cells.as_slice() {
        [verdict @ ("ok" | "skipped"), title, figures] if figures.contains(['<', '…']) => {
            format!("  {verdict}  {title}  <figures>")
        }
        _ => line.to_owned(),
    }
}

/// Where a line of a terminal is wrapped depends on values that are replaced.
pub fn unwrapped(screen: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in screen.lines() {
        let text = line.trim_start();
        let is_more = [2, 4, 6, 11].contains(&(line.len() - text.len()))
            && !["-> ", "ok ", "warning ", "critical ", "unknown ", "skipped ", "- ", "and "]
                .iter()
                .any(|begin| text.starts_with(begin))
            && !text.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit());
        let is_head = !text.is_empty() && lines.last().is_some_and(|last| last.contains(", from "));
        match lines.last_mut().filter(|last| (is_more || is_head) && !last.is_empty()) {
            Some(last) => last.extend([" ", text]),
            None => lines.push(line.to_owned()),
        }
    }
    lines.join("\n")
}

/// The width of a column depends on values that were replaced.
fn collapse(line: &str) -> String {
    let body = line.trim_start();
    let indent = &line[..line.len() - body.len()];
    let mut out = indent.to_owned();
    for (i, cell) in body.split("  ").map(str::trim).filter(|c| !c.is_empty()).enumerate() {
        if i > 0 {
            out.push_str("  ");
        }
        out.push_str(cell);
    }
    out
}

#[test]
fn values_that_differ_between_runs_are_replaced() {
    let redact = Redact::new(Path::new("/tmp/abc"));
    for (text, expected) in [
        ("2026-01-02 03:04:05 +02:00 x", "<time> x\n"),
        ("took 12 ms, then 3h 5m, then 2 s", "took <duration>, then <duration>, then <duration>\n"),
        ("at /tmp/abc/data  and     127.0.0.1:5432", "at <home>/data  and  127.0.0.1:<port>\n"),
        ("  id 00000000-0000-0000-0000-000000000001", "  id <id>\n"),
        ("1.4 GiB of 3 connections", "<size> of 3 connections\n"),
    ] {
        assert_eq!(redact.apply(text), expected);
    }
}
