//! Agents as the API and the commands show them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Somebody who may ask: a person, a program, a service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Agent {
    pub(crate) id: Uuid,
    /// Its name; no two have the same.
    #[schemars(length(min = 1, max = 100))]
    pub(crate) name: String,
    pub(crate) scopes: Vec<String>,
    /// Where it wants to be told.
    pub(crate) webhook_url: Option<String>,
    /// RFC 3339.
    pub(crate) created_at: String,
}

/// What a request to make or change an agent holds.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct AgentInput {
    #[schemars(length(min = 1, max = 100))]
    pub(crate) name: String,
    /// What it may do: `tasks:read`, `tasks:write`, `runs:read`, `events:write`, `agents:admin`, `admin`, or
    /// words that mean something elsewhere.
    #[schemars(length(max = 50), inner(length(min = 1, max = 100)))]
    pub(crate) scopes: Vec<String>,
    /// Where it wants to be told.
    #[serde(default)]
    #[schemars(length(max = 2000))]
    pub(crate) webhook_url: Option<String>,
}

/// Tokens that a secret or a refresh token has bought.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Tokens {
    /// For `Authorization: Bearer …`.
    pub(crate) access_token: String,
    /// Good for one refresh.
    pub(crate) refresh_token: String,
    /// `bearer`
    pub(crate) token_type: String,
    /// How long the access token is good, in seconds.
    pub(crate) expires_in: i64,
    /// What the agent may do, separated by spaces.
    pub(crate) scope: String,
}

/// A secret, shown this once.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct NewSecret {
    /// Whose.
    pub(crate) agent_id: Uuid,
    /// Buys tokens.
    pub(crate) agent_secret: String,
}

/// What a request to change an agent holds: what is there changes, the rest stays.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct AgentUpdate {
    #[serde(default)]
    #[schemars(length(min = 1, max = 100))]
    pub(crate) name: Option<String>,
    #[serde(default)]
    #[schemars(length(max = 50), inner(length(min = 1, max = 100)))]
    pub(crate) scopes: Option<Vec<String>>,
    /// Where it wants to be told.
    #[serde(default)]
    #[schemars(length(max = 2000))]
    pub(crate) webhook_url: Option<String>,
}
