//! What a step leaves behind and has to remove again, whatever becomes of the step.
//!
//! A step that times out or is interrupted is dropped, and a dropped future cannot await anything. So
//! the removal is handed over beforehand, as a [`Cleanup`]: the step does it at its end, and its drop
//! does it otherwise, on the runtime. Whoever runs steps waits for what is still going on
//! ([`Cleanups::settle`]) before it gives up the target. Each removal bounds its own time.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::ToolError;
use crate::model::Finding;

type Work = Pin<Box<dyn Future<Output = Finding> + Send>>;

/// The removals of a run that were begun. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Cleanups(Arc<Mutex<Vec<JoinHandle<Option<Finding>>>>>);

impl Cleanups {
    /// Hands over what has to be done in any case; it says how it went.
    pub(crate) fn owe(&self, work: impl Future<Output = Finding> + Send + 'static) -> Cleanup {
        Cleanup { work: Some(Box::pin(work)), all: self.clone() }
    }

    /// Waits for every removal that was begun, and returns what those say whose step is gone.
    pub(crate) async fn settle(&self) -> Vec<Finding> {
        let begun = std::mem::take(&mut *self.begun());
        let mut said = Vec::new();
        for one in begun {
            // An error means that it panicked; there is nothing that it says.
            said.extend(one.await.ok().flatten());
        }
        said
    }

    fn begun(&self) -> std::sync::MutexGuard<'_, Vec<JoinHandle<Option<Finding>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, work: impl Future<Output = Option<Finding>> + Send + 'static) {
        // Without a runtime the program is ending, and nothing can be awaited any more.
        let Ok(runtime) = Handle::try_current() else { return };
        let mut begun = self.begun();
        // A server never settles.
        begun.retain(|one| !one.is_finished());
        begun.push(runtime.spawn(work));
    }
}

/// A removal that is owed. Dropping it begins it.
#[must_use]
pub(crate) struct Cleanup {
    work: Option<Work>,
    all: Cleanups,
}

impl Cleanup {
    /// Takes it back: there is nothing to remove.
    pub(crate) fn forgo(mut self) {
        self.work = None;
    }

    /// Does it now. It goes on when this future is dropped.
    pub(crate) async fn now(mut self) -> Result<Finding, ToolError> {
        let (tell, told) = oneshot::channel();
        if let Some(work) = self.work.take() {
            // Who does not listen any more hears of it from `settle`.
            self.all.begin(async move { tell.send(work.await).err() });
        }
        told.await.map_err(|_| ToolError::failed("the clean-up ended before it was done"))
    }
}

impl Drop for Cleanup {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            self.all.begin(async move { Some(work.await) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Status;

    fn said(what: &str) -> Finding {
        Finding::new(what, "test", Status::Ok, what)
    }

    #[tokio::test]
    async fn what_is_owed_is_done_at_the_end_or_at_the_drop_and_told_once() {
        let all = Cleanups::default();
        assert_eq!(all.owe(async { said("end") }).now().await.unwrap().id, "end");
        all.owe(async { said("taken back") }).forgo();
        assert!(all.settle().await.is_empty(), "its step has told it");
        drop(all.owe(async { said("dropped") }));
        let (open, gate) = oneshot::channel::<()>();
        let slow = all.owe(async {
            drop(gate.await);
            said("half-way")
        });
        // The step is dropped while it waits for its own clean-up.
        drop(tokio::time::timeout(std::time::Duration::from_millis(1), slow.now()).await);
        open.send(()).unwrap();
        let told: Vec<String> = all.settle().await.into_iter().map(|f| f.id).collect();
        assert_eq!(told, ["dropped", "half-way"]);
    }
}
