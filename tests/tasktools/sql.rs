//! `sql.query`: only marked queries, read-only, with limits, and without the query text in errors.

use super::{refused, run, summary};
use crate::support::ordctl::{CommandOutput, Ordctl};
use crate::support::postgres::{Database, cluster};

const QUERIES: &[(&str, &str)] = &[
    (
        "greet",
        "-- who is greeted?\n-- task: yes\n-- bind: name, n\nSELECT 'hello ' || $1::text AS text, $2::int AS n",
    ),
    ("closed", "-- what is it?\nSELECT 1 AS one"),
    ("writes", "-- does it write?\n-- task: yes\nSELECT write_it() AS done"),
    ("broken", "-- is it SQL?\n-- task: yes\nSELECT secret_column FROM nowhere_at_all"),
    ("many", "-- how many?\n-- task: yes\nSELECT generate_series(1, 1001) AS n"),
    ("wide", "-- how wide?\n-- task: yes\nSELECT repeat('x', 400000) AS text FROM generate_series(1, 3)"),
];

async fn prepared() -> (Database, Ordctl) {
    let database = Database::fresh().await;
    let sql = "CREATE TABLE t (n int); CREATE FUNCTION write_it() RETURNS int LANGUAGE sql \
               AS 'INSERT INTO t VALUES (1) RETURNING n'";
    database.execute(sql).await.unwrap();
    let ordctl = Ordctl::configured("queries: [mine]\n");
    std::fs::create_dir(ordctl.home().join("mine")).unwrap();
    for (name, text) in QUERIES {
        std::fs::write(ordctl.home().join(format!("mine/{name}.sql")), text).unwrap();
    }
    let url = cluster().url("postgres", &database.name);
    (database, ordctl.with("DATABASE_URL", url))
}

#[tokio::test]
async fn a_marked_query_gives_its_rows_to_later_steps() {
    let (_database, ordctl) = prepared().await;
    let (code, report) = run(
        &ordctl,
        &[
            "uses: sql.query, save_as: answer, with: { query: greet, single: true, binds: { name: \"x'; --\", n: 7 } }",
            "uses: transform, with: { expr: '[count, row.text, rows[0].n]', data: '${steps.answer}' }",
        ],
    );
    assert_eq!(code, 0, "{report}");
    assert_eq!(summary(&report, "transform"), "transform: [1,\"hello x'; --\",7]");
}

#[tokio::test]
async fn a_query_that_is_not_marked_is_refused_when_written_and_when_run() {
    let (_database, ordctl) = prepared().await;
    let output = refused(&ordctl, &["uses: sql.query, with: { query: closed }"]);
    assert_eq!(output.code, 64, "{output:?}");
    assert!(output.err.contains("mine.yaml:3:") && output.err.contains("not marked for tasks"), "{output:?}");
    let hidden = [
        "id: name, uses: transform, save_as: name, with: { expr: '@', data: closed }",
        "id: ask, uses: sql.query, with: { query: '${steps.name}' }",
    ];
    let (_, report) = run(&ordctl, &hidden);
    assert!(summary(&report, "ask").contains("not marked for tasks"), "{report}");
}

fn failing(ordctl: &Ordctl, query: &str) -> CommandOutput {
    refused(ordctl, &[&format!("id: ask, uses: sql.query, with: {{ query: {query} }}")])
}

#[tokio::test]
async fn writes_and_large_results_are_refused_without_showing_the_query() {
    let (database, ordctl) = prepared().await;
    for (query, words) in [
        ("writes", "tasks may only read"),
        ("broken", "this database lacks one of its tables or columns"),
        ("many", "the result exceeds 1,000 rows or 1.0 MiB"),
        ("wide", "the result exceeds 1,000 rows or 1.0 MiB"),
    ] {
        let output = failing(&ordctl, query);
        assert_ne!(output.code, 0, "{output:?}");
        assert!(output.out.contains(words), "{query}: {output:?}");
        for text in ["nowhere_at_all", "secret_column", "write_it", "generate_series"] {
            assert!(!output.out.contains(text) && !output.err.contains(text), "{query}: {output:?}");
        }
    }
    assert_eq!(database.value("SELECT count(*) FROM t").await, "0");
}
