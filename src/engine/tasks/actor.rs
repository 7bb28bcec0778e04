//! Who does something, for the audit log and for what he may see.

use serde_json::Value;
use uuid::Uuid;

use super::SYSTEM_AGENT;
use crate::store::IdempotencyKey;

/// Who does it, and what is known of it.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    pub(crate) agent: Uuid,
    /// Whose tasks and runs it sees and changes. None: everybody's.
    pub(crate) owner: Option<Uuid>,
    pub(crate) once: Option<IdempotencyKey>,
    /// What is known besides: the request's id, or the user at the terminal.
    pub(crate) details: Value,
}

impl Actor {
    /// The system agent: it sees everything.
    pub(crate) fn system(details: Value) -> Self {
        Self { agent: SYSTEM_AGENT, owner: None, once: None, details }
    }

    /// The owner as statements take it: empty for everybody.
    pub(crate) fn owner(&self) -> String {
        self.owner.map(|id| id.to_string()).unwrap_or_default()
    }
}
