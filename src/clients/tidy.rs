//! What remains to be tidied up when a call is dropped half-way: it is begun at once and goes on beside
//! everything else, and the program waits for it before it ends.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;

/// The tidying that goes on.
#[derive(Clone, Default)]
pub(crate) struct Tidy(Arc<Mutex<Vec<JoinHandle<()>>>>);

impl Tidy {
    /// Begins some. It must end by itself. Outside of a runtime nothing can be done any more.
    pub(crate) fn begin(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let mut going = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            going.retain(|task| !task.is_finished());
            going.push(runtime.spawn(work));
        }
    }

    /// Waits until all of it has ended, but no longer than this.
    pub(crate) async fn settle(&self, limit: Duration) {
        let going = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        // What takes longer is found and tidied up by the next run.
        drop(tokio::time::timeout(limit, futures_util::future::join_all(going)).await);
    }
}
