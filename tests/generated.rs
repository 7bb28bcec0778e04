//! Files generated from the program are up to date; `make bless` rewrites them.

use std::path::PathBuf;

use crate::support::ordctl::Ordctl;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn same(path: &str, text: &str) {
    let path = root().join(path);
    if std::env::var("ORDCTL_BLESS").is_ok() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "{} is outdated: run make bless", path.display());
}

#[test]
fn completions_are_up_to_date() {
    let ordctl = Ordctl::new();
    for (shell, file) in [("bash", "ordctl.bash"), ("zsh", "_ordctl"), ("fish", "ordctl.fish")] {
        let output = ordctl.run(&["completions", shell]);
        assert_eq!(output.code, 0);
        same(&format!("completions/{file}"), &output.out);
    }
}

#[test]
fn manual_pages_are_up_to_date() {
    let ordctl = Ordctl::new();
    let output = ordctl.run(&["man"]);
    assert_eq!(output.code, 0);
    same("completions/ordctl.1", &output.out);
    let pages = ordctl.home().join("pages");
    assert_eq!(ordctl.run(&["man", "--dir", pages.to_str().unwrap()]).code, 0);
    let names: Vec<String> = std::fs::read_dir(&pages)
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert!(names.contains(&"ordctl-health-morning.1".to_owned()), "{names:?}");
}

#[test]
fn runbook_schema_is_up_to_date() {
    let output = Ordctl::new().run(&["runbook", "schema"]);
    same("runbooks/schema.json", &output.out);
    let schema: serde_json::Value = serde_json::from_str(&output.out).unwrap();
    assert!(schema["properties"]["sections"].is_object());
}
