//! Open connections: each has a slot, or one of a few reserved places that serve only health endpoints.
//!
//! When all slots are taken, the connection that has been idle for the longest time is closed. So clients that keep
//! connections open without using them shut nobody out, and a health probe is answered even when every slot is busy.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::base::lock::lock;

/// Connections beyond the limit, for health endpoints.
const RESERVED: usize = 64;
/// How long a request on a reserved connection waits for a slot.
const SLOT_WAIT: Duration = Duration::from_millis(250);

pub(super) struct Connections {
    slots: Arc<Semaphore>,
    reserved: Arc<Semaphore>,
    open: Mutex<HashMap<u64, Open>>,
    next: AtomicU64,
}

struct Open {
    is_reserved: bool,
    /// None while it has a request.
    idle_since: Option<Instant>,
    close: Arc<Notify>,
}

impl Connections {
    pub(super) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            slots: Arc::new(Semaphore::new(limit.max(1))),
            reserved: Arc::new(Semaphore::new(RESERVED)),
            open: Mutex::default(),
            next: AtomicU64::new(0),
        })
    }

    /// A place for a new connection. None: every place is busy.
    pub(super) fn admit(self: &Arc<Self>) -> Option<Connection> {
        let (permit, is_reserved) = match self.slots.clone().try_acquire_owned() {
            Ok(slot) => (slot, false),
            Err(_) => {
                self.close_idle(false);
                match self.reserved.clone().try_acquire_owned() {
                    Ok(place) => (place, true),
                    Err(_) => {
                        self.close_idle(true);
                        return None;
                    }
                }
            }
        };
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let close = Arc::new(Notify::new());
        let open = Open { is_reserved, idle_since: Some(Instant::now()), close: close.clone() };
        self.open().insert(id, open);
        // One place is always free for the next connection.
        if is_reserved && self.reserved.available_permits() == 0 {
            self.close_idle(true);
        }
        Some(Connection { all: self.clone(), id, close, permit: Mutex::new(Some(permit)) })
    }

    /// Closes the connection that has been idle for the longest time.
    fn close_idle(&self, is_reserved: bool) {
        let mut open = self.open();
        let idle = open.iter().filter(|(_, c)| c.is_reserved == is_reserved);
        let longest = idle.filter_map(|(id, c)| Some((c.idle_since?, *id))).min();
        if let Some(connection) = longest.and_then(|(_, id)| open.get_mut(&id)) {
            // It is chosen only once.
            connection.idle_since = None;
            connection.close.notify_one();
        }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u64, Open>> {
        lock(&self.open)
    }
}

/// An open connection, until dropped.
pub(super) struct Connection {
    all: Arc<Connections>,
    id: u64,
    close: Arc<Notify>,
    permit: Mutex<Option<OwnedSemaphorePermit>>,
}

impl Connection {
    /// Ends when another connection needs the place of this one.
    pub(super) async fn closed(&self) {
        self.close.notified().await;
    }

    /// Marks a request. None: the connection has no slot, which all requests but health checks need.
    pub(super) async fn begin(self: &Arc<Self>, is_health_check: bool) -> Option<Busy> {
        let busy = Busy(self.clone());
        let is_reserved = {
            let mut open = self.all.open();
            let connection = open.get_mut(&self.id)?;
            connection.idle_since = None;
            connection.is_reserved
        };
        if !is_reserved || is_health_check {
            return Some(busy);
        }
        self.all.close_idle(false);
        let slot =
            tokio::time::timeout(SLOT_WAIT, self.all.slots.clone().acquire_owned()).await.ok()?.ok()?;
        *lock(&self.permit) = Some(slot);
        self.all.open().get_mut(&self.id)?.is_reserved = false;
        Some(busy)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.all.open().remove(&self.id);
    }
}

/// A request, until its answer has been sent.
pub(super) struct Busy(Arc<Connection>);

impl Drop for Busy {
    fn drop(&mut self) {
        if let Some(connection) = self.0.all.open().get_mut(&self.0.id) {
            connection.idle_since = Some(Instant::now());
        }
    }
}

/// The body of an answer. Its connection is busy until it has been sent.
pub(super) struct BusyBody {
    pub(super) body: Body,
    pub(super) busy: Option<Busy>,
}

impl HttpBody for BusyBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if matches!(frame, Poll::Ready(None)) {
            self.busy = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_longest_idle_connection_makes_room_and_health_checks_have_their_own() {
        let all = Connections::new(2);
        let first = Arc::new(all.admit().unwrap());
        tokio::time::advance(Duration::from_secs(1)).await;
        let second = Arc::new(all.admit().unwrap());
        let (a, b) = (first.begin(false).await.unwrap(), second.begin(false).await.unwrap());
        // Every slot is busy: only health checks are served.
        let third = Arc::new(all.admit().unwrap());
        assert!(third.begin(false).await.is_none());
        assert!(third.begin(true).await.is_some());
        // The idle one is closed, and the waiting request gets its slot.
        drop(a);
        let (served, ()) = tokio::join!(third.begin(false), async {
            first.closed().await;
            drop(first);
        });
        assert!(served.is_some(), "the slot of the idle connection is free");
        drop((b, served));
        assert_eq!(all.slots.available_permits(), 0);
        // Reserved places too go to whoever comes, also when nobody leaves by itself.
        let mut idle: Vec<Connection> = Vec::new();
        for _ in 0..3 * RESERVED {
            idle.extend(all.admit());
            idle.retain(|c| {
                let closed = std::pin::pin!(c.closed());
                closed.poll(&mut Context::from_waker(std::task::Waker::noop())).is_pending()
            });
        }
        assert!(idle.len() < RESERVED + 2, "{}", idle.len());
        let probe = Arc::new(all.admit().expect("no room for a health check"));
        assert!(probe.begin(true).await.is_some());
    }
}
