//! A lane's cache of task definitions, read once for each version of a task.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};
use tokio_postgres::Row;
use uuid::Uuid;

use super::claim::ClaimedJob;
use crate::clients::postgres::{RawJson, RawText};
use crate::model::{Backoff, Step};
use crate::pipeline::check;

/// Maximum cached definitions; the cache is cleared when it is full.
const CACHE_MAX: usize = 20_000;

/// A task's pipeline and retry policy.
#[derive(Debug)]
pub(crate) struct TaskDefinition {
    /// Changes with every edit of the task.
    pub(crate) version: i64,
    pub(crate) title: String,
    /// The pipeline, or why it cannot run.
    pub(crate) pipeline: Result<Pipeline, String>,
    pub(crate) max_retries: u32,
    pub(crate) backoff: Backoff,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Pipeline {
    /// Available to templates as `params`.
    pub(crate) params: Map<String, Value>,
    pub(crate) steps: Vec<Step>,
}

/// Only a payload written by SQL, which skips validation, is invalid here.
fn invalid_payload(issues: &[check::PipelineIssue]) -> String {
    let messages: Vec<&str> = issues.iter().map(|f| f.message.as_str()).collect();
    format!("invalid payload: {}", messages.join("; "))
}

impl TaskDefinition {
    /// Reads a row of `definitions.sql`.
    fn from_row(row: &Row) -> Result<(Uuid, Self), tokio_postgres::Error> {
        // With replacement characters it would do something else than its author wrote.
        let payload = row.try_get::<_, RawJson>("payload")?.checked("payload");
        let definition = Self {
            version: row.try_get("version")?,
            title: row.try_get::<_, RawText>("title")?.lossy().into_owned(),
            pipeline: payload.and_then(|payload| match check::read(&payload) {
                Ok((params, steps)) => Ok(Pipeline { params, steps }),
                Err(issues) => Err(invalid_payload(&issues)),
            }),
            max_retries: u32::try_from(row.try_get::<_, i32>("max_retries")?).unwrap_or_default(),
            // Like Ordinaut, treats an unknown strategy as the default.
            backoff: row
                .try_get::<_, RawText>("backoff_strategy")?
                .lossy()
                .parse()
                .unwrap_or(Backoff::ExponentialJitter),
        };
        Ok((row.try_get("id")?, definition))
    }
}

#[derive(Default)]
pub(crate) struct Definitions(HashMap<Uuid, Arc<TaskDefinition>>);

impl Definitions {
    /// Tasks whose definition of the claimed version is not cached.
    pub(crate) fn missing(&self, jobs: &[ClaimedJob]) -> Vec<Uuid> {
        let is_cached = |job: &ClaimedJob| self.latest(job).is_some_and(|d| d.version == job.version);
        let mut tasks: Vec<Uuid> = jobs.iter().filter(|job| !is_cached(job)).map(|job| job.task).collect();
        tasks.sort_unstable();
        tasks.dedup();
        tasks
    }

    /// Adds the rows of `definitions.sql`.
    pub(crate) fn add(&mut self, rows: &[Row]) -> Result<(), tokio_postgres::Error> {
        if self.0.len() + rows.len() > CACHE_MAX {
            self.0.clear();
        }
        for row in rows {
            let (task, definition) = TaskDefinition::from_row(row)?;
            self.0.insert(task, Arc::new(definition));
        }
        Ok(())
    }

    /// The definition of a job's task, which may be newer than the claim.
    pub(crate) fn latest(&self, job: &ClaimedJob) -> Option<&Arc<TaskDefinition>> {
        self.0.get(&job.task)
    }
}
