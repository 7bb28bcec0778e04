//! Growth: the fitted line against PostgreSQL's own regression, and days until full.

use super::capacity;
use crate::evening::{empty, number, url};
use crate::support::ordctl::{Ordctl, finding};
use crate::support::postgres::Database;

const MIB: f64 = 1024.0 * 1024.0;

/// One sample per day. Each is smaller than the current database by `less`, an expression of the age `d` in days.
async fn samples(database: &Database, days: u32, less: &str) {
    let sql = format!(
        "INSERT INTO ordctl.sample (name, at, value)
         SELECT 'database_bytes', now() - make_interval(days => d), pg_database_size(current_database()) - ({less})
           FROM generate_series(1, {days}) d"
    );
    database.execute(&sql).await.unwrap();
}

fn limited(database: &Database, more: &str) -> Ordctl {
    Ordctl::configured(&format!("database: {{ url: \"{}\" }}\n{more}", url(database)))
}

#[tokio::test]
async fn growth_is_a_least_squares_fit() {
    let (database, _) = empty().await;
    samples(&database, 20, "d * 1048576 + 300000 * sin(d)").await;
    let ordctl = limited(&database, "capacity: { limit: 1GiB }");
    let (code, report) = capacity(&ordctl, "growth");
    assert_eq!(code, 0, "{report}");
    let of = |function: &str| {
        format!(
            "SELECT {function}(value, extract(epoch FROM at) / 86400) FROM ordctl.sample WHERE name = 'database_bytes'"
        )
    };
    let wanted: f64 = database.value(&of("regr_slope")).await.parse().unwrap();
    let slope = number(&report, "growth.trend.database");
    assert!((slope / wanted - 1.0).abs() < 1e-6, "{slope}, not {wanted}");
    assert!((slope / MIB - 1.0).abs() < 0.05, "{slope}");
    let size: f64 = database
        .value("SELECT value FROM ordctl.sample WHERE name = 'database_bytes' ORDER BY at DESC LIMIT 1")
        .await
        .parse()
        .unwrap();
    let days = number(&report, "growth.trend.full");
    assert!((days - (1024.0 * MIB - size) / slope).abs() < 0.01, "{days}");
    let line = finding(&report, "growth.trend.database")["series"].clone();
    assert_eq!(line["points"].as_array().unwrap().len(), 21, "twenty samples and that of this report");
    assert_eq!(line["line"].as_array().unwrap().len(), 2);
    // The confidence interval, computed in SQL.
    let n = 21.0;
    let rest: f64 = database.value(&of("regr_syy")).await.parse::<f64>().unwrap()
        - database.value(&of("regr_sxy")).await.parse::<f64>().unwrap() * wanted;
    let sxx: f64 = database.value(&of("regr_sxx")).await.parse().unwrap();
    let margin = 2.093 * (rest / (n - 2.0) / sxx).sqrt();
    let summary = finding(&report, "growth.trend.full")["summary"].as_str().unwrap().to_owned();
    let soonest = (1024.0 * MIB - size) / (slope + margin);
    assert!(summary.contains(&format!("95 %: {soonest:.0} days to ")), "{soonest}: {summary}");
    // Close to the limit.
    let near = limited(&database, "capacity: { limit: \"12MiB\" }");
    let (code, report) = capacity(&near, "growth");
    assert_eq!(code, 2, "{report}");
}

#[tokio::test]
async fn growth_does_not_depend_on_the_day_of_the_month() {
    let (database, _) = empty().await;
    let first = "SELECT pg_database_size(current_database())
                   / extract(day FROM date '2026-03-01' - date_trunc('month', date '2026-03-01'))";
    let error = database.execute(first).await.unwrap_err();
    assert!(error.as_db_error().unwrap().message().contains("division by zero"), "the script, on the 1st");
    // Thirty days always include the 1st of a month.
    samples(&database, 29, "d * 1048576").await;
    let (_, report) = capacity(&limited(&database, ""), "growth");
    let slope = number(&report, "growth.trend.database");
    assert!((slope / MIB - 1.0).abs() < 0.05, "{slope}");
}

