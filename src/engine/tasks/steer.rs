//! Steering tasks: pause, resume, cancel, run now, snooze.

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ConsentedActor, TaskError, Tasks, binds, written};
use crate::engine::notice::Subject;

#[derive(Clone, Debug)]
pub(crate) struct Queued {
    /// The occurrence; also the id of its final run.
    pub(crate) occurrence: Uuid,
    /// The due work; None when it was dropped because of its dedupe key.
    pub(crate) due_work_id: Option<i64>,
}

impl Tasks {
    /// Pauses, resumes or cancels a task. False: it was so already.
    pub(crate) async fn set(
        &self,
        id: Uuid,
        status: &str,
        actor: &ConsentedActor,
    ) -> Result<bool, TaskError> {
        #[derive(Deserialize)]
        struct Changed {
            was: String,
            changed: bool,
        }
        let action = match status {
            "paused" => "task.paused",
            "active" => "task.resumed",
            _ => "task.canceled",
        };
        let binds = binds([
            ("id", id.to_string()),
            ("status", status.to_owned()),
            ("action", action.to_owned()),
            ("actor", actor.agent.to_string()),
            ("details", actor.details.to_string()),
            ("owner", actor.owner()),
        ]);
        let rows: Vec<Changed> =
            self.store.write_returning("engine/api/task_status", &binds).await.map_err(written)?;
        let row = rows.into_iter().next().ok_or(TaskError::NotFound("task"))?;
        if row.was == "canceled" && status != "canceled" {
            return Err(TaskError::Conflict("the task is canceled, and stays so".into()));
        }
        self.notices.tell(Subject::Schedule);
        self.notices.tell(Subject::Due);
        Ok(row.changed)
    }

    /// Queues an occurrence of a task now.
    pub(crate) async fn run_now(&self, id: Uuid, actor: &ConsentedActor) -> Result<Queued, TaskError> {
        #[derive(Deserialize)]
        struct Row {
            status: String,
            occurrence: Uuid,
            due_work_id: Option<i64>,
        }
        let occurrence = Uuid::now_v7();
        let mut details = actor.details.clone();
        details["occurrence"] = json!(occurrence);
        let binds = binds([
            ("id", id.to_string()),
            ("occurrence", occurrence.to_string()),
            ("event", String::new()),
            ("actor", actor.agent.to_string()),
            ("details", details.to_string()),
            ("owner", actor.owner()),
        ]);
        let good = |row: &Value| row["status"] == "active";
        let row: Option<Row> = self.once("engine/api/task_run_now", &binds, actor, good).await?;
        let row = row.ok_or(TaskError::NotFound("task"))?;
        if row.status != "active" {
            return Err(TaskError::Refused(format!("the task is {}", row.status)));
        }
        self.notices.tell(Subject::Due);
        Ok(Queued { occurrence: row.occurrence, due_work_id: row.due_work_id })
    }

    /// Postpones what a task is about to do. Returns how many rows of due work moved.
    pub(crate) async fn snooze(
        &self,
        id: Uuid,
        seconds: i64,
        reason: &str,
        actor: &ConsentedActor,
    ) -> Result<i64, TaskError> {
        #[derive(Deserialize)]
        struct Row {
            status: String,
            moved: i64,
        }
        let mut details = actor.details.clone();
        details["delay_seconds"] = json!(seconds);
        details["reason"] = json!(reason);
        let binds = binds([
            ("id", id.to_string()),
            ("seconds", seconds.to_string()),
            ("actor", actor.agent.to_string()),
            ("details", details.to_string()),
            ("owner", actor.owner()),
        ]);
        let rows: Vec<Row> = self.store.write_returning("engine/api/task_snooze", &binds).await?;
        let row = rows.into_iter().next().ok_or(TaskError::NotFound("task"))?;
        if row.status == "canceled" {
            return Err(TaskError::Conflict("the task is canceled, and stays so".into()));
        }
        self.notices.tell(Subject::Schedule);
        self.notices.tell(Subject::Due);
        Ok(row.moved)
    }
}
