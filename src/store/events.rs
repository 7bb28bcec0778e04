//! Events (`ordctl.event`).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{Store, StoreError, binds};

/// An event that a step publishes.
pub(crate) struct NewEvent<'a> {
    pub(crate) id: Uuid,
    pub(crate) topic: &'a str,
    pub(crate) payload: &'a Value,
    /// The run that publishes it; empty outside of a run.
    pub(crate) by: &'a str,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PublishedEvent {
    pub(crate) event_id: Uuid,
    /// Tasks that run because of it; 0 when the event exists already.
    pub(crate) triggered_tasks: u64,
}

impl Store {
    /// Stores an event and queues the work of its topic's tasks, in one transaction. An existing event
    /// queues nothing.
    pub(crate) async fn publish_event(&self, event: &NewEvent<'_>) -> Result<PublishedEvent, StoreError> {
        let name = "engine/events/publish";
        let binds = binds([
            ("id", event.id.to_string()),
            ("topic", event.topic.to_owned()),
            ("payload", event.payload.to_string()),
            ("by", event.by.to_owned()),
            ("source", String::new()),
            ("stream_id", String::new()),
            ("actor", String::new()),
            ("details", String::new()),
        ]);
        let rows = self.write_returning(name, &binds).await?;
        rows.into_iter().next().ok_or_else(|| StoreError::bad_row(name, "no row instead of one"))
    }
}
