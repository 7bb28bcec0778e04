//! Blocking work on a thread of its own.
//!
//! Not the runtime's blocking pool: the runtime waits for that at its end, and a call that hangs
//! in the kernel (a dead NFS server) would keep the program from exiting. A thread of ours ends
//! with the process.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::oneshot;

/// Tells the work that nobody waits for it any more.
#[derive(Clone, Default)]
pub(crate) struct Abandoned(Arc<AtomicBool>);

impl Abandoned {
    /// Whether the work may stop.
    pub(crate) fn yes(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

struct AbandonOnDrop(Abandoned);

impl Drop for AbandonOnDrop {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

/// Does blocking work and awaits it. When this future is dropped, the work is told; it ends
/// when it next looks, or never, which then harms nobody.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce(&Abandoned) -> T + Send + 'static,
) -> io::Result<T> {
    let abandoned = Abandoned::default();
    let guard = AbandonOnDrop(abandoned.clone());
    let (sender, receiver) = oneshot::channel();
    std::thread::Builder::new().name("aside".into()).spawn(move || {
        // The receiver may be gone; then nobody wants the result.
        drop(sender.send(work(&abandoned)));
    })?;
    let out = receiver.await.map_err(io::Error::other);
    drop(guard);
    out
}
