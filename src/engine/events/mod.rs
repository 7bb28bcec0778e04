//! Events from the API, steps, Alertmanager and the Redis stream, and the work they trigger (promises 1
//! and 2).
//!
//! * An event is published when its row in `ordctl.event` is committed, together with the due work of
//!   every active task of its topic. Publishing does not need Redis.
//! * [`relay`] writes events to the stream, one node at a time, in commit order per topic. An event can
//!   be in the stream twice if a node dies in between; its `event_id` identifies it.
//! * [`consumer`] imports entries that other programs add to the stream. An entry is acknowledged after
//!   its event is committed. An entry with a known `event_id` (such as our own) is only acknowledged.
//! * The stream is bounded by length, but an entry is trimmed only after it was read. An event's row
//!   identifies the event, so it is kept until its entry was read, while waiting work needs it, and for
//!   30 days if it is an alert.
//! * An agent without the admin scope publishes only as itself and sees only its own events.

pub(crate) mod alerts;
mod batch;
pub(crate) mod consumer;
pub(crate) mod relay;
mod stream_event;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::notifier::Channel;
use super::tasks::input::{self, InputIssue};
use super::tasks::page_request::PAGE_BYTES;
use super::tasks::{Actor, ConsentedActor, TaskError, Tasks, binds};
use crate::clients::redis::Redis;
use crate::model::{NO_NUL, optional_storable_object};
use crate::store::{Binds, RowLimit, Store, StoreError};

/// Upstream's limit.
pub(crate) const TOPIC_MAX: usize = 100;
/// Events per statement.
const BATCH: i64 = 1000;
/// Maximum statements per cleanup request.
const CLEANUP_BATCHES: usize = 20;

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct EventInput {
    /// Triggers the active tasks with this topic.
    #[schemars(length(min = 1, max = 100), regex(pattern = NO_NUL))]
    pub(crate) topic: String,
    /// Available to the tasks as `event.payload`.
    #[serde(default)]
    #[schemars(schema_with = "optional_storable_object")]
    pub(crate) payload: Option<Map<String, Value>>,
    /// The publishing agent; only an admin can name another agent.
    #[serde(default)]
    pub(crate) source_agent_id: Option<Uuid>,
}

/// A committed event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Published {
    pub(crate) event_id: Uuid,
    /// The id of its stream entry; None until it is relayed.
    pub(crate) stream_id: Option<String>,
    pub(crate) topic: String,
    /// Number of tasks it triggered.
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
    /// The API, a run, or `stream`.
    published_by: Option<String>,
    /// RFC 3339.
    published_at: String,
}

/// An event that is to be published.
pub(crate) struct NewEvent<'a> {
    pub(crate) id: Uuid,
    pub(crate) topic: &'a str,
    /// Its payload.
    pub(crate) payload: &'a Value,
    /// Who publishes it, in a word.
    pub(crate) by: &'a str,
    /// In whose name.
    pub(crate) source: Option<Uuid>,
    /// Where it is in the stream already.
    pub(crate) stream_id: &'a str,
}

impl NewEvent<'_> {
    /// `actor`: None for an event that does not come from a request.
    fn binds(&self, actor: Option<&Actor>) -> Binds {
        binds([
            ("id", self.id.to_string()),
            ("topic", self.topic.to_owned()),
            ("payload", self.payload.to_string()),
            ("by", self.by.to_owned()),
            ("source", self.source.map(|id| id.to_string()).unwrap_or_default()),
            ("stream_id", self.stream_id.to_owned()),
            ("actor", actor.map(|a| a.agent.to_string()).unwrap_or_default()),
            ("details", actor.map(|a| a.details.to_string()).unwrap_or_default()),
        ])
    }
}

/// Publishes an event that does not come from a request. The caller notifies [`Channel::Due`] and
/// [`Channel::Event`].
async fn publish(store: &Store, new: &NewEvent<'_>) -> Result<Option<Published>, StoreError> {
    Ok(store.write_returning("engine/events/publish", &new.binds(None)).await?.pop())
}

impl Tasks {
    /// Publishes an event from a request body.
    pub(crate) async fn publish(
        &self,
        document: &Value,
        actor: &ConsentedActor,
    ) -> Result<Published, TaskError> {
        if let Some(published) = self.replay(actor).await? {
            return Ok(published);
        }
        let (topic, payload, source) = read(document, actor)?;
        let new = NewEvent {
            id: Uuid::now_v7(),
            topic: &topic,
            payload: &payload,
            by: "api",
            source,
            stream_id: "",
        };
        let done =
            self.change_once("engine/events/publish", &new.binds(Some(actor)), actor, |_| true).await?;
        self.notifier.notify(Channel::Due);
        self.notifier.notify(Channel::Event);
        done.ok_or(TaskError::NotFound("event"))
    }

