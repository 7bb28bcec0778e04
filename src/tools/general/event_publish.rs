//! `event.publish`: publishes an event to every task of its topic.
//!
//! The event and the work it causes are committed before the step ends. Its ID follows from the task's
//! occurrence and the step, so a repeated step publishes nothing twice.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::super::{Output, Tool, ToolContext, ToolError};
use crate::model::{Effect, Event, Finding, Status, StepPlan};
use crate::store::events::NewEvent;

pub(crate) struct EventPublish;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// 1 to 100 characters.
    #[schemars(length(min = 1, max = 100))]
    topic: String,
    /// Available to the tasks as `event.payload`.
    #[serde(default)]
    payload: Value,
}

#[derive(Debug, Serialize)]
pub(crate) struct PublishedEvent {
    event_id: Uuid,
    /// Tasks that run because of it; 0 when the event exists already.
    triggered_tasks: i64,
}

impl Tool for EventPublish {
    type Params = Params;
    type Result = PublishedEvent;

    const NAME: &'static str = "event.publish";
    const HELP: &'static str = "Publish an event that triggers every active task of its topic";
    const SOURCE: &'static str = "postgresql";
    const TASKS_MAY_CHANGE: bool = true;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        topic(&params.topic)?;
        ctx.store()?;
        let call = format!("publish an event of topic '{}': {}", params.topic, params.payload);
        Ok(StepPlan::new(format!("Publish an event of topic '{}'", params.topic), vec![call]))
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<PublishedEvent>, ToolError> {
        topic(&params.topic)?;
        let name = |occurrence: &String| {
            let space = Uuid::parse_str(occurrence).unwrap_or(Uuid::NAMESPACE_OID);
            Uuid::new_v5(&space, ctx.step.as_bytes())
        };
        let id = ctx.occurrence.as_ref().map_or_else(Uuid::now_v7, name);
        let by = ctx.run.as_deref().unwrap_or_default();
        let (topic, payload) = (params.topic.as_str(), &params.payload);
        let event = NewEvent { id, topic, payload, by, source: None, stream_id: "" };
        let stored = ctx.store()?.publish_event(&event).await?;
        let stored = stored.ok_or_else(|| ToolError::failed("the event was not stored"))?;
        let published = PublishedEvent { event_id: stored.event_id, triggered_tasks: stored.triggered_tasks };
        ctx.observer.notice(Event::Queued);
        ctx.observer.notice(Event::Published);
        let text = format!(
            "{}: event {id} published, {} triggered",
            ctx.step,
            crate::base::units::counted(published.triggered_tasks as f64, "task")
        );
        Ok(Output::new(vec![Finding::new("", Self::SOURCE, Status::Ok, text)], published))
    }
}

fn topic(topic: &str) -> Result<(), ToolError> {
    match topic.chars().count() {
        1..=100 => Ok(()),
        n => Err(ToolError::Params(format!("event.publish: topic must have 1 to 100 characters, not {n}"))),
    }
}
