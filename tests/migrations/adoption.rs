//! Adopting an Ordinaut database: rows and processes stay, blocking checks are dropped.

use ordctl::engine::migrations::{Origin, costly_indexes, migrate, status, tune};

use super::options;
use crate::support::postgres::{Database, cluster};
use crate::support::run;

const ROWS: &str = "SELECT concat_ws(' ', (SELECT count(*) FROM agent), (SELECT count(*) FROM task),
    (SELECT count(*) FROM task_run), (SELECT count(*) FROM due_work), (SELECT count(*) FROM audit_log),
    (SELECT count(*) FROM worker_heartbeat))";
const INDEXES: &str = "SELECT string_agg(indexname, ' ' ORDER BY indexname)
    FROM pg_indexes WHERE schemaname = 'public' AND indexname ~ '^i[0-9]'";

#[tokio::test]
async fn adoption_keeps_rows_and_indexes_and_drops_the_blocking_checks() {
    let db = Database::upstream().await;
    let before = status(&db.store).await.unwrap();
    assert_eq!(before.origin, Origin::Upstream);
    assert_eq!(before.poison_checks, ["due_work.due_work_locked_until_check", "task_run.some_lease_rule"]);
    assert!(db.execute("UPDATE task_run SET output = '{}'").await.is_err(), "that is the poison");
    let rows = db.value(ROWS).await;
    let indexes = db.value(INDEXES).await;

    let outcome = migrate(&db.store, &options(), &crate::support::consent()).await.unwrap();
    assert!(outcome.adopted);
    assert_eq!(db.value("SELECT adopted FROM ordctl.engine").await, "true");
    assert_eq!(outcome.dropped_checks, before.poison_checks);
    assert_eq!(db.value(ROWS).await, rows);
    assert_eq!(db.value(INDEXES).await, indexes);
    assert_eq!(
        db.value("SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'").await,
        "34",
        "22 more: 7 keys, one_active, 4 for claims, one each for lists, topics, conditions and ends"
    );
    assert_eq!(db.value("SELECT count(*) FROM pg_constraint WHERE conname = 'harmless'").await, "1");
    db.execute("UPDATE task_run SET output = '{}'; UPDATE due_work SET run_at = now()").await.unwrap();
}

#[tokio::test]
async fn adoption_catches_up_no_earlier_occurrence() {
    let db = Database::upstream().await;
    migrate(&db.store, &options(), &crate::support::consent()).await.unwrap();
    let wanted = "SELECT count(*) FROM ordctl.schedule s JOIN task t ON t.id = s.task_id
                   WHERE s.changed AND s.cursor_at = (SELECT applied_at FROM ordctl.migration WHERE version = 2)
                      OR s.cursor_at > now() - interval '1 minute'";
    assert_eq!(db.value(wanted).await, "3", "above all not the `once` task of last year");
    assert_eq!(db.value("SELECT string_agg(DISTINCT catch_up, '') FROM task").await, "once");
}

#[tokio::test]
async fn ordinauts_statements_work_under_an_unprivileged_role() {
    let db = Database::upstream().await;
    let app = format!("app_{}", db.name);
    db.execute(&format!(
        "CREATE ROLE {app} LOGIN;
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app};
         GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {app}"
    ))
    .await
    .unwrap();
    migrate(&db.store, &options(), &crate::support::consent()).await.unwrap();
    let session = db.store_as(&app).postgres().session().await.unwrap();
    assert!(
        session.batch_execute("SELECT * FROM ordctl.schedule").await.is_err(),
        "it may not look in there"
    );
    session
        .batch_execute(
            "INSERT INTO task (id, title, description, created_by, schedule_kind, schedule_expr, payload)
             VALUES ('00000000-0000-0000-0000-0000000000b1', 't', 'd', '00000000-0000-0000-0000-00000000000a', 'cron', '* * * * *', '{}');
             UPDATE task SET schedule_expr = '5 * * * *', priority = 2 WHERE title = 't';
             UPDATE task SET status = 'paused' WHERE title = 'Hourly';
             INSERT INTO due_work (task_id, run_at) SELECT id, now() FROM task WHERE title = 't';
             UPDATE due_work SET locked_until = now() + interval '60 s', locked_by = 'w1' WHERE locked_until IS NULL;
             INSERT INTO task_run (task_id, lease_owner, leased_until, started_at) SELECT id, 'w1', now() + interval '60 s', now() FROM task WHERE title = 't';
             UPDATE task_run SET finished_at = now(), success = true WHERE success IS NULL;
             DELETE FROM due_work WHERE locked_by = 'w1';
             DELETE FROM task_run WHERE task_id = '00000000-0000-0000-0000-0000000000b1';
             DELETE FROM task WHERE id = '00000000-0000-0000-0000-0000000000b1'",
        )
        .await
        .unwrap();
    assert_eq!(
        db.value("SELECT count(*) FROM ordctl.schedule").await,
        "3",
        "a deleted task's row goes with it"
    );
}

#[tokio::test]
async fn a_restored_dump_keeps_rows_with_expired_leases() {
    let db = Database::upstream().await;
    assert_eq!(
        restored(&db, "concat((SELECT count(*) FROM task_run), ' ', (SELECT count(*) FROM due_work))").await,
        "0 0"
    );
    migrate(&db.store, &options(), &crate::support::consent()).await.unwrap();
    let rows = db.value(ROWS).await;
    let copy = restored(&db, ROWS.strip_prefix("SELECT ").unwrap()).await;
    assert_eq!(copy, rows);
    assert_eq!(restored(&db, "count(*) FROM ordctl.schedule").await, "3");
}

/// Dumps a database, restores it into a new one and runs a query there.
async fn restored(db: &Database, question: &str) -> String {
    let dump = run(cluster().client("pg_dump", &db.name).arg("--no-owner"));
    let copy = Database::fresh().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), dump).unwrap();
    // psql continues after failed rows, as Ordinaut's restore does.
    let text = std::fs::File::open(file.path()).unwrap();
    run(cluster().client("psql", &copy.name).arg("-q").stdin(text));
    copy.value(&format!("SELECT {question}")).await
}

#[tokio::test]
async fn tune_drops_only_the_listed_indexes() {
    let db = Database::upstream().await;
    migrate(&db.store, &options(), &crate::support::consent()).await.unwrap();
    // i11 substitutes i08: without i11, i08 must stay.
    db.execute("DROP INDEX i11; CREATE INDEX mine ON task USING gin (payload jsonb_path_ops)").await.unwrap();
    let listed = costly_indexes(&db.store).await.unwrap();
    let names: Vec<&str> = listed.iter().map(|i| i.name.as_str()).collect();
    assert_eq!(names, ["i12", "i13", "i18", "i03", "i05", "i06", "i07", "i16", "i10", "i17"]);
    assert_eq!(listed[0].statement(), "DROP INDEX CONCURRENTLY IF EXISTS \"public\".\"i12\"");
    assert_eq!(listed[0].definition, "btree (actor_agent_id)");

    let dropped = tune(&db.store, &listed[1..], &options(), &crate::support::consent()).await.unwrap();
    assert_eq!(dropped.len(), listed.len() - 1);
    assert_eq!(db.value(INDEXES).await, "i01 i02 i04 i08 i09 i12 i14 i15");
    assert_eq!(db.value("SELECT to_regclass('mine') IS NOT NULL").await, "true");
    assert_eq!(costly_indexes(&db.store).await.unwrap(), listed[..1]);
}
