//! README is correct: its tables match the program, and its command lines run.

use std::path::Path;

use ordctl::base::exit;

use crate::support::ordctl::Ordctl;

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

#[test]
fn the_table_of_exit_codes_matches_the_program() {
    let text = readme();
    for (code, meaning) in exit::TABLE {
        assert!(text.contains(&format!("| {code} | {meaning} |")), "{code} {meaning}");
    }
}

#[test]
fn every_command_of_the_table_exists() {
    let ordctl = Ordctl::new();
    let text = readme();
    let rows: Vec<&str> = text.lines().filter(|l| l.starts_with("| `ordctl ")).collect();
    assert!(rows.len() > 8);
    for row in rows {
        let command = row.split('`').nth(1).unwrap();
        let words: Vec<&str> = command
            .split(' ')
            .skip(1)
            .filter(|w| !w.chars().all(|c| c.is_uppercase()))
            .chain(["-h"])
            .collect();
        assert_eq!(ordctl.run(&words).code, 0, "{command}");
    }
}

/// Without a configured system a report is unknown (3) and an action is refused (4): only usage errors fail.
#[test]
fn every_command_line_runs() {
    let ordctl = Ordctl::new();
    let mut ran = 0;
    for line in readme().lines().filter(|l| l.starts_with("ordctl ")) {
        let words: Vec<&str> = line.split_whitespace().skip(1).collect();
        let output = ordctl.run(&words);
        assert!(!output.err.contains("Usage:"), "{line}: {output:?}");
        assert!([0, 1, 2, 3, 4].contains(&output.code), "{line}: {output:?}");
        ran += 1;
    }
    assert!(ran >= 8, "{ran}");
}
