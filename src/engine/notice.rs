//! Notices: how a node hears at once of what another has committed.
//!
//! * A notice is sent after the commit it speaks of, over a session of its own, never inside a
//!   writing transaction: PostgreSQL lets only one transaction with a notice commit at a time.
//! * Notices of one kind are coalesced: while one is on its way, any number of others become one.
//! * A notice may be lost (the session broke). Nothing rests on it: whoever waits for one also
//!   looks by itself from time to time, and a session that is back wakes everybody.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, broadcast};
use uuid::Uuid;

use super::{prepared, sql};
use crate::clients::ClientError;
use crate::clients::postgres::{Postgres, Session, explain};
use crate::model::{Event, Observer};

/// What there is to hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Due,
    /// A task was made or edited.
    Schedule,
    /// A running run is to be canceled.
    Cancel,
    /// Work may start again, or no longer.
    Hold,
    /// An event waits in the outbox.
    Event,
}

impl Subject {
    const ALL: [Self; 5] = [Self::Due, Self::Schedule, Self::Cancel, Self::Hold, Self::Event];

    const fn channel(self) -> &'static str {
        match self {
            Self::Due => "ordctl_due",
            Self::Schedule => "ordctl_schedule",
            Self::Cancel => "ordctl_cancel",
            Self::Hold => "ordctl_hold",
            Self::Event => "ordctl_event",
        }
    }
}

/// How long a broken session waits before it tries again.
const AGAIN_AFTER: Duration = Duration::from_millis(200);

/// Sends and hears notices for one node. Clones share everything.
#[derive(Clone)]
pub(crate) struct Notices(Arc<Inner>);

struct Inner {
    node: String,
    pending: [AtomicBool; Subject::ALL.len()],
    outgoing: Notify,
    incoming: broadcast::Sender<Subject>,
}

impl Notices {
    /// Notices of a node that bears this name.
    pub(crate) fn new(node: &str) -> Self {
        let (incoming, _) = broadcast::channel(64);
        let pending = std::array::from_fn(|_| AtomicBool::new(false));
        Self(Arc::new(Inner { node: node.to_owned(), pending, outgoing: Notify::new(), incoming }))
    }

    /// Tells this node at once and the others soon.
    pub(crate) fn tell(&self, subject: Subject) {
        self.here(subject);
        self.0.pending[subject as usize].store(true, Ordering::Release);
        self.0.outgoing.notify_one();
    }

    /// Hears what is told from now on. A receiver that lags has missed something and should look.
    pub(crate) fn hear(&self) -> broadcast::Receiver<Subject> {
        self.0.incoming.subscribe()
    }

    fn here(&self, subject: Subject) {
        // An error means that nobody listens.
        drop(self.0.incoming.send(subject));
    }

    /// Sends and receives for as long as it is polled, over sessions that it renews.
    pub(crate) async fn carry(&self, postgres: &Postgres) {
        loop {
            if let Err(e) = self.session(postgres).await {
                tracing::warn!(error = %e, "no notices; looking by turns until the session is back");
            }
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }

    async fn session(&self, postgres: &Postgres) -> Result<(), ClientError> {
        let (session, mut notifications) = postgres.listening().await?;
        session.batch_execute(&sql("listen")?).await.map_err(|e| explain(&e))?;
        let notify = prepared(&session, "notify").await?;
        // Whatever was told while there was no session.
        Subject::ALL.into_iter().for_each(|subject| self.here(subject));
        loop {
            tokio::select! {
                heard = notifications.recv() => match heard {
                    None => return Err(ClientError::unreachable("postgresql", "the listening session ended")),
                    Some(n) if n.payload() == self.0.node => {}
                    Some(n) => {
                        let subject = Subject::ALL.into_iter().find(|s| s.channel() == n.channel());
                        subject.into_iter().for_each(|s| self.here(s));
                    }
                },
                () = self.0.outgoing.notified() => self.send(&session, &notify).await?,
            }
        }
    }

    /// Sends what was told and not sent yet, for a process that carries no notices.
    pub(crate) async fn send_pending(&self, postgres: &Postgres) -> Result<(), ClientError> {
        let session = postgres.session().await?;
        let notify = prepared(&session, "notify").await?;
        self.send(&session, &notify).await
    }

    async fn send(&self, session: &Session, notify: &tokio_postgres::Statement) -> Result<(), ClientError> {
        for subject in Subject::ALL {
            if self.0.pending[subject as usize].swap(false, Ordering::AcqRel) {
                let sent = session.execute(notify, &[&subject.channel(), &self.0.node]).await;
                sent.map_err(|e| explain(&e))?;
            }
        }
        Ok(())
    }
}

/// Steps that queue work tell everybody.
impl Observer for Notices {
    fn notice(&self, event: Event) {
        match event {
            Event::Queued => self.tell(Subject::Due),
            Event::Published => self.tell(Subject::Event),
            _ => {}
        }
    }
}

/// The name of this node: host, process, and something no other has. Its beginning tells it from
/// upstream's workers.
pub(crate) fn node_name() -> String {
    let host = sysinfo::System::host_name().unwrap_or_else(|_| "?".into());
    let unique = Uuid::new_v4().simple().to_string();
    format!("ordctl:{host}:{}:{}", std::process::id(), &unique[..8])
}
