//! What a person sees on a terminal of 80×24.

use crate::support::ordctl::{Ordctl, migrated};
use crate::support::postgres::Database;

const SIZE: (u16, u16) = (80, 24);

async fn with_an_old_row() -> (Database, Ordctl) {
    let (database, ordctl) = migrated().await;
    let rows =
        "INSERT INTO audit_log (action, at) VALUES ('old', now() - interval '200 days'), ('new', now())";
    database.execute(rows).await.unwrap();
    (database, ordctl)
}

#[tokio::test]
async fn the_summary_of_a_plan_stands_above_the_question() {
    let (database, ordctl) = with_an_old_row().await;
    let shown = ordctl.on_terminal(SIZE, "n\n", &["maintain", "weekly"]).out;
    let lines: Vec<&str> = shown.lines().collect();
    let question =
        lines.iter().position(|line| line.contains("Continue on ")).unwrap_or_else(|| panic!("{lines:#?}"));
    assert!(lines[question - 1].starts_with("checked afterwards: Tables without statistics"), "{lines:#?}");
    assert_eq!(lines[question - 2], "deletes: 1 audit log row", "{lines:#?}");
    assert!(lines[question - 3].contains(" of 15 steps change something"), "{lines:#?}");
    let plan = &lines[..question];
    assert!(plan.contains(&"   3. Delete 1 audit log row older than 90 days"), "{lines:#?}");
    assert!(
        !plan.iter().any(|line| line.contains("DELETE FROM") || line.contains("SET lock_timeout")),
        "{lines:#?}"
    );
    assert_eq!(
        database.value("SELECT count(*) FROM audit_log WHERE action = 'old'").await,
        "1",
        "nothing was changed"
    );

    let exact = ordctl.on_terminal(SIZE, "n\n", &["maintain", "weekly", "--show-statements"]).out;
    assert!(exact.contains("DELETE FROM public.audit_log"), "{exact}");
}

#[tokio::test]
async fn a_section_without_a_problem_is_one_line_and_problems_come_with_their_commands() {
    let (_database, ordctl) = with_an_old_row().await;
    let shown = ordctl.on_terminal(SIZE, "", &["health", "morning", "--skip", "disk"]).out;
    let lines: Vec<&str> = shown.lines().collect();
    let section = |title: &str| {
        let of: Vec<&&str> = lines.iter().filter(|line| line.contains(title)).collect();
        assert_eq!(of.len(), 1, "{title}: {lines:#?}");
        of[0].to_string()
    };
    assert!(section(" PostgreSQL ").starts_with("  ok       PostgreSQL"), "{lines:#?}");
    assert!(section(" PostgreSQL ").ends_with(" more"), "{lines:#?}");
    let summary = lines.iter().position(|line| line.contains("-v shows every check")).unwrap();
    assert!(
        lines[summary + 1].starts_with("  critical ") || lines[summary + 1].starts_with("  warning "),
        "{lines:#?}"
    );
    assert!(lines.len() <= 24, "{lines:#?}");
    for line in lines.iter().filter(|line| line.starts_with("  ok ") || line.starts_with("  skipped ")) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let all = ordctl.on_terminal(SIZE, "", &["health", "morning", "--skip", "disk", "-v"]).out;
    assert!(all.contains("\n  ok       Invalid indexes: 0"), "{all}");
    let one = ordctl.on_terminal(SIZE, "", &["health", "morning", "--only", "postgres"]).out;
    assert!(one.contains("\n  ok       Invalid indexes: 0"), "{one}");
    let piped = ordctl.run(&["health", "morning", "--skip", "disk"]).out;
    assert!(piped.contains("\n  ok       Invalid indexes: 0"), "a pipe gets every check: {piped}");
}
