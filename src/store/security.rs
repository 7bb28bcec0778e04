//! Roles, privileges, `pg_hba.conf` and the audit log.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Store, StoreError, binds, timestamp};

/// Privileged roles, public privileges and how connections are protected.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AccessPrivileges {
    /// Superusers that may log in.
    pub(crate) superusers: Option<Vec<String>>,
    /// Roles that may log in and whose password does not expire.
    pub(crate) no_expiry: Option<Vec<String>>,
    /// Roles whose password has expired.
    pub(crate) expired: Option<Vec<String>>,
    /// Table privileges granted to PUBLIC.
    pub(crate) public_tables: Option<Vec<String>>,
    /// Schemas in which PUBLIC may create objects.
    pub(crate) public_schemas: Option<Vec<String>>,
    /// The server accepts TLS.
    pub(crate) tls: bool,
    /// The server listens on loopback addresses and sockets only.
    pub(crate) local_only: bool,
    pub(crate) password_encryption: String,
    /// The role may read `pg_hba_file_rules`.
    pub(crate) rules_readable: bool,
    /// Rules that ask for no password or for one in clear text.
    #[serde(default)]
    pub(crate) rules: Vec<HbaRule>,
}

/// A line of `pg_hba.conf`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct HbaRule {
    pub(crate) line: u32,
    /// `local`, `host`, …
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) database: String,
    pub(crate) role: String,
    pub(crate) address: String,
    /// `trust`, `password`.
    pub(crate) method: String,
    /// It matches only connections from the server's own machine.
    pub(crate) here: bool,
}

/// An action of the audit log, counted.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AuditAction {
    pub(crate) action: String,
    pub(crate) count: u64,
    /// Distinct agents that performed it.
    pub(crate) actors: u64,
}

/// The events of one action within a period.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SecurityEvents {
    pub(crate) action: String,
    pub(crate) count: u64,
    pub(crate) first: DateTime<Utc>,
    pub(crate) last: DateTime<Utc>,
    /// The newest events with actor, subject and details.
    #[serde(default)]
    pub(crate) newest: Option<Vec<Value>>,
}

impl Store {
    /// With the rules of `pg_hba.conf` where the role may read them.
    pub(crate) async fn access_privileges(&self) -> Result<AccessPrivileges, StoreError> {
        let mut found: AccessPrivileges = self.one("access").await?;
        if found.rules_readable {
            found.rules = self.rows("access_rules").await?;
        }
        Ok(found)
    }

    pub(crate) async fn audit_actions(&self, since: DateTime<Utc>) -> Result<Vec<AuditAction>, StoreError> {
        self.rows_with("audit_actions", &binds([("since", timestamp(since))])).await
    }

    /// Events of these actions from `since` on and before `until`, with the `newest` ones of each action.
    pub(crate) async fn security_events(
        &self,
        actions: &[String],
        since: DateTime<Utc>,
        until: DateTime<Utc>,
        newest: u32,
    ) -> Result<Vec<SecurityEvents>, StoreError> {
        let binds = binds([
            ("since", timestamp(since)),
            ("until", timestamp(until)),
            ("actions", json!(actions).to_string()),
            ("newest", newest.to_string()),
        ]);
        self.rows_with("security_events", &binds).await
    }
}
