//! Events: from the API, from steps, from Alertmanager, from the Redis stream; and the work they cause.
//!
//! * An event is published when its row in `ordctl.event` is committed, together with the due work of
//!   every active task of its topic. Redis plays no part in that: it may be down or slow.
//! * [`relay`] brings events to the stream, one node at a time, within a topic in the order of the
//!   commits. An event may come there twice (a node died in between); its `event_id` tells.
//! * [`consumer`] takes in what other programs add to the stream. An entry is acknowledged after its
//!   event is committed, and one whose `event_id` is known, our own among them, is only acknowledged.
//! * The stream is bounded by length, but no entry leaves it before it was read; and no row of an event
//!   leaves the database before, nor while waiting work needs it, nor that of an alert for 30 days:
//!   rows are how events are recognised.
//! * Who is no admin publishes in his own name, and sees what he has published himself.

pub(crate) mod alerts;
mod batch;
pub(crate) mod consumer;
mod foreign;
pub(crate) mod relay;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::notice::Subject;
use super::tasks::input::{self, InputIssue};
use super::tasks::page_request::PAGE_BYTES;
use super::tasks::{Actor, ConsentedActor, TaskError, Tasks, binds};
use crate::clients::redis::Redis;
use crate::model::NO_NUL;
use crate::store::{Binds, RowLimit, Store, StoreError};

/// Upstream's limit.
pub(crate) const TOPIC_MAX: usize = 100;
/// So many events a statement are removed, or found to be needed.
const BATCH: i64 = 1000;
/// And so many statements a request.
const MOST: usize = 20;

/// What a request to publish holds.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct EventInput {
    /// Tasks of this topic run.
    #[schemars(length(min = 1, max = 100), regex(pattern = NO_NUL))]
    pub(crate) topic: String,
    /// What they see as `event.payload`.
    #[serde(default)]
    pub(crate) payload: Option<Map<String, Value>>,
    /// In whose name; only an admin names another than himself.
    #[serde(default)]
    pub(crate) source_agent_id: Option<Uuid>,
}

/// An event that is durable.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Published {
    /// The event.
    pub(crate) event_id: Uuid,
    /// Where it is in the stream; None until it is relayed.
    pub(crate) stream_id: Option<String>,
    /// Its topic.
    pub(crate) topic: String,
    /// How many tasks run because of it.
    pub(crate) triggered_tasks: i64,
    pub(crate) published_at: Option<DateTime<Utc>>,
    /// Whether it was not there before.
    pub(crate) new: bool,
}

/// A topic.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Topic {
    topic: String,
    /// Active tasks that run at its events.
    active_tasks: i64,
    /// Events within a day.
    events_last_day: i64,
    /// RFC 3339; of those.
    last_published_at: Option<String>,
}

/// An event as it is listed.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Recent {
    event_id: Uuid,
    /// Where it is in the Redis stream; null until it is there.
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
pub(crate) struct New<'a> {
    pub(crate) id: Uuid,
    /// Its topic.
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

impl New<'_> {
    /// The values of the statement. `actor`: None for an event that no request brought.
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

/// Publishes an event that no request brought. Tell [`Subject::Due`] and [`Subject::Event`] after it.
async fn publish(store: &Store, new: &New<'_>) -> Result<Option<Published>, StoreError> {
    Ok(store.write_returning("engine/events/publish", &new.binds(None)).await?.pop())
}

impl Tasks {
    /// Publishes what a request says.
    pub(crate) async fn publish(
        &self,
        document: &Value,
        actor: &ConsentedActor,
    ) -> Result<Published, TaskError> {
        if let Some(published) = self.replay(actor).await? {
            return Ok(published);
        }
        let (topic, payload, source) = read(document, actor)?;
        let new =
            New { id: Uuid::now_v7(), topic: &topic, payload: &payload, by: "api", source, stream_id: "" };
        let done =
            self.change_once("engine/events/publish", &new.binds(Some(actor)), actor, |_| true).await?;
        self.notices.tell(Subject::Due);
        self.notices.tell(Subject::Event);
        done.ok_or(TaskError::NotFound("event"))
    }

    /// Publishes an event whose id follows from what it is about. One that is there already is no error.
    async fn publish_known(&self, new: &New<'_>, actor: &ConsentedActor) -> Result<Published, TaskError> {
        let mut rows = self.store.write_returning("engine/events/publish", &new.binds(Some(actor))).await?;
        self.notices.tell(Subject::Due);
        self.notices.tell(Subject::Event);
        rows.pop().ok_or(TaskError::NotFound("event"))
    }

    /// Topics that have active tasks or recent events.
    pub(crate) async fn topics(&self, actor: &Actor) -> Result<Vec<Topic>, TaskError> {
        Ok(self.store.rows_with("engine/events/topics", &binds([("owner", actor.owner())])).await?)
    }

    /// The latest events, newest first.
    pub(crate) async fn recent_events(&self, count: i64, actor: &Actor) -> Result<Vec<Recent>, TaskError> {
        let all = binds([("owner", actor.owner()), ("count", count.to_string())]);
        let cap = RowLimit { rows: usize::try_from(count).unwrap_or_default(), bytes: PAGE_BYTES };
        Ok(self.store.first_rows("engine/events/recent", &all, cap).await?.0)
    }

    /// Removes old events, here and in the stream: those that retention would, if it were set to so many
    /// hours. Returns how many went here, and how many entries there; None when there is no Redis or
    /// it does not answer.
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
            .rows_with::<Needed>("engine/retention/needed", &binds([("seconds", (hours * 3600).to_string())]))
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
        for _ in 0..MOST {
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
        redis.bounded(relay::ANSWER, redis.trim(before.timestamp_millis(), consumer::GROUP)).await.ok()
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
