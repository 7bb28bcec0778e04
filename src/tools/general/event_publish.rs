//! `event.publish`: an event for every task of its topic.
//!
//! It is durable in PostgreSQL, with the work that it causes, before the step ends. Its id follows
//! from the task's occurrence and the step, so a step that is run again publishes nothing twice.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::super::{Output, Tool, ToolContext, ToolError};
use crate::model::{Effect, Event, Finding, Status};
use crate::store::Binds;

pub(crate) struct EventPublish;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// 1 to 100 characters.
    #[schemars(length(min = 1, max = 100))]
    topic: String,
    /// What the tasks see as `event.payload`.
    #[serde(default)]
    payload: Value,
}

/// What it gives.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Published {
    /// The event.
    event_id: Uuid,
    /// How many tasks will run because of it.
    triggered_tasks: i64,
}

impl Tool for EventPublish {
    type Params = Params;
    type Result = Published;

    const NAME: &'static str = "event.publish";
    const HELP: &'static str = "publishes an event; every active task of its topic runs";
    const SOURCE: &'static str = "postgresql";

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<Vec<String>, ToolError> {
        topic(&params.topic)?;
        ctx.store()?;
        Ok(vec![format!("publish an event of topic '{}': {}", params.topic, params.payload)])
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Published>, ToolError> {
        topic(&params.topic)?;
        let name = |occurrence: &String| {
            let space = Uuid::parse_str(occurrence).unwrap_or(Uuid::NAMESPACE_OID);
            Uuid::new_v5(&space, ctx.step.as_bytes())
        };
        let id = ctx.occurrence.as_ref().map_or_else(Uuid::now_v7, name);
        let binds = Binds::from([
            ("id".to_owned(), id.to_string()),
            ("topic".to_owned(), params.topic.clone()),
            ("payload".to_owned(), params.payload.to_string()),
            ("by".to_owned(), ctx.run.clone().unwrap_or_default()),
            ("source".to_owned(), String::new()),
            ("stream_id".to_owned(), String::new()),
            ("actor".to_owned(), String::new()),
            ("details".to_owned(), String::new()),
        ]);
        let rows: Vec<Published> = ctx.store()?.write_returning("engine/events/publish", &binds).await?;
        let published = rows.into_iter().next().ok_or_else(|| ToolError::failed("no event was made"))?;
        ctx.observer.notice(Event::Queued);
        ctx.observer.notice(Event::Published);
        let text = format!("{}: event {} for {} tasks", ctx.step, id, published.triggered_tasks);
        Ok(Output::new(vec![Finding::new("", Self::SOURCE, Status::Ok, text)], published))
    }
}

fn topic(topic: &str) -> Result<(), ToolError> {
    match topic.chars().count() {
        1..=100 => Ok(()),
        n => Err(ToolError::Params(format!("event.publish: a topic has 1 to 100 characters, this one {n}"))),
    }
}
