//! Work that a step must undo, whatever becomes of the step.
//!
//! A step that times out or is interrupted is dropped, and a dropped future cannot await anything. The
//! step therefore registers the removal beforehand as a [`Cleanup`]. It runs at the end of the step, or on
//! the runtime when the step is dropped. Whoever runs steps calls [`CleanupSet::wait`] before it unlocks the
//! target. Each cleanup limits its own time.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::ToolError;
use crate::base::lock::lock;
use crate::model::Finding;

type Work = Pin<Box<dyn Future<Output = Finding> + Send>>;

/// The cleanups of a run that have started. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct CleanupSet(Arc<Mutex<Vec<JoinHandle<Option<Finding>>>>>);

impl CleanupSet {
    /// Registers work that must run in any case; its finding reports the outcome.
    pub(crate) fn register(&self, work: impl Future<Output = Finding> + Send + 'static) -> Cleanup {
        Cleanup { work: Some(Box::pin(work)), set: self.clone() }
    }

    /// Waits for every started cleanup. Returns the findings that no step has received.
    pub(crate) async fn wait(&self) -> Vec<Finding> {
        let started = std::mem::take(&mut *self.started());
        let mut findings = Vec::new();
        for task in started {
            // An error means that the task panicked: it has no finding.
            findings.extend(task.await.ok().flatten());
        }
        findings
    }

    fn started(&self) -> MutexGuard<'_, Vec<JoinHandle<Option<Finding>>>> {
        lock(&self.0)
    }

    fn start(&self, work: impl Future<Output = Option<Finding>> + Send + 'static) {
        // Without a runtime the process is ending and nothing can be awaited.
        let Ok(runtime) = Handle::try_current() else { return };
        let mut started = self.started();
        // A server never calls `wait`.
        started.retain(|task| !task.is_finished());
        started.push(runtime.spawn(work));
    }
}

/// A registered cleanup. Dropping it starts it.
#[must_use]
pub(crate) struct Cleanup {
    work: Option<Work>,
    set: CleanupSet,
}

impl Cleanup {
    /// Discards the cleanup: there is nothing to undo.
    pub(crate) fn cancel(mut self) {
        self.work = None;
    }

    /// Runs the cleanup. It continues when this future is dropped.
    pub(crate) async fn run(mut self) -> Result<Finding, ToolError> {
        let (sender, receiver) = oneshot::channel();
        if let Some(work) = self.work.take() {
            // If the step is gone, `wait` returns the finding.
            self.set.start(async move { sender.send(work.await).err() });
        }
        receiver.await.map_err(|_| ToolError::failed("cleanup: aborted before it finished"))
    }
}

impl Drop for Cleanup {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            self.set.start(async move { Some(work.await) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Status;

    fn finding(id: &str) -> Finding {
        Finding::new(id, "test", Status::Ok, id)
    }

    #[tokio::test]
    async fn a_cleanup_runs_at_the_end_or_on_drop_and_is_reported_once() {
        let set = CleanupSet::default();
        assert_eq!(set.register(async { finding("end") }).run().await.unwrap().id, "end");
        set.register(async { finding("canceled") }).cancel();
        assert!(set.wait().await.is_empty(), "the step has received the finding");
        drop(set.register(async { finding("dropped") }));
        let (open, gate) = oneshot::channel::<()>();
        let slow = set.register(async {
            drop(gate.await);
            finding("interrupted")
        });
        // The step is dropped while it waits for its own cleanup.
        drop(tokio::time::timeout(std::time::Duration::from_millis(1), slow.run()).await);
        open.send(()).unwrap();
        let ids: Vec<String> = set.wait().await.into_iter().map(|f| f.id).collect();
        assert_eq!(ids, ["dropped", "interrupted"]);
    }
}
