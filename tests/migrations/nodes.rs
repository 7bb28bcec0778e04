//! Several nodes, and tables in use.

use std::time::Duration;

use ordctl::engine::migrations::{Migration, MigrationError, Options, migrate, migrate_to, status};

use super::{migrations, options};
use crate::support::engine::Setup;
use crate::support::eventually;
use crate::support::postgres::Database;

const LOCK: &str = "SELECT pg_try_advisory_lock(x'6f726463746c0001'::bigint)";

#[tokio::test]
async fn eight_concurrent_nodes_apply_each_migration_once() {
    let db = Database::fresh().await;
    // Includes CREATE INDEX CONCURRENTLY, which would deadlock with nodes that wait for the lock inside
    // the server.
    let mut files = Migration::all().unwrap();
    files.extend(migrations(&[(
        "9000_i",
        "-- i\n-- transaction: none\n-- index: public.extra\n\
         CREATE INDEX CONCURRENTLY IF NOT EXISTS extra ON public.task (title)",
    )]));
    let nodes: Vec<_> = (0..8)
        .map(|n| {
            let (store, files) = (db.store_as("postgres"), files.clone());
            let options = Options { by: format!("node {n}"), ..options() };
            tokio::spawn(
                async move { migrate_to(&store, &files, &options, &crate::support::consent()).await },
            )
        })
        .collect();
    let mut applied = Vec::new();
    for node in nodes {
        let outcome = node.await.unwrap().unwrap();
        assert!(outcome.applied.iter().all(|a| a.tries == 1), "{outcome:?}");
        applied.extend(outcome.applied.into_iter().map(|a| a.version));
    }
    assert_eq!(applied, files.iter().map(|f| f.version).collect::<Vec<_>>());
    assert_eq!(db.value("SELECT count(DISTINCT applied_by) FROM ordctl.migration").await, "1");
}

#[tokio::test]
async fn waiting_for_another_node_times_out() {
    let db = Database::fresh().await;
    let holder = db.store.postgres().session().await.unwrap();
    holder.batch_execute(LOCK).await.unwrap();
    let impatient = Options { wait: Duration::from_millis(200), ..options() };
    assert!(matches!(
        migrate(&db.store, &impatient, &crate::support::consent()).await,
        Err(MigrationError::Busy(_))
    ));
    // A node without pending migrations does not wait.
    assert!(migrate_to(&db.store, &[], &impatient, &crate::support::consent()).await.is_ok());
    let options = options();
    let consented = crate::support::consent();
    let (done, ()) = tokio::join!(migrate(&db.store, &options, &consented), async {
        let asks = "SELECT count(*) > 0 FROM pg_stat_activity
                     WHERE query LIKE '%pg_try_advisory_lock%' AND pid <> pg_backend_pid()
                       AND datname = current_database() AND state = 'idle'";
        eventually("the other node asks", async || db.value(asks).await == "true").await;
        holder.batch_execute("SELECT pg_advisory_unlock_all()").await.unwrap();
    });
    done.unwrap();
}

#[tokio::test]
async fn a_table_in_use_is_retried_until_the_attempts_are_used_up() {
    let db = Database::upstream().await;
    let mut user = db.store.postgres().session().await.unwrap();
    let reading = user.transaction().await.unwrap();
    reading.batch_execute("SELECT * FROM task_run").await.unwrap();

    let impatient = Options { tries: 3, ..options() };
    let error = migrate(&db.store, &impatient, &crate::support::consent()).await.unwrap_err();
    assert!(matches!(error, MigrationError::Blocked { tries: 3, .. }), "{error}");
    assert_eq!(status(&db.store).await.unwrap().poison_checks.len(), 2, "nothing is half done");

    let options = options();
    let consented = crate::support::consent();
    let (done, ()) = tokio::join!(migrate(&db.store, &options, &consented), async {
        let waits = "SELECT count(*) > 0 FROM pg_locks
                      WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        eventually("the migration waits for the table", async || db.value(waits).await == "true").await;
        reading.commit().await.unwrap();
    });
    assert!(!done.unwrap().applied.is_empty());
}

#[tokio::test]
async fn a_pooled_connection_is_refused() {
    let db = Database::fresh().await;
    // As behind a transaction pooler: another session holds the lock.
    let files = migrations(&[
        ("0001_a", "-- a\nSELECT pg_advisory_unlock_all();"),
        ("0002_b", "-- b\nCREATE TABLE public.b ();"),
    ]);
    let error = migrate_to(&db.store, &files, &options(), &crate::support::consent()).await.unwrap_err();
    assert!(matches!(error, MigrationError::NoSession), "{error}");
    assert_eq!(db.value("SELECT to_regclass('b') IS NULL").await, "true");
}

/// Starting `serve` is the consent; the audit log tells who did.
#[tokio::test]
async fn a_node_that_migrates_leaves_one_audit_row() {
    let db = Database::fresh().await;
    let setup = Setup::of(&db);
    let nodes = [setup.node(&["--role", "worker"]), setup.node(&["--role", "worker"])];
    eventually("both nodes serve", async || nodes.iter().all(|n| n.log().contains("roles      worker")))
        .await;
    let user = crate::support::run(std::process::Command::new("id").arg("-un"));
    let audit = "SELECT string_agg(concat_ws(' ', details ->> 'setting', details ->> 'os_user',
                                             jsonb_array_length(details -> 'migrations') > 6), ', ')
                   FROM audit_log WHERE action = 'schema.migrated'";
    assert_eq!(db.value(audit).await, format!("serve {} t", user.trim()));
}
