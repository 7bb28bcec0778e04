//! Every query is PREPAREd on the real schema and used, and every runbook is valid.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use ordctl::store::{Language, Library};

use crate::architecture::files;
use crate::support::left_out;
use crate::support::ordctl::Ordctl;
use crate::support::postgres::Database;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[tokio::test]
async fn every_sql_file_is_prepared_on_a_migrated_database() {
    let database = Database::fresh().await;
    let store = &database.store;
    ordctl::engine::migrations::migrate(store, &Default::default(), &crate::support::consent())
        .await
        .unwrap();
    let session = store.postgres().session().await.unwrap();
    let mut prepared = 0;
    for query in Library::embedded().unwrap() {
        // A script of several statements cannot be prepared; the tests of the engine run it.
        let script = ["engine/migrations/", "engine/migrate/", "engine/embedded/", "engine/listen"];
        if query.language == Language::Sql && !script.iter().any(|s| query.name.starts_with(s)) {
            let result = session.prepare(&query.text).await;
            assert!(result.is_ok(), "{}: {:?}", query.name, result.err());
            assert_eq!(result.unwrap().params().len(), query.binds.len(), "{}", query.name);
            prepared += 1;
        }
    }
    assert!(prepared > 15, "{prepared}");
}

#[test]
fn every_promql_file_is_parsed_by_prometheus() {
    if left_out("every_promql_file_is_parsed_by_prometheus", &["prometheus"]) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let rules: Vec<String> = Library::embedded()
        .unwrap()
        .into_iter()
        .filter(|q| q.language == Language::PromQl)
        .map(|q| {
            let text: String = q.text.lines().filter(|l| !l.starts_with('#')).collect::<Vec<_>>().join(" ");
            format!("      - record: ordctl:{}\n        expr: {}\n", q.name, serde_json::json!(text))
        })
        .collect();
    assert!(!rules.is_empty());
    let path = dir.path().join("rules.yaml");
    std::fs::write(&path, format!("groups:\n  - name: all\n    rules:\n{}", rules.concat())).unwrap();
    let output = Command::new("promtool").args(["check", "rules"]).arg(&path).output();
    let output = output.expect("promtool: apt-get install prometheus");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn every_runbook_is_valid() {
    let output = Ordctl::new().run(&["runbook", "lint"]);
    assert_eq!(output.code, 0, "{output:?}");
}

#[test]
fn every_query_is_used() {
    let mut text = String::new();
    for file in files(&root().join("src"), "rs").into_iter().chain(files(&root().join("runbooks"), "yaml")) {
        text.push_str(&std::fs::read_to_string(file).unwrap());
    }
    let orphans: BTreeSet<String> = Library::embedded()
        .unwrap()
        .into_iter()
        .map(|q| q.name)
        .filter(|name| !name.starts_with("engine/migrations/"))
        .filter(|name| {
            let short = name.strip_prefix("engine/").unwrap_or(name);
            ![name.as_str(), short].iter().any(|n| {
                text.contains(&format!("\"{n}\""))
                    || text.contains(&format!("query: {n},"))
                    || text.contains(&format!("query: {n} }}"))
                    || text.contains(&format!("query: {n}\n"))
            })
        })
        .collect();
    assert!(orphans.is_empty(), "{orphans:?}");
}

/// A user's runbook that names a tool by a former name still works.
#[test]
fn a_former_tool_name_is_accepted_with_a_warning() {
    let ordctl = Ordctl::new();
    let text = "name: old\ntitle: Old names\nsections:\n  - id: s\n    title: S\n    steps:\n      \
                - { id: before, uses: check.roster, with: { services: [] } }\n";
    std::fs::write(ordctl.home().join("old.yaml"), text).unwrap();
    for args in [&["runbook", "lint", "./old.yaml"] as &[&str], &["run", "./old.yaml"]] {
        let output = ordctl.run(args);
        assert!(output.code != 64, "{args:?}: {output:?}");
        let warning = "warning: old: the tool check.roster is now named check.instances";
        assert!(output.err.contains(warning), "{args:?}: {output:?}");
    }
}
