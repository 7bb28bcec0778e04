//! Controlling tasks: pause, resume, cancel, run now, snooze.

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ConsentedActor, TaskError, Tasks, binds, translate};
use crate::engine::notifier::Channel;
use crate::model::TaskStatus;

#[derive(Clone, Debug)]
pub(crate) struct Queued {
    /// Also the id of its final run.
    pub(crate) occurrence: Uuid,
    /// None when the occurrence was dropped because of its dedupe key.
    pub(crate) due_work_id: Option<i64>,
}

impl Tasks {
    /// Pauses, resumes or cancels a task. False: it already had the status.
    pub(crate) async fn set_status(
        &self,
        id: Uuid,
        status: TaskStatus,
        actor: &ConsentedActor,
    ) -> Result<bool, TaskError> {
        #[derive(Deserialize)]
        struct Changed {
            was: TaskStatus,
            changed: bool,
        }
        let action = match status {
            TaskStatus::Paused => "task.paused",
            TaskStatus::Active => "task.resumed",
            TaskStatus::Canceled => "task.canceled",
        };
        let binds = binds([
            ("id", id.to_string()),
            ("status", status.to_string()),
            ("action", action.to_owned()),
            ("actor", actor.agent.to_string()),
            ("details", actor.details.to_string()),
            ("owner", actor.owner()),
        ]);
        let rows: Vec<Changed> =
            self.store.write_returning("engine/api/task_status", &binds).await.map_err(translate)?;
        let row = rows.into_iter().next().ok_or(TaskError::NotFound("task"))?;
        if row.was == TaskStatus::Canceled && status != TaskStatus::Canceled {
            return Err(TaskError::Conflict("the task is canceled; canceled tasks stay canceled".into()));
        }
        self.notifier.notify(Channel::Schedule);
        self.notifier.notify(Channel::Due);
        Ok(row.changed)
    }

    /// Queues an occurrence now.
    pub(crate) async fn run_now(&self, id: Uuid, actor: &ConsentedActor) -> Result<Queued, TaskError> {
        #[derive(Deserialize)]
        struct Row {
            status: TaskStatus,
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
        let is_done = |row: &Value| row["status"] == TaskStatus::Active.name();
        let row: Option<Row> = self.change_once("engine/api/task_run_now", &binds, actor, is_done).await?;
        let row = row.ok_or(TaskError::NotFound("task"))?;
        if row.status != TaskStatus::Active {
            return Err(TaskError::Refused(format!("the task is {}", row.status)));
        }
        self.notifier.notify(Channel::Due);
        Ok(Queued { occurrence: row.occurrence, due_work_id: row.due_work_id })
    }

    /// Postpones the next occurrence and queued work. Returns how many rows of `due_work` moved.
    pub(crate) async fn snooze(
        &self,
        id: Uuid,
        seconds: i64,
        reason: &str,
        actor: &ConsentedActor,
    ) -> Result<i64, TaskError> {
        #[derive(Deserialize)]
        struct Row {
            status: TaskStatus,
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
        if row.status == TaskStatus::Canceled {
            return Err(TaskError::Conflict("the task is canceled; canceled tasks stay canceled".into()));
        }
        self.notifier.notify(Channel::Schedule);
        self.notifier.notify(Channel::Due);
        Ok(row.moved)
    }
}
