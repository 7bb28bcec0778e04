//! Agents as the API and the commands show them. The field limits here are the published JSON Schema.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::NO_NUL;
use uuid::Uuid;

/// Names of deleted agents begin with `deleted:`.
const NAME: &str = r"^(?!deleted:)[^\x00-\x1f\x7f-\x9f]+$";
const SCOPE: &str = "^[!-~]+$";
/// A scheme, a host without user, an optional port and ASCII from there on.
const HTTP_URL: &str = r"^[Hh][Tt][Tt][Pp][Ss]?://[!-~]+$";

/// An API client: a person, a program or a service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Agent {
    pub(crate) id: Uuid,
    /// Unique.
    #[schemars(length(min = 1, max = 100))]
    pub(crate) name: String,
    pub(crate) scopes: Vec<String>,
    /// For the agent's own use; ordctl does not call it.
    pub(crate) webhook_url: Option<String>,
    /// RFC 3339.
    pub(crate) created_at: String,
}

/// The body of `POST /agents`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct AgentInput {
    #[schemars(length(min = 1, max = 100), regex(pattern = NAME))]
    pub(crate) name: String,
    /// `tasks:read`, `tasks:write`, `runs:read`, `events:write`, `agents:admin`, `admin`; other words grant nothing here.
    #[schemars(length(max = 50), inner(length(min = 1, max = 100), regex(pattern = SCOPE)))]
    pub(crate) scopes: Vec<String>,
    /// For the agent's own use; ordctl does not call it.
    #[serde(default)]
    #[schemars(length(max = 2000), url, regex(pattern = HTTP_URL))]
    pub(crate) webhook_url: Option<String>,
    /// Recorded in the audit log.
    #[serde(default, skip_serializing)]
    #[allow(dead_code, reason = "part of the schema; the API reads it from the body of every request alike")]
    #[schemars(length(max = 200), regex(pattern = NO_NUL))]
    pub(crate) reason: Option<String>,
}

/// The body of `PUT /agents/{id}`: fields that are present change. Null clears `webhook_url` and leaves other fields
/// unchanged.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct AgentUpdate {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100), regex(pattern = NAME))]
    pub(crate) name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 50), inner(length(min = 1, max = 100), regex(pattern = SCOPE)))]
    pub(crate) scopes: Option<Vec<String>>,
    /// For the agent's own use; ordctl does not call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2000), url, regex(pattern = HTTP_URL))]
    pub(crate) webhook_url: Option<String>,
    /// Recorded in the audit log.
    #[serde(default, skip_serializing)]
    #[allow(dead_code, reason = "part of the schema; the API reads it from the body of every request alike")]
    #[schemars(length(max = 200), regex(pattern = NO_NUL))]
    pub(crate) reason: Option<String>,
}

/// The answer to a secret or a refresh token. Both tokens are opaque.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Tokens {
    /// For `Authorization: Bearer …`.
    pub(crate) access_token: String,
    /// Valid for one refresh.
    pub(crate) refresh_token: String,
    /// Always `bearer`.
    pub(crate) token_type: String,
    /// Lifetime of the access token in seconds.
    pub(crate) expires_in: i64,
    /// The agent's scopes, separated by spaces.
    pub(crate) scope: String,
}

/// A secret, shown once.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct NewSecret {
    pub(crate) agent_id: Uuid,
    /// For `POST /agents/auth/token`.
    pub(crate) agent_secret: String,
}
