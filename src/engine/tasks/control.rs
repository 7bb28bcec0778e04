//! Controlling tasks: pause, resume, cancel, run now, snooze.

use serde_json::json;
use uuid::Uuid;

use super::{ConsentedActor, TaskError, Tasks, answer, translate};
use crate::engine::notifier::Channel;
use crate::model::TaskStatus;
use crate::store::Audit;
use crate::store::tasks::SnoozedWork;

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
        let changed = self.store.set_task_status(id, status, actor.owner, &actor.audit()).await;
        let row = changed.map_err(translate)?.ok_or(TaskError::NotFound("task"))?;
        if row.was == TaskStatus::Canceled && status != TaskStatus::Canceled {
            return Err(TaskError::Conflict("the task is canceled; canceled tasks stay canceled".into()));
        }
        self.notifier.notify(Channel::Schedule);
        self.notifier.notify(Channel::Due);
        Ok(row.changed)
    }

    /// Queues an occurrence now.
    pub(crate) async fn run_now(&self, id: Uuid, actor: &ConsentedActor) -> Result<Queued, TaskError> {
        let occurrence = Uuid::now_v7();
        let mut details = actor.details.clone();
        details["occurrence"] = json!(occurrence);
        let (audit, once) = (Audit { actor: actor.agent, details: &details }, actor.once.as_ref());
        let queued = self.store.run_task_now(id, occurrence, actor.owner, &audit, once).await;
        let row = answer(queued.map_err(translate)?, actor)?;
        let row = row.ok_or(TaskError::NotFound("task"))?;
        if row.status != TaskStatus::Active {
            return Err(TaskError::Refused(format!("the task is {}", row.status)));
        }
        self.notifier.notify(Channel::Due);
        Ok(Queued { occurrence: row.occurrence, due_work_id: row.due_work_id })
    }

    /// Postpones the next occurrence and queued work.
    pub(crate) async fn snooze(
        &self,
        id: Uuid,
        seconds: i64,
        actor: &ConsentedActor,
    ) -> Result<SnoozedWork, TaskError> {
        let mut details = actor.details.clone();
        details["delay_seconds"] = json!(seconds);
        let audit = Audit { actor: actor.agent, details: &details };
        let row = self.store.snooze_task(id, seconds, actor.owner, &audit).await?;
        let row = row.ok_or(TaskError::NotFound("task"))?;
        if row.status == TaskStatus::Canceled {
            return Err(TaskError::Conflict("the task is canceled; canceled tasks stay canceled".into()));
        }
        self.notifier.notify(Channel::Schedule);
        self.notifier.notify(Channel::Due);
        Ok(row)
    }
}
