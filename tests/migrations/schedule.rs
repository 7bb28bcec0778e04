//! The trigger that marks schedule edits made by SQL.

use ordctl::engine::migrations::migrate;

use super::options;
use crate::support::postgres::Database;

/// A migrated database with one task, whose schedule row a scheduler processed an hour ago.
async fn with_a_task() -> Database {
    let db = Database::fresh().await;
    migrate(&db.store, &options(), &crate::support::consent()).await.unwrap();
    db.execute(
        "INSERT INTO task (title, description, created_by, schedule_kind, schedule_expr, payload)
         VALUES ('t', 'd', '00000000-0000-0000-0000-000000000001', 'cron', '* * * * *', '{}')",
    )
    .await
    .unwrap();
    assert_eq!(seen(&db).await, "changed now");
    db.execute("UPDATE ordctl.schedule SET changed = false, cursor_at = now() - interval '1 hour'")
        .await
        .unwrap();
    db
}

async fn seen(db: &Database) -> String {
    db.value(
        "SELECT concat_ws(' ', CASE WHEN changed THEN 'changed' ELSE 'same' END,
                CASE WHEN cursor_at > now() - interval '1 minute' THEN 'now' ELSE 'earlier' END)
           FROM ordctl.schedule",
    )
    .await
}

#[tokio::test]
async fn only_schedule_edits_are_marked() {
    let db = with_a_task().await;
    for edit in ["title = 'u'", "priority = 1", "schedule_expr = schedule_expr", "payload = '{\"a\": 1}'"] {
        db.execute(&format!("UPDATE task SET {edit}")).await.unwrap();
        assert_eq!(seen(&db).await, "same earlier", "{edit}");
    }
    for edit in [
        "schedule_kind = 'rrule'",
        "schedule_expr = NULL",
        "timezone = 'UTC'",
        "catch_up = 'all'",
        "status = 'paused'",
    ] {
        db.execute(&format!("UPDATE task SET {edit}")).await.unwrap();
        assert_eq!(seen(&db).await, "changed earlier", "{edit}");
        db.execute("UPDATE ordctl.schedule SET changed = false").await.unwrap();
    }
}

#[tokio::test]
async fn a_pause_does_not_count_as_missed_time() {
    let db = with_a_task().await;
    db.execute("UPDATE task SET status = 'paused'").await.unwrap();
    assert_eq!(seen(&db).await, "changed earlier");
    db.execute("UPDATE task SET status = 'active'").await.unwrap();
    assert_eq!(seen(&db).await, "changed now");
}
