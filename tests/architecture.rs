//! Imports point downward only, as the table in `src/lib.rs` states.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A layer and what it may import besides itself and `base`.
const TABLE: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("model", &[]),
    ("clients", &["model"]),
    ("store", &["clients::postgres", "model"]),
    ("tools", &["store", "clients", "model"]),
    ("pipeline", &["tools", "model"]),
    ("runbook", &["pipeline", "store", "clients::postgres", "model"]),
    ("engine", &["pipeline", "store", "clients", "model"]),
    ("render", &["model"]),
    ("commands", &["base", "model", "clients", "store", "tools", "pipeline", "runbook", "engine", "render"]),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub fn files(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|e| e == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Every `crate::a::b` in a file, also inside `use crate::{…}`.
fn imports(text: &str) -> BTreeSet<String> {
    let code: String =
        text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        if let Some(group) = rest.strip_prefix('{') {
            let body = group.split("};").next().unwrap();
            found.extend(body.split(',').map(|p| p.trim().to_owned()));
            continue;
        }
        let path: String =
            rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':').collect();
        found.insert(path.trim_end_matches(':').to_owned());
    }
    found.retain(|p| !p.is_empty());
    found
}

/// The platform is neutral: only `tools/docker` names an implementation.
#[test]
fn only_the_docker_tools_import_docker() {
    let mut wrong = Vec::new();
    for file in files(&root().join("src"), "rs") {
        let inside = file.strip_prefix(root().join("src")).unwrap();
        if ["clients", "tools/docker"].iter().any(|allowed| inside.starts_with(allowed)) {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let names_docker = ["platform::docker", "platform::{docker", "clients.docker("];
        if names_docker.iter().any(|name| text.contains(name)) {
            wrong.push(inside.display().to_string());
        }
    }
    assert!(wrong.is_empty(), "these import Docker instead of the platform:\n{}", wrong.join("\n"));
}

fn allowed(layer: &str, path: &str, may: &[&str]) -> bool {
    let inside = |prefix: &str| path == prefix || path.starts_with(&format!("{prefix}::"));
    inside(layer) || inside("base") || may.iter().any(|m| inside(m))
}

#[test]
fn imports_point_downward() {
    let mut wrong = Vec::new();
    for (layer, may) in TABLE {
        let dir = root().join("src").join(layer);
        for file in files(&dir, "rs").into_iter().filter(|f| !f.to_string_lossy().ends_with("_tests.rs")) {
            let text = std::fs::read_to_string(&file).unwrap();
            for path in imports(&text) {
                if !allowed(layer, &path, may) {
                    wrong.push(format!("{}: crate::{path}", file.strip_prefix(root()).unwrap().display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "imports that point upward or sideways:\n{}", wrong.join("\n"));
}

/// The defaults mean "reads only" and "nothing to do".
#[test]
fn every_action_declares_its_effect_and_its_plan() {
    let looks = ["\"check.", "\"measure.database", "\"measure.load", "\"measure.workers"];
    for file in files(&root().join("src/tools"), "rs") {
        let text = std::fs::read_to_string(&file).unwrap();
        let general = file.starts_with(root().join("src/tools/general"));
        let looks = looks.iter().any(|name| text.contains(&format!("const NAME: &'static str = {name}")));
        if text.contains("impl Tool for") && !looks && !general {
            for method in ["fn effect(", "async fn plan("] {
                assert!(text.contains(method), "{}: has no `{method}`", file.display());
            }
        }
    }
}

/// The type system keeps others from building a `Consented`; these are the files that may ask for one.
#[test]
fn consent_is_created_by_the_prompt_configuration_tasks_and_the_api_guard_only() {
    let allowed: [(&str, &[&str]); 5] = [
        ("consent::ask(", &["commands/autoscale.rs", "runbook/change.rs", "runbook/run.rs"]),
        (
            "Consented::from_configuration(",
            &["commands/serve/dev.rs", "commands/serve/mod.rs", "runbook/tool.rs"],
        ),
        ("Consented::from_api_caller(", &["engine/api/caller.rs", "engine/api/request.rs"]),
        ("Consented::from_task(", &["engine/worker/run.rs"]),
        ("impl AuthenticatedCaller for", &["engine/api/caller.rs"]),
    ];
    for file in
        files(&root().join("src"), "rs").into_iter().filter(|f| !f.to_string_lossy().ends_with("tests.rs"))
    {
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let file = file.strip_prefix(root().join("src")).unwrap().to_string_lossy().into_owned();
        for (call, files) in allowed {
            assert!(!code.contains(call) || files.contains(&file.as_str()), "{file} calls {call}");
        }
    }
}

#[test]
fn the_table_names_every_layer() {
    let mut layers: Vec<String> = std::fs::read_dir(root().join("src"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.is_dir())
        .map(|p| p.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    layers.sort();
    let mut known: Vec<&str> = TABLE.iter().map(|(l, _)| *l).collect();
    known.sort_unstable();
    assert_eq!(layers, known);
}

/// The lines of code outside the store, tests excepted, that match.
fn lines_outside_the_store(matches: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for file in files(&root().join("src"), "rs") {
        if file.strip_prefix(root().join("src/store")).is_ok() {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for line in code.lines().filter(|l| !l.trim_start().starts_with("//") && matches(l)) {
            found.push(format!("{}: {}", file.strip_prefix(root()).unwrap().display(), line.trim()));
        }
    }
    found
}

/// The store has a typed function for each of the engine's queries. A user's queries have no folder and are
/// named in `check.query`, `sql.query` and `measure.database`.
#[test]
fn only_the_store_names_queries_of_the_engine() {
    let engine = root().join("queries/engine");
    let names: BTreeSet<String> = files(&engine, "sql")
        .iter()
        .map(|f| f.strip_prefix(&engine).unwrap().with_extension("").to_string_lossy().into_owned())
        .collect();
    let folders: BTreeSet<&str> = names.iter().filter_map(|n| Some(n.split_once('/')?.0)).collect();
    let is_query = |text: &str| {
        let name = text.strip_prefix("engine/").unwrap_or(text);
        let is_named = names.contains(name) && text.contains('/');
        let is_built = name.split_once('/').is_some_and(|(f, n)| folders.contains(f) && n.starts_with('{'));
        is_named || is_built
    };
    let wrong = lines_outside_the_store(|line| line.split('"').skip(1).step_by(2).any(is_query));
    assert!(wrong.is_empty(), "queries named outside the store:\n{}", wrong.join("\n"));
}

/// The server converts a statement with its comments, and an encoding such as LATIN1 has no other characters.
#[test]
fn queries_are_ascii() {
    let wrong: Vec<_> = files(&root().join("queries"), "sql")
        .into_iter()
        .filter(|file| !std::fs::read(file).unwrap().is_ascii())
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// SQL text is in `queries/`; only the store builds statements with identifiers.
#[test]
fn no_sql_outside_queries_and_the_store() {
    let words = ["SELECT ", "INSERT INTO", "DELETE FROM", "UPDATE ", "ALTER TABLE", "CREATE TABLE"];
    let wrong = lines_outside_the_store(|line| words.iter().any(|w| line.contains(&format!("\"{w}"))));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