    /// Publishes an event with a derived id. Publishing it again is not an error.
    async fn publish_known(
        &self,
        new: &NewEvent<'_>,
        actor: &ConsentedActor,
    ) -> Result<Published, TaskError> {
        let mut rows = self.store.write_returning("engine/events/publish", &new.binds(Some(actor))).await?;
        self.notifier.notify(Channel::Due);
        self.notifier.notify(Channel::Event);
        rows.pop().ok_or(TaskError::NotFound("event"))
    }

    /// Topics with active tasks or recent events.
    pub(crate) async fn topics(&self, actor: &Actor) -> Result<Vec<TopicSummary>, TaskError> {
        Ok(self.store.rows_with("engine/events/topics", &binds([("owner", actor.owner())])).await?)
    }

    /// The newest events, newest first.
    pub(crate) async fn recent_events(
        &self,
        count: i64,
        actor: &Actor,
    ) -> Result<Vec<RecentEvent>, TaskError> {
        let all = binds([("owner", actor.owner()), ("count", count.to_string())]);
        let limit = RowLimit { rows: usize::try_from(count).unwrap_or_default(), bytes: PAGE_BYTES };
        Ok(self.store.first_rows("engine/events/recent", &all, limit).await?.0)
    }

    /// Deletes events older than `hours` from the database and the stream, by the rules of retention.
    /// Returns the number of deleted rows and stream entries; None for entries when Redis is not
    /// configured or does not answer.
    pub(crate) async fn clean_events(
        &self,
        hours: i64,
        redis: Option<&Redis>,
        actor: &ConsentedActor,
    ) -> Result<(i64, Option<u64>), TaskError> {
        #[derive(Deserialize)]
        struct Needed {
            before: String,
            needed: Vec<Uuid>,
        }
        #[derive(Deserialize)]
        struct Row {
            deleted: i64,
            seen: i64,
            last_at: Option<String>,
            last_id: Option<Uuid>,
        }
        let needed = self
            .store
            .rows_with::<Needed>(
                "engine/retention/needed_events",
                &binds([("seconds", (hours * 3600).to_string())]),
            )
            .await?;
        let Some(Needed { before, needed }) = needed.into_iter().next() else { return Ok((0, None)) };
        let needed: Vec<String> = needed.iter().map(Uuid::to_string).collect();
        let mut all = binds([
            ("before", before),
            ("after_at", String::new()),
            ("after_id", Uuid::nil().to_string()),
            ("limit", BATCH.to_string()),
            ("needed", format!("{{{}}}", needed.join(","))),
            ("stream", redis.is_some().to_string()),
            ("actor", actor.agent.to_string()),
            ("details", actor.details.to_string()),
        ]);
        let mut removed = 0;
        for _ in 0..CLEANUP_BATCHES {
            let rows: Vec<Row> = self.store.write_returning("engine/events/cleanup", &all).await?;
            let Some(row) = rows.into_iter().next() else { break };
            removed += row.deleted;
            let (Some(at), Some(id), true) = (row.last_at, row.last_id, row.seen >= BATCH) else { break };
            all.insert("after_at".to_owned(), at);
            all.insert("after_id".to_owned(), id.to_string());
        }
        Ok((removed, self.trim(hours, redis).await))
    }

    async fn trim(&self, hours: i64, redis: Option<&Redis>) -> Option<u64> {
        let before = self.executor.ctx.clock.now() - chrono::TimeDelta::hours(hours);
        let redis = redis?;
        redis.bounded(relay::REDIS_TIMEOUT, redis.trim(before.timestamp_millis(), consumer::GROUP)).await.ok()
    }
}

fn read(document: &Value, actor: &Actor) -> Result<(String, Value, Option<Uuid>), TaskError> {
    let input: EventInput = input::read(document).map_err(TaskError::Invalid)?;
    let source = input.source_agent_id;
    if source.is_some() && actor.owner.is_some() && source != actor.owner {
        let msg = "only an admin can publish events for another agent";
        let issue = InputIssue::unusable("source_agent_id", msg, &document["source_agent_id"]);
        return Err(TaskError::Invalid(vec![issue]));
    }
    let payload = Value::Object(input.payload.unwrap_or_default());
    Ok((input.topic, payload, source.or(Some(actor.agent))))
}
