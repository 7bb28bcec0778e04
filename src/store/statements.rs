//! Statements that cannot be a file because an identifier or a time is part of their text. Each is
//! built here and nowhere else, with identifiers quoted by the driver's library.

use std::time::Duration;

use postgres_protocol::escape::{escape_identifier, escape_literal};

use crate::model::Locale;

/// Opens a transaction whose statements are sent together with it.
pub(crate) const BEGIN: &str = "BEGIN";
pub(crate) const COMMIT: &str = "COMMIT";

/// The rows of `sql` as one JSON object each, in a column.
pub(crate) fn as_json(sql: &str) -> String {
    format!("SELECT to_jsonb(q) FROM (\n{sql}\n) AS q")
}

/// The first rows of `sql`, each as the text of one JSON object.
pub(crate) fn as_json_text(sql: &str, limit: usize) -> String {
    format!("SELECT to_jsonb(q)::text FROM (\n{sql}\n) AS q LIMIT {limit}")
}

/// Time-outs for the rest of a transaction.
pub(crate) fn local_limits(statement: Duration) -> String {
    format!("SET LOCAL statement_timeout = {}", statement.as_millis().max(1))
}

/// Time-outs for the rest of a transaction that writes. Who waits for a lock holds others up, and a
/// program that is frozen in the middle must not hold its locks.
pub(crate) fn writing_limits(statement: Duration) -> String {
    let lock = statement.min(Duration::from_secs(3));
    format!(
        "{}; SET LOCAL lock_timeout = {}; SET LOCAL idle_in_transaction_session_timeout = 5000",
        local_limits(statement),
        lock.as_millis().max(1)
    )
}

/// Time-outs for the rest of a session that maintains tables. A lock that is not to be had
/// soon is given up: whoever queues behind us would wait, too.
pub(crate) fn session_limits(lock: Duration, statement: Duration) -> String {
    format!(
        "SET lock_timeout = {}; SET statement_timeout = {}",
        lock.as_millis().max(1),
        statement.as_millis().max(1)
    )
}

/// The same for the rest of a transaction only.
pub(crate) fn transaction_limits(lock: Duration, statement: Duration) -> String {
    format!(
        "SET LOCAL lock_timeout = {}; SET LOCAL statement_timeout = {}",
        lock.as_millis().max(1),
        statement.as_millis().max(1)
    )
}

/// Drops an index without keeping anybody from the table. Cannot be part of a transaction.
pub(crate) fn drop_index_concurrently(schema: &str, index: &str) -> String {
    format!("DROP INDEX CONCURRENTLY IF EXISTS {}", qualified(schema, index))
}

/// Builds an index anew without keeping anybody from the table. Cannot be part of a transaction.
pub(crate) fn reindex_concurrently(schema: &str, index: &str) -> String {
    format!("REINDEX INDEX CONCURRENTLY {}", qualified(schema, index))
}

/// Makes the room of dead rows usable again and refreshes the planner's statistics. Cannot be part of a
/// transaction.
pub(crate) fn vacuum(schema: &str, table: &str) -> String {
    format!("VACUUM (ANALYZE) {}", qualified(schema, table))
}

/// Refreshes the planner's statistics of a table.
pub(crate) fn analyze(schema: &str, table: &str) -> String {
    format!("ANALYZE {}", qualified(schema, table))
}

/// Begins to hold one moment: every question of this transaction sees the same. Row security fails rather
/// than hide rows, as it does for pg_dump, and the server must not end the transaction for idling.
pub(crate) fn snapshot(lock: Duration, statement: Duration) -> String {
    format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {}; SET LOCAL idle_in_transaction_session_timeout = 0; \
         SET LOCAL row_security = off",
        transaction_limits(lock, statement)
    )
}

/// The number of a table's rows, as JSON.
pub(crate) fn count(schema: &str, table: &str) -> String {
    format!("SELECT to_jsonb(count(*)) FROM ONLY {}", qualified(schema, table))
}

/// Makes an empty database that takes what another of this locale holds. Cannot be part of a transaction.
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

/// Drops a database; `force` ends who is connected to it. Cannot be part of a transaction.
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
