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
//! * Publishing leaves no row in the audit log: events are data, thousands may come in a minute, and an event's own
//!   row says who published it (`published_by`, `source_agent_id`) and when.
//! * An agent without the admin scope publishes only as itself and sees only its own events.

pub(crate) mod alerts;
mod batch;
pub(crate) mod consumer;
pub(crate) mod relay;
mod stream_event;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::notifier::Channel;
use super::tasks::input::{self, InputIssue};
use super::tasks::page_request::PAGE_BYTES;
use super::tasks::{Actor, ConsentedActor, TaskError, Tasks, answer, translate};
use crate::clients::redis::Redis;
use crate::model::{NO_NUL, optional_storable_object};
use crate::store::events::{NewEvent, PublishedEvent, RecentEvent, TopicSummary};
use crate::store::{RowLimit, Store, StoreError};

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

/// Publishes an event that does not come from a request. The caller notifies [`Channel::Due`] and
/// [`Channel::Event`].
async fn publish(store: &Store, new: &NewEvent<'_>) -> Result<Option<PublishedEvent>, StoreError> {
    store.publish_event(new).await
}

impl Tasks {
    /// Publishes an event from a request body.
    pub(crate) async fn publish(
        &self,
        document: &Value,
        actor: &ConsentedActor,
    ) -> Result<PublishedEvent, TaskError> {
        if let Some(published) = self.replay(actor).await? {
            return Ok(published);
        }
        let (topic, payload, source) = read(document, actor)?;
        let new = NewEvent {
            id: Uuid::now_v7(),
            topic: &topic,
            payload: &payload,
            by: &publisher(source, actor),
            source,
            stream_id: "",
        };
        let done = self.store.publish_event_once(&new, actor.once.as_ref()).await;
        let done = answer(done.map_err(translate)?, actor)?;
        self.notifier.notify(Channel::Due);
        self.notifier.notify(Channel::Event);
        done.ok_or(TaskError::NotFound("event"))
    }

    /// Publishes an event with a derived id. Publishing it again is not an error.
    async fn publish_known(
        &self,
        new: &NewEvent<'_>,
        _: &ConsentedActor,
    ) -> Result<PublishedEvent, TaskError> {
        let published = self.store.publish_event(new).await?;
        self.notifier.notify(Channel::Due);
        self.notifier.notify(Channel::Event);
        published.ok_or(TaskError::NotFound("event"))
    }

    /// Topics with active tasks or recent events.
    pub(crate) async fn topics(&self, actor: &Actor) -> Result<Vec<TopicSummary>, TaskError> {
        Ok(self.store.topics(actor.owner).await?)
    }

    /// The newest events, newest first.
    pub(crate) async fn recent_events(
        &self,
        count: i64,
        actor: &Actor,
    ) -> Result<Vec<RecentEvent>, TaskError> {
        let limit = RowLimit { rows: usize::try_from(count).unwrap_or_default(), bytes: PAGE_BYTES };
        Ok(self.store.recent_events(count, actor.owner, limit).await?)
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
        let old = self.store.needed_events(hours * 3600).await?;
        let (mut after, mut removed) = ((String::new(), Uuid::nil()), 0);
        for _ in 0..CLEANUP_BATCHES {
            let batch =
                self.store.delete_events(&old, &after, BATCH, redis.is_some(), &actor.audit()).await?;
            let Some(batch) = batch else { break };
            removed += batch.deleted;
            let (Some(at), Some(id), true) = (batch.last_at, batch.last_id, batch.seen >= BATCH) else {
                break;
            };
            after = (at, id);
        }
        Ok((removed, self.trim(hours, redis).await))
    }

    async fn trim(&self, hours: i64, redis: Option<&Redis>) -> Option<u64> {
        let before = self.executor.ctx.clock.now() - chrono::TimeDelta::hours(hours);
        let redis = redis?;
        redis.trim(before.timestamp_millis(), consumer::GROUP).await.ok()
    }
}

/// Who publishes an event of a request. An admin may name another agent as its source; the row then names both.
fn publisher(source: Option<Uuid>, actor: &Actor) -> String {
    match actor.details["agent"].as_str().filter(|_| source != Some(actor.agent)) {
        Some(name) => format!("api ({name})"),
        None => "api".to_owned(),
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
