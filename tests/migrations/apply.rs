//! Migrating an empty database, and failures.

use ordctl::base::exit;
use ordctl::clients::ClientError;
use ordctl::engine::migrations::{
    Migration, MigrationError, Origin, State, migrate, migrate_to, status, status_of,
};

use super::{migrations, options};
use crate::support::eventually;
use crate::support::postgres::{Cluster, Database};

const COLUMNS: &str =
    "SELECT string_agg(concat_ws(' ', table_name, column_name, udt_name, is_nullable, column_default), '; '
                              ORDER BY table_name, column_name)
                         FROM information_schema.columns
                        WHERE table_schema = 'public' AND NOT (table_name, column_name) IN
                              (('task', 'catch_up'), ('task_run', 'scheduled_at'), ('task_run', 'occurrence'),
                               ('task_run', 'final'))
                          AND (table_name <> 'due_work' OR column_name IN
                              ('id', 'task_id', 'run_at', 'locked_until', 'locked_by', 'created_at'))";

#[tokio::test]
async fn an_empty_database_is_migrated_once() {
    let db = Database::fresh().await;
    let before = status(&db.store).await.unwrap();
    assert_eq!(before.origin, Origin::Empty);
    assert!(before.migrations.iter().all(|m| m.state == State::Pending));
    assert_eq!(db.value("SELECT to_regnamespace('ordctl') IS NULL").await, "true", "looking makes nothing");

    let outcome = migrate(&db.store, &options(), &crate::support::consent()).await.unwrap();
    assert_eq!(outcome.applied.len(), Migration::all().unwrap().len());
    assert!(!outcome.adopted);
    assert_eq!(db.value("SELECT adopted FROM ordctl.engine").await, "false");
    let after = status(&db.store).await.unwrap();
    assert!(after.is_current() && after.origin == Origin::Ordctl);
    assert_eq!(after.migrations[0].applied_by.as_deref(), Some("a test"));
    assert!(after.costly_indexes.is_empty() && after.poison_checks.is_empty());
    assert_eq!(db.value("SELECT name || scopes::text FROM agent").await, "system{admin,system}");

    assert!(migrate(&db.store, &options(), &crate::support::consent()).await.unwrap().applied.is_empty());
}

#[tokio::test]
async fn a_new_database_has_ordinauts_columns_and_constraints() {
    let (ours, theirs) = (Database::fresh().await, Database::upstream().await);
    migrate(&ours.store, &options(), &crate::support::consent()).await.unwrap();
    assert_eq!(ours.value(COLUMNS).await, theirs.value(COLUMNS).await);
    let insert = |set: &str| {
        let (column, value) = set.split_once('=').unwrap();
        format!(
            "INSERT INTO task (title, description, created_by, schedule_kind, payload, {column})
             VALUES ('t', 'd', '00000000-0000-0000-0000-000000000001', 'cron', '{{}}', {value})"
        )
    };
    for bad in [
        "priority=0",
        "priority=10",
        "status='done'",
        "max_retries=-1",
        "dedupe_window_seconds=-1",
        "catch_up='twice'",
    ] {
        assert!(ours.execute(&insert(bad)).await.is_err(), "{bad}");
    }
    ours.execute(&insert("dedupe_key='k'")).await.unwrap();
    assert!(ours.execute(&insert("dedupe_key='k'")).await.is_err(), "one active task for a key");
    ours.execute("UPDATE task SET status = 'canceled'").await.unwrap();
    ours.execute(&insert("dedupe_key='k'")).await.unwrap();
}

#[tokio::test]
async fn a_changed_applied_migration_is_an_error_and_is_not_run() {
    let db = Database::fresh().await;
    let one = migrations(&[("0001_a", "-- a\nCREATE TABLE public.a ()")]);
    migrate_to(&db.store, &one, &options(), &crate::support::consent()).await.unwrap();
    let edited = migrations(&[
        ("0001_a", "-- a\nCREATE TABLE public.b ()"),
        ("0002_c", "-- c\nCREATE TABLE public.c ()"),
    ]);
    assert_eq!(status_of(&db.store, &edited).await.unwrap().migrations[0].state, State::Changed);
    let error = migrate_to(&db.store, &edited, &options(), &crate::support::consent()).await.unwrap_err();
    assert!(matches!(&error, MigrationError::Changed(name) if name == "0001_a"), "{error}");
    assert_eq!(error.into_cli_error().code, exit::REFUSED);
    assert_eq!(db.value("SELECT to_regclass('public.c') IS NULL").await, "true");
}

