//! PostgreSQL: checks, statistics, growth and table maintenance.

pub(crate) mod analyze;
pub(crate) mod analyze_all;
pub(crate) mod encoding;
pub(crate) mod growth;
pub(crate) mod maintenance_session;
pub(crate) mod named_query;
pub(crate) mod pooler;
pub(crate) mod privileges;
pub(crate) mod prune;
pub(crate) mod query;
pub(crate) mod reindex;
pub(crate) mod samples;
pub(crate) mod server;
pub(crate) mod stats_reset;
pub(crate) mod table_sizes;
pub(crate) mod trend;
pub(crate) mod vacuum;

/// The command that runs a statement, for a hint.
pub(crate) fn psql(statement: &str) -> String {
    format!("psql -c {}", shell_words::quote(statement))
}
