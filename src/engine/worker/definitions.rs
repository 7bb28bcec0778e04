//! What tasks are to do, read once for each version of a task.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};
use tokio_postgres::Row;
use uuid::Uuid;

use super::claim::Claimed;
use crate::model::{Backoff, Step};
use crate::pipeline::check;

/// So many are kept; then all are read anew.
const KEPT: usize = 20_000;

/// A task's pipeline, and what to do when it fails.
#[derive(Debug)]
pub(crate) struct Definition {
    /// The row's version; an edited task has another.
    pub(crate) version: i64,
    pub(crate) title: String,
    /// Its pipeline, or why it cannot be run.
    pub(crate) pipeline: Result<Pipeline, String>,
    /// How often a failed run is tried again.
    pub(crate) max_retries: u32,
    /// How long to wait before.
    pub(crate) backoff: Backoff,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Pipeline {
    /// What its templates see as `params`.
    pub(crate) params: Map<String, Value>,
    pub(crate) steps: Vec<Step>,
}

/// Only a payload that came by SQL, past the check at creation, is unreadable.
fn unreadable(faults: &[check::PipelineIssue]) -> String {
    let said: Vec<&str> = faults.iter().map(|f| f.message.as_str()).collect();
    format!("its payload cannot be run: {}", said.join("; "))
}

impl Definition {
    /// Reads a row of `definitions.sql`.
    fn read(row: &Row) -> Result<(Uuid, Self), tokio_postgres::Error> {
        let payload: Value = row.try_get("payload")?;
        let definition = Self {
            version: row.try_get("version")?,
            title: row.try_get("title")?,
            pipeline: match check::read(&payload) {
                Ok((params, steps)) => Ok(Pipeline { params, steps }),
                Err(faults) => Err(unreadable(&faults)),
            },
            max_retries: u32::try_from(row.try_get::<_, i32>("max_retries")?).unwrap_or_default(),
            backoff: row
                .try_get::<_, String>("backoff_strategy")?
                .parse()
                .unwrap_or(Backoff::ExponentialJitter),
        };
        Ok((row.try_get("id")?, definition))
    }
}

#[derive(Default)]
pub(crate) struct Definitions(HashMap<Uuid, Arc<Definition>>);

impl Definitions {
    /// The tasks of which no definition of the right version is known.
    pub(crate) fn unknown(&self, claimed: &[Claimed]) -> Vec<Uuid> {
        let mut tasks: Vec<Uuid> = claimed.iter().filter(|c| self.get(c).is_none()).map(|c| c.task).collect();
        tasks.sort_unstable();
        tasks.dedup();
        tasks
    }

    /// Learns the rows of `definitions.sql`.
    pub(crate) fn learn(&mut self, rows: &[Row]) -> Result<(), tokio_postgres::Error> {
        if self.0.len() + rows.len() > KEPT {
            self.0.clear();
        }
        for row in rows {
            let (task, definition) = Definition::read(row)?;
            self.0.insert(task, Arc::new(definition));
        }
        Ok(())
    }

    /// The definition of a claimed row's task. One that was edited after the claim will do.
    pub(crate) fn latest(&self, claimed: &Claimed) -> Option<&Arc<Definition>> {
        self.0.get(&claimed.task)
    }

    fn get(&self, claimed: &Claimed) -> Option<&Arc<Definition>> {
        self.latest(claimed).filter(|d| d.version == claimed.version)
    }
}
