//! Runs blocking work on a dedicated thread.
//!
//! The runtime waits for its blocking pool when it shuts down, so a call that hangs in the kernel (a dead
//! NFS server) would keep the process from exiting. A detached thread ends with the process.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::oneshot;

/// Set when the caller stops waiting.
#[derive(Clone, Default)]
pub(crate) struct Abandoned(Arc<AtomicBool>);

impl Abandoned {
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

struct AbandonOnDrop(Abandoned);

impl Drop for AbandonOnDrop {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

/// Runs blocking work and awaits it. Dropping the future sets [`Abandoned`], which long work must check.
pub(crate) async fn spawn_detached<T: Send + 'static>(
    work: impl FnOnce(&Abandoned) -> T + Send + 'static,
) -> io::Result<T> {
    let abandoned = Abandoned::default();
    let guard = AbandonOnDrop(abandoned.clone());
    let (sender, receiver) = oneshot::channel();
    std::thread::Builder::new().name("detached".into()).spawn(move || {
        // The receiver may be gone.
        drop(sender.send(work(&abandoned)));
    })?;
    let output = receiver.await.map_err(io::Error::other);
    drop(guard);
    output
}
