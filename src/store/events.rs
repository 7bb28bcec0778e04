//! Events (`ordctl.event`) and the position of the event stream.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::tasks::text;
use super::{Audit, Binds, IdempotencyKey, IdempotentResult, RowLimit, Store, StoreError, binds};

const PUBLISH: &str = "engine/events/publish";

/// An event to publish.
pub(crate) struct NewEvent<'a> {
    pub(crate) id: Uuid,
    pub(crate) topic: &'a str,
    pub(crate) payload: &'a Value,
    /// What publishes it: `api`, `alertmanager`, `stream`, or the run; empty outside of a run.
    pub(crate) by: &'a str,
    /// The agent that publishes it.
    pub(crate) source: Option<Uuid>,
    /// The id of its stream entry; empty if it has none yet.
    pub(crate) stream_id: &'a str,
}

impl NewEvent<'_> {
    fn binds(&self) -> Binds {
        binds([
            ("id", self.id.to_string()),
            ("topic", self.topic.to_owned()),
            ("payload", self.payload.to_string()),
            ("by", self.by.to_owned()),
            ("source", text(self.source)),
            ("stream_id", self.stream_id.to_owned()),
        ])
    }
}

/// A committed event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PublishedEvent {
    pub(crate) event_id: Uuid,
    /// The id of its stream entry; None until it is relayed.
    pub(crate) stream_id: Option<String>,
    pub(crate) topic: String,
    /// Number of tasks it triggered; 0 when the event was already known.
    pub(crate) triggered_tasks: i64,
    pub(crate) published_at: Option<DateTime<Utc>>,
    /// False when the event was already known.
    pub(crate) new: bool,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct TopicSummary {
    topic: String,
    /// Number of active tasks that it triggers.
    active_tasks: i64,
    /// Number of events in the last 24 hours.
    events_last_day: i64,
    /// Time of the newest of these events (RFC 3339).
    last_published_at: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct RecentEvent {
    event_id: Uuid,
    /// The id of its Redis stream entry; null until it is relayed.
    stream_id: Option<String>,
    topic: String,
    payload: Value,
    source_agent_id: Option<Uuid>,
    /// `api`, a run, or `stream`; `api (NAME)` when NAME published it for another agent.
    published_by: Option<String>,
    /// RFC 3339.
    published_at: String,
}

/// Old events: the limit of their age, and those that queued work still needs.
#[derive(Deserialize)]
pub(crate) struct NeededEvents {
    pub(crate) before: String,
    pub(crate) needed: Vec<Uuid>,
}

/// A batch of events that were deleted.
#[derive(Deserialize)]
pub(crate) struct DeletedEvents {
    pub(crate) deleted: i64,
    /// Events that the batch read.
    pub(crate) seen: i64,
    /// Where the next batch begins.
    pub(crate) last_at: Option<String>,
    pub(crate) last_id: Option<Uuid>,
}

/// Where reading of the event stream starts.
#[derive(Deserialize)]
pub(crate) struct StreamStart {
    /// Whether the database was adopted from upstream.
    pub(crate) adopted: bool,
    pub(crate) stream_start: Option<String>,
}

#[derive(Default, Deserialize)]
pub(crate) struct KnownEvents {
    pub(crate) known: HashSet<Uuid>,
    /// All entries up to here are known, even if their rows were deleted.
    pub(crate) stream_start: Option<String>,
}

impl Store {
    /// Stores an event and queues the work of its topic's tasks, in one transaction. An existing event
    /// queues nothing.
    pub(crate) async fn publish_event(
        &self,
        event: &NewEvent<'_>,
    ) -> Result<Option<PublishedEvent>, StoreError> {
        self.write_optional(PUBLISH, &event.binds()).await
    }

    /// The same for a request, at most once per idempotency key.
    pub(crate) async fn publish_event_once(
        &self,
        event: &NewEvent<'_>,
        once: Option<&IdempotencyKey>,
    ) -> Result<IdempotentResult<PublishedEvent>, StoreError> {
        self.write_once(PUBLISH, &event.binds(), once, |_| true).await
    }

    /// Topics with active tasks or recent events, of one agent or of all.
    pub(crate) async fn topics(&self, owner: Option<Uuid>) -> Result<Vec<TopicSummary>, StoreError> {
        self.rows_with("engine/events/topics", &binds([("owner", text(owner))])).await
    }

    /// The newest events, newest first, up to the limit.
    pub(crate) async fn recent_events(
        &self,
        count: i64,
        owner: Option<Uuid>,
        limit: RowLimit,
    ) -> Result<Vec<RecentEvent>, StoreError> {
        let binds = binds([("owner", text(owner)), ("count", count.to_string())]);
        Ok(self.first_rows("engine/events/recent", &binds, limit).await?.0)
    }

    pub(crate) async fn needed_events(&self, older_than_seconds: i64) -> Result<NeededEvents, StoreError> {
        let binds = binds([("seconds", older_than_seconds.to_string())]);
        self.one_with("engine/retention/needed_events", &binds).await
    }

    /// Deletes a batch of old events that nothing needs, from `after` on (time and id). `relayed`: only
    /// events that are in the stream.
    pub(crate) async fn delete_events(
        &self,
        old: &NeededEvents,
        after: &(String, Uuid),
        limit: i64,
        relayed: bool,
        audit: &Audit<'_>,
    ) -> Result<Option<DeletedEvents>, StoreError> {
        let needed: Vec<String> = old.needed.iter().map(Uuid::to_string).collect();
        let binds = audit.binds([
            ("before", old.before.clone()),
            ("after_at", after.0.clone()),
            ("after_id", after.1.to_string()),
            ("limit", limit.to_string()),
            ("needed", format!("{{{}}}", needed.join(","))),
            ("stream", relayed.to_string()),
        ]);
        self.write_optional("engine/events/cleanup", &binds).await
    }

    pub(crate) async fn stream_start(&self) -> Result<StreamStart, StoreError> {
        self.one("engine/events/stream_start").await
    }

    /// Records where reading starts; the first caller decides. Returns what is recorded.
    pub(crate) async fn record_stream_start(&self, start: &str) -> Result<Option<String>, StoreError> {
        self.write_optional("engine/events/record_stream_start", &binds([("start", start.to_owned())])).await
    }

    /// Records up to where the stream was read and acknowledged.
    pub(crate) async fn record_read_position(&self, done: String) -> Result<(), StoreError> {
        self.write("engine/events/record_read_position", &binds([("done", done)])).await
    }

    pub(crate) async fn known_events(&self, ids: &[Uuid]) -> Result<KnownEvents, StoreError> {
        let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
        let binds = binds([("ids", format!("{{{}}}", ids.join(",")))]);
        Ok(self.optional("engine/events/find_known", &binds).await?.unwrap_or_default())
    }
}
