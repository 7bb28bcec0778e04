//! README and docs tell the truth: tables match the program, links lead somewhere, and every command line runs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ordctl::base::exit;

use crate::support::engine::{Setup, Tables};
use crate::support::ordctl::{CommandOutput, Ordctl};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pages() -> Vec<(PathBuf, String)> {
    let mut paths = vec![root().join("README.md")];
    paths.extend(crate::architecture::files(&root().join("docs"), "md"));
    paths.into_iter().map(|p| (p.clone(), std::fs::read_to_string(p).unwrap())).collect()
}

/// The lines of the `sh` blocks of a page; a line that ends with a backslash continues on the next one.
fn command_lines(page: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let (mut inside, mut continued) = (false, false);
    for line in page.lines() {
        if line.starts_with("```") {
            inside = line == "```sh";
        } else if inside {
            let (text, more) = match line.strip_suffix('\\') {
                Some(text) => (text, true),
                None => (line, false),
            };
            let text = text.split(" #").next().unwrap().trim();
            match lines.last_mut() {
                Some(last) if continued => *last = format!("{last} {text}"),
                _ if text.is_empty() => {}
                _ => lines.push(text.to_owned()),
            }
            continued = more;
        }
    }
    lines
}

#[test]
fn exit_code_tables_match_the_program() {
    for page in ["README.md", "docs/exit-codes-and-output.md"] {
        let text = std::fs::read_to_string(root().join(page)).unwrap();
        for (code, meaning) in exit::TABLE {
            assert!(text.contains(&format!("| {code} | {meaning} |")), "{page}: {code} {meaning}");
        }
    }
}

#[test]
fn readme_is_short() {
    let lines = std::fs::read_to_string(root().join("README.md")).unwrap().lines().count();
    assert!(lines <= 150, "README.md has {lines} lines; move details to docs/");
}

#[test]
fn links_lead_to_files() {
    for (path, text) in pages() {
        for target in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            let file = target.split('#').next().unwrap();
            if !file.is_empty() && !file.contains("://") {
                assert!(path.parent().unwrap().join(file).exists(), "{}: {target}", path.display());
            }
        }
    }
}

#[test]
fn architecture_names_files_that_exist() {
    let text = std::fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let paths: Vec<&str> =
        text.split('`').filter(|part| part.starts_with("src/") && !part.contains('*')).collect();
    assert!(paths.len() > 30, "only {} paths found", paths.len());
    for path in paths {
        assert!(root().join(path).exists(), "docs/architecture.md names {path}, which does not exist");
    }
}

#[test]
fn every_page_is_linked_from_the_readme() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    for page in crate::architecture::files(&root().join("docs"), "md") {
        let link = format!("docs/{}", page.file_name().unwrap().to_str().unwrap());
        assert!(readme.contains(&link), "README.md does not link {link}");
    }
}

/// Runs the command lines of every page in order, against a migrated database and a running engine.
#[tokio::test]
async fn every_command_line_runs() {
    let mut count = 0;
    for (path, text) in pages() {
        let lines = command_lines(&text);
        if lines.is_empty() {
            continue;
        }
        let tables = Tables::new().await;
        let mut setup = Setup::of(&tables.db);
        setup.more = "docker: { project: ordctl-docs }\n".to_owned();
        let node = setup.node(&[]);
        let address = node.http().await.trim_start_matches("http://").to_owned();
        let ordctl = setup.ordctl();
        std::os::unix::fs::symlink(root().join("examples"), ordctl.home().join("examples")).unwrap();
        for line in &lines {
            run_line(&ordctl, line, &address, &path);
            count += 1;
        }
    }
    assert!(count > 60, "only {count} command lines found");
}

/// Runs one line in a shell; it must be understood, whatever it finds.
fn run_line(ordctl: &Ordctl, line: &str, address: &str, page: &Path) {
    let place = format!("{}: {line}", page.display());
    if let Some(target) = line.strip_prefix("make ") {
        let makefile = std::fs::read_to_string(root().join("Makefile")).unwrap();
        assert!(makefile.lines().any(|l| l.starts_with(&format!("{target}:"))), "{place}: no such target");
        return;
    }
    if line.starts_with("cargo ") {
        assert_eq!(line, "cargo install --path . --locked", "{place}");
        return;
    }
    let line = line.strip_prefix("*/2 * * * *").unwrap_or(line).trim();
    let serves = line.starts_with("ordctl serve");
    let text = match serves {
        true => format!("timeout --signal=TERM 5 {}", line.replace("127.0.0.1:8080", "127.0.0.1:0")),
        false => line.replace("127.0.0.1:8080", address),
    };
    let binary = Path::new(env!("CARGO_BIN_EXE_ordctl")).parent().unwrap().display();
    let path = format!("{binary}:{}", std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-c", &text]).current_dir(ordctl.home()).env_clear().stdin(Stdio::null());
    shell
        .envs(ordctl.command(&[]).get_envs().filter_map(|(name, value)| Some((name, value?))))
        .env("PATH", path);
    let output = CommandOutput::of(&mut shell);
    assert!(!output.err.contains("Usage:"), "{place}: {output:?}");
    // 124: `timeout` ended a server that ran.
    let understood = if serves { [0, 124].contains(&output.code) } else { (0..=4).contains(&output.code) };
    assert!(understood, "{place}: {output:?}");
}
