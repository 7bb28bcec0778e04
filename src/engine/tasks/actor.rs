//! The agent on whose behalf a read or change is made: for the audit log and for row visibility.

use std::ops::Deref;

use serde_json::{Value, json};
use uuid::Uuid;

use super::SYSTEM_AGENT;
use crate::model::Consented;
use crate::store::{Audit, IdempotencyKey};

#[derive(Clone, Debug)]
pub(crate) struct Actor {
    pub(crate) agent: Uuid,
    /// Restricts tasks, runs and events to those of this agent; None: no restriction.
    pub(crate) owner: Option<Uuid>,
    pub(crate) once: Option<IdempotencyKey>,
    /// Details for the audit log, such as the request's id.
    pub(crate) details: Value,
}

impl Actor {
    /// The system agent, without restriction.
    pub(crate) fn system(details: Value) -> Self {
        Self { agent: SYSTEM_AGENT, owner: None, once: None, details }
    }

    /// For the row of `audit_log` of a change.
    pub(crate) fn audit(&self) -> Audit<'_> {
        Audit { actor: self.agent, details: &self.details }
    }

    /// The actor with consent to a change. Its audit rows name who consented and why.
    pub(crate) fn with_consent(mut self, consented: &Consented) -> ConsentedActor {
        match &mut self.details {
            Value::Object(details) => details.extend(consented.audit()),
            details => *details = json!(consented.audit()),
        }
        ConsentedActor(self)
    }
}

/// An actor that may change something: every function that changes tasks, runs, agents or events takes one.
#[derive(Clone, Debug)]
pub(crate) struct ConsentedActor(Actor);

impl Deref for ConsentedActor {
    type Target = Actor;

    fn deref(&self) -> &Actor {
        &self.0
    }
}