#[tokio::test]
async fn migrations_of_a_newer_version_are_reported_and_ignored() {
    let db = Database::fresh().await;
    migrate(&db.store, &options(), &crate::support::consent()).await.unwrap();
    db.execute("INSERT INTO ordctl.migration VALUES (9001, 'later', 'x', now(), 'ordctl 99')").await.unwrap();
    let outcome = migrate(&db.store, &options(), &crate::support::consent()).await.unwrap();
    assert_eq!(outcome.unknown.iter().map(|r| r.version).collect::<Vec<_>>(), [9001]);
    let status = status(&db.store).await.unwrap();
    assert!(status.is_current());
    assert_eq!(status.in_state(State::Unknown).count(), 1);
}

#[tokio::test]
async fn a_failed_migration_is_rolled_back_and_earlier_ones_stay() {
    let db = Database::fresh().await;
    let files = migrations(&[
        ("0001_a", "-- a\nCREATE TABLE public.a ()"),
        ("0002_b", "-- b\nCREATE TABLE public.b ();\nSELECT 1 / 0;"),
    ]);
    let error = migrate_to(&db.store, &files, &options(), &crate::support::consent()).await.unwrap_err();
    assert!(error.to_string().contains("0002_b: PostgreSQL: division by zero"), "{error}");
    assert_eq!(db.value("SELECT to_regclass('a') IS NOT NULL AND to_regclass('b') IS NULL").await, "true");
    let states: Vec<State> =
        status_of(&db.store, &files).await.unwrap().migrations.iter().map(|m| m.state).collect();
    assert_eq!(states, [State::Applied, State::Pending]);
}

#[tokio::test]
async fn a_concurrent_index_is_rebuilt_after_a_failure() {
    let db = Database::fresh().await;
    let files = migrations(&[
        ("0001_a", "-- a\nCREATE TABLE public.a (n int);\nINSERT INTO public.a VALUES (1), (1);"),
        (
            "0002_i",
            "-- i\n-- transaction: none\n-- index: public.a_n\n\
             CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a_n ON public.a (n)",
        ),
    ]);
    assert!(
        migrate_to(&db.store, &files, &options(), &crate::support::consent()).await.is_err(),
        "1 stands there twice"
    );
    let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_n'::regclass";
    assert_eq!(db.value(valid).await, "false");
    db.execute("UPDATE a SET n = 2 WHERE ctid = '(0,1)'").await.unwrap();
    migrate_to(&db.store, &files, &options(), &crate::support::consent()).await.unwrap();
    assert_eq!(db.value(valid).await, "true");
}

#[tokio::test]
async fn a_standby_has_a_status_and_cannot_be_migrated() {
    let db = Database::fresh().await;
    migrate(&db.store, &options(), &crate::support::consent()).await.unwrap();
    db.execute("DELETE FROM ordctl.migration WHERE version > 1").await.unwrap();
    let standby = Cluster::standby();
    let store = standby.store("postgres", &db.name);
    let seen = status(&store).await.unwrap();
    assert!(seen.standby && !seen.is_current());
    assert!(matches!(
        migrate(&store, &options(), &crate::support::consent()).await,
        Err(MigrationError::Standby(_))
    ));
}

#[tokio::test]
async fn a_role_without_privileges_gets_a_hint() {
    let db = Database::fresh().await;
    db.execute("CREATE ROLE nothing LOGIN").await.unwrap();
    let error = migrate(&db.store_as("nothing"), &options(), &crate::support::consent()).await.unwrap_err();
    assert!(matches!(&error, MigrationError::Failed { cause: ClientError::Denied { .. }, .. }), "{error}");
    assert!(error.into_cli_error().hint.unwrap().contains("owner"));
}

#[tokio::test]
async fn an_unrelated_task_table_is_not_adopted() {
    let db = Database::fresh().await;
    db.execute("CREATE TABLE task (id int, note text)").await.unwrap();
    let error = migrate(&db.store, &options(), &crate::support::consent()).await.unwrap_err().to_string();
    assert!(error.contains("missing: task.backoff_strategy"), "{error}");
    assert_eq!(db.value("SELECT to_regclass('public.agent') IS NULL").await, "true");
}

#[tokio::test]
async fn an_aborted_migration_is_canceled_on_the_server() {
    let db = Database::fresh().await;
    let files = migrations(&[("0001_a", "-- a\nCREATE TABLE public.a ();\nSELECT pg_sleep(600);")]);
    let options = options();
    let consented = crate::support::consent();
    let long = migrate_to(&db.store, &files, &options, &consented);
    let sleeps =
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()";
    tokio::select! {
        ended = long => panic!("{ended:?}"),
        () = eventually("it sleeps", async || db.value(sleeps).await == "1") => {}
    }
    eventually("nobody sleeps", async || db.value(sleeps).await == "0").await;
    assert_eq!(db.value("SELECT to_regclass('a') IS NULL").await, "true");
}
