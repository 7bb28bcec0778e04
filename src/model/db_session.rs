//! Sessions of the database server: who they are, and which of them nobody should end by accident.

use serde::{Deserialize, Serialize};

use crate::base::units;

/// A session as `pg_stat_activity` shows it. A role without `pg_read_all_stats` sees no state of others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct DbSession {
    pub(crate) pid: i32,
    pub(crate) database: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) application: Option<String>,
    pub(crate) backend_type: Option<String>,
    pub(crate) state: Option<String>,
    /// The running or the last statement.
    pub(crate) statement: Option<String>,
    pub(crate) transaction_seconds: Option<f64>,
    pub(crate) state_seconds: Option<f64>,
    pub(crate) statement_seconds: Option<f64>,
    /// What it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) waits_for: Option<String>,
    /// Process 0 is a prepared transaction.
    pub(crate) blocked_by: Vec<i32>,
}

/// A session with what identifies it and its transaction.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct FoundSession {
    #[serde(flatten)]
    pub(crate) session: DbSession,
    /// When it began, in microseconds since the epoch: another session may get the same process ID.
    pub(crate) started: Option<i64>,
    /// When its transaction began; none outside of a transaction.
    pub(crate) transaction: Option<i64>,
    /// The session that it works for.
    pub(crate) leader_pid: Option<i32>,
    /// Sessions that wait for it.
    pub(crate) blocks: u64,
    /// Whether the role of ordctl may cancel and end it.
    pub(crate) may_signal: bool,
    /// The role of ordctl.
    pub(crate) role: String,
}

/// Client connections that have these in common.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ConnectionGroup {
    pub(crate) database: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) application: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) connections: u64,
    pub(crate) oldest: chrono::DateTime<chrono::Utc>,
    /// How long the longest has been in this state.
    pub(crate) longest_seconds: Option<f64>,
}

/// Programs that copy the database: ending their session destroys a backup.
const BACKUPS: [&str; 9] = [
    "pg_dump",
    "pg_dumpall",
    "pg_restore",
    "pg_basebackup",
    "pg_receivewal",
    "pgbackrest",
    "barman",
    "wal-g",
    "pg_probackup",
];

/// Server processes that work on behalf of a client or restart by themselves.
const CLIENT: &str = "client backend";
const AUTOVACUUM: &str = "autovacuum worker";

impl DbSession {
    /// `pid 4711, user shop, app report, idle in transaction for 12m`.
    pub(crate) fn describe(&self) -> String {
        if self.pid == 0 {
            return "a prepared transaction".to_owned();
        }
        let mut parts = vec![format!("pid {}", self.pid)];
        parts.extend(self.user.as_ref().map(|user| format!("user {user}")));
        let application = self.application.as_deref().filter(|name| !name.is_empty());
        match (application, self.backend_type.as_deref()) {
            (Some(name), _) => parts.push(format!("app {name}")),
            (None, Some(kind)) if kind != CLIENT => parts.push(kind.to_owned()),
            (None, _) => {}
        }
        let seconds = if self.is_active() { self.statement_seconds } else { self.state_seconds };
        let time =
            seconds.map_or_else(String::new, |s| format!(" for {}", units::duration(s.max(0.0).floor())));
        parts.extend(self.state.as_ref().map(|state| format!("{state}{time}")));
        parts.join(", ")
    }

    /// The statement on one line.
    pub(crate) fn statement_line(&self) -> Option<String> {
        let line = self.statement.as_deref()?.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(line).filter(|line| !line.is_empty())
    }

    pub(crate) fn is_active(&self) -> bool {
        matches!(self.state.as_deref(), Some("active" | "fastpath function call"))
    }
}

impl FoundSession {
    /// Why it cannot be ended, even with `--force`.
    pub(crate) fn untouchable(&self) -> Option<String> {
        let kind = self.session.backend_type.as_deref().unwrap_or(CLIENT);
        match kind {
            "parallel worker" => Some(match self.leader_pid {
                Some(leader) => format!("it is a parallel worker of pid {leader}"),
                None => "it is a parallel worker".to_owned(),
            }),
            CLIENT | AUTOVACUUM | "walsender" | "background worker" | "logical replication worker" => None,
            _ if kind.starts_with("logical replication") => None,
            other => Some(format!("it is a process of the server itself ({other})")),
        }
    }

    /// Why only `--force` ends it.
    pub(crate) fn protection(&self) -> Option<String> {
        let kind = self.session.backend_type.as_deref().unwrap_or(CLIENT);
        let application = self.session.application.as_deref().unwrap_or_default();
        let lower = application.to_lowercase();
        let statement = self.session.statement.as_deref().unwrap_or_default();
        if let Some(program) = BACKUPS.iter().find(|program| lower.starts_with(**program)) {
            return Some(format!("it is a backup ({program}), which would be lost"));
        }
        if kind == AUTOVACUUM && statement.contains("to prevent wraparound") {
            return Some("it prevents transaction ID wraparound, and would have to begin again".to_owned());
        }
        if kind == "walsender" {
            return Some(format!("it sends WAL to a standby or subscriber ({application})"));
        }
        if kind != CLIENT && kind != AUTOVACUUM {
            return Some(format!("it is a {kind}"));
        }
        let is_own = lower == "ordctl" || lower.starts_with("ordctl ") || lower.starts_with("ordctl:");
        is_own.then(|| "it belongs to ordctl: a node of the engine or a running command".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(kind: &str, application: &str, statement: &str) -> FoundSession {
        let text = |text: &str| Some(text.to_owned());
        let session = DbSession {
            pid: 7,
            backend_type: text(kind),
            application: text(application),
            statement: text(statement),
            ..DbSession::default()
        };
        FoundSession { session, ..FoundSession::default() }
    }

    #[test]
    fn backups_replication_wraparound_and_own_sessions_are_protected() {
        for (kind, application, statement, part) in [
            ("client backend", "pg_dump", "COPY x TO stdout", Some("backup")),
            ("walsender", "pg_basebackup", "BASE_BACKUP", Some("backup")),
            ("client backend", "pgBackRest [backup]", "SELECT pg_backup_start('x')", Some("backup")),
            ("walsender", "standby1", "START_REPLICATION", Some("WAL")),
            (
                "autovacuum worker",
                "",
                "autovacuum: VACUUM public.t (to prevent wraparound)",
                Some("wraparound"),
            ),
            ("autovacuum worker", "", "autovacuum: VACUUM public.t", None),
            ("background worker", "x", "", Some("background worker")),
            ("client backend", "ordctl", "SELECT 1", Some("belongs to ordctl")),
            ("client backend", "report", "SELECT 'pg_dump'", None),
            ("client backend", "", "SELECT 1", None),
        ] {
            let why = session(kind, application, statement).protection();
            assert_eq!(why.is_some(), part.is_some(), "{kind} {application}: {why:?}");
            assert!(why.unwrap_or_default().contains(part.unwrap_or_default()), "{kind} {application}");
        }
        assert!(session("checkpointer", "", "").untouchable().is_some());
        assert!(session("parallel worker", "report", "").untouchable().is_some());
        assert!(session("client backend", "report", "").untouchable().is_none());
    }
}