#[tokio::test]
async fn too_few_samples_are_no_trend() {
    let (database, _) = empty().await;
    let limit = limited(&database, "capacity: { limit: 1GiB }");
    let says = |report: &serde_json::Value, samples: &str| {
        for (id, text) in [("full", "growth unknown"), ("database", "growth: not enough samples yet")] {
            let found = finding(report, &format!("growth.trend.{id}"));
            assert!(found["value"].is_null(), "{found}");
            assert!(found["summary"].as_str().unwrap().contains(text), "{found}");
        }
        // The reason stands once, however many tables there are.
        assert_eq!(report.to_string().matches(samples).count(), 1, "{report}");
    };
    let (code, report) = capacity(&limit, "growth");
    assert_eq!(code, 0, "{report}");
    says(&report, "1 sample over 0 s");
    // Many samples within less than a day.
    database
        .execute(
            "INSERT INTO ordctl.sample (name, at, value)
             SELECT 'database_bytes', now() - make_interval(hours => h), 1000 FROM generate_series(1, 20) h",
        )
        .await
        .unwrap();
    let (_, report) = capacity(&limit, "growth");
    assert!(
        finding(&report, "growth.trend.full")["summary"].as_str().unwrap().contains("unknown"),
        "{report}"
    );
    // Four days, including today.
    database.execute("TRUNCATE ordctl.sample").await.unwrap();
    samples(&database, 3, "d").await;
    let (_, report) = capacity(&limit, "growth");
    says(&report, "4 samples over 3d");
}

#[tokio::test]
async fn days_until_full_need_a_limit_and_growth() {
    let (database, _) = empty().await;
    samples(&database, 10, "-d * 1048576").await;
    let (code, report) = capacity(&limited(&database, ""), "growth");
    let full = finding(&report, "growth.trend.full");
    assert_eq!((code, full["status"].as_str()), (0, Some("skipped")));
    assert!(full["summary"].as_str().unwrap().contains("set capacity.disk or capacity.limit"), "{full}");
    let (code, report) = capacity(&limited(&database, "capacity: { limit: 1GiB }"), "growth");
    let full = finding(&report, "growth.trend.full");
    assert!(code == 0 && full["value"].is_null(), "{full}");
    assert!(full["summary"].as_str().unwrap().starts_with("Time until full: no growth"), "{full}");
    let (_, report) = capacity(&limited(&database, "capacity: { disk: / }"), "growth");
    assert!(finding(&report, "growth.trend.full")["summary"].as_str().unwrap().contains("left of /"));
    let (code, report) = capacity(&limited(&database, "capacity: { disk: /no/such }"), "growth");
    assert_eq!((code, finding(&report, "growth.trend.full")["status"].as_str()), (3, Some("unknown")));
}

#[tokio::test]
async fn tables_are_listed_by_growth() {
    let (database, ordctl) = empty().await;
    capacity(&ordctl, "growth");
    database
        .execute(
            "CREATE TABLE a (n int); CREATE TABLE b (n int);
             DELETE FROM ordctl.sample;
             INSERT INTO ordctl.sample (name, label, at, value)
             SELECT 'table_bytes', label, now() - make_interval(days => d), 100000 - d * pace
               FROM generate_series(0, 9) d, (VALUES ('public.a', 10), ('public.b', 500)) AS t (label, pace);
             -- Many that are larger, and stay so.
             INSERT INTO ordctl.sample (name, label, at, value)
             SELECT 'table_bytes', 'x.' || n, now() - make_interval(days => d), 1000000
               FROM generate_series(0, 9) d, generate_series(1, 60) n;
             INSERT INTO ordctl.sample (name, label, at, value) VALUES ('database_bytes', '', now(), 1)",
        )
        .await
        .unwrap();
    let (_, report) = ordctl.json(&["capacity", "--only", "growth", "-p", "tables=1"]);
    assert_eq!(number(&report, "growth.trend.public.b").round(), 500.0, "{report}");
    let all: Vec<&str> = report["sections"][0]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["id"].as_str().unwrap())
        .collect();
    assert_eq!(all.len(), 4, "database, full, one table, the sample: {all:?}");
}
