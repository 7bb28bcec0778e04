//! Statements that cannot be files because their text contains an identifier or a duration. Only this
//! module builds them, and it quotes every identifier.

use std::time::Duration;

use postgres_protocol::escape::{escape_identifier, escape_literal};

use crate::model::Locale;

pub(crate) const BEGIN: &str = "BEGIN";
pub(crate) const COMMIT: &str = "COMMIT";

/// The rows of `sql`, each as one JSON object.
pub(crate) fn as_json(sql: &str) -> String {
    format!("SELECT to_jsonb(q) FROM (\n{sql}\n) AS q")
}

/// The first rows of `sql`, each as the text of one JSON object.
pub(crate) fn as_json_text(sql: &str, limit: usize) -> String {
    format!("SELECT to_jsonb(q)::text FROM (\n{sql}\n) AS q LIMIT {limit}")
}

/// Without compiled expressions: the estimates of a batch in a big table are high, and compiling its plan takes twenty
/// times as long as the batch.
const NO_JIT: &str = "jit = off";

/// The timeout for the rest of a transaction.
pub(crate) fn local_limits(statement: Duration) -> String {
    format!("SET LOCAL statement_timeout = {}; SET LOCAL {NO_JIT}", statement.as_millis().max(1))
}

/// Timeouts for the rest of a writing transaction. A wait for a lock blocks other sessions, and a suspended
/// process must not keep its locks.
pub(crate) fn writing_limits(statement: Duration) -> String {
    let lock = statement.min(Duration::from_secs(3));
    format!(
        "{}; SET LOCAL lock_timeout = {}; SET LOCAL idle_in_transaction_session_timeout = 5000",
        local_limits(statement),
        lock.as_millis().max(1)
    )
}

/// Timeouts for a maintenance session. The lock timeout is short because every session that queues behind
/// this one waits too.
pub(crate) fn session_limits(lock: Duration, statement: Duration) -> String {
    format!(
        "SET lock_timeout = {}; SET statement_timeout = {}; SET {NO_JIT}",
        lock.as_millis().max(1),
        statement.as_millis().max(1)
    )
}

/// The same for the rest of a transaction only.
pub(crate) fn transaction_limits(lock: Duration, statement: Duration) -> String {
    format!(
        "SET LOCAL lock_timeout = {}; SET LOCAL statement_timeout = {}; SET LOCAL {NO_JIT}",
        lock.as_millis().max(1),
        statement.as_millis().max(1)
    )
}

/// Cannot run in a transaction.
pub(crate) fn drop_index_concurrently(schema: &str, index: &str) -> String {
    format!("DROP INDEX CONCURRENTLY IF EXISTS {}", qualified(schema, index))
}

/// Cannot run in a transaction.
pub(crate) fn reindex_concurrently(schema: &str, index: &str) -> String {
    format!("REINDEX INDEX CONCURRENTLY {}", qualified(schema, index))
}

/// Cannot run in a transaction.
pub(crate) fn vacuum(schema: &str, table: &str) -> String {
    format!("VACUUM (ANALYZE) {}", qualified(schema, table))
}

pub(crate) fn analyze(schema: &str, table: &str) -> String {
    format!("ANALYZE {}", qualified(schema, table))
}

/// Opens a transaction whose queries all see one snapshot. Row security raises an error instead of hiding
/// rows, as in pg_dump, and the server does not end the transaction when it is idle.
pub(crate) fn snapshot(lock: Duration, statement: Duration) -> String {
    format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {}; SET LOCAL idle_in_transaction_session_timeout = 0; \
         SET LOCAL row_security = off",
        transaction_limits(lock, statement)
    )
}

pub(crate) fn count_rows(schema: &str, table: &str) -> String {
    format!("SELECT to_jsonb(count(*)) FROM ONLY {}", qualified(schema, table))
}

/// Creates an empty database that can hold the dump of one with this locale. Cannot run in a transaction.
pub(crate) fn create_database(name: &str, locale: &Locale) -> String {
    let text = |value: &str| escape_literal(value).trim_start().to_owned();
    let mut sql = format!(
        "CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}",
        escape_identifier(name),
        text(&locale.encoding),
        text(&locale.collate),
        text(&locale.ctype)
    );
    match (locale.provider.as_deref(), &locale.locale) {
        (Some("i"), Some(icu)) => sql += &format!(" LOCALE_PROVIDER icu ICU_LOCALE {}", text(icu)),
        (Some("b"), Some(own)) => sql += &format!(" LOCALE_PROVIDER builtin BUILTIN_LOCALE {}", text(own)),
        _ => {}
    }
    sql
}

/// `force` ends the sessions that are connected to it. Cannot run in a transaction.
pub(crate) fn drop_database(name: &str, force: bool) -> String {
    let force = if force { " WITH (FORCE)" } else { "" };
    format!("DROP DATABASE IF EXISTS {}{force}", escape_identifier(name))
}

pub(crate) fn qualified(schema: &str, table: &str) -> String {
    format!("{}.{}", escape_identifier(schema), escape_identifier(table))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_quoted() {
        assert_eq!(
            analyze("public", "a\"; DROP TABLE x; --"),
            "ANALYZE \"public\".\"a\"\"; DROP TABLE x; --\""
        );
    }
}
