//! Notifications between nodes: what one node commits, the others learn within milliseconds (promise 5).
//!
//! * A notification is sent after its commit, over a separate session. PostgreSQL lets only one
//!   transaction that contains a NOTIFY commit at a time, so no writing transaction contains one.
//! * Notifications on the same channel are coalesced while one is being sent.
//! * A notification can be lost with its session. Correctness never depends on it: every subscriber
//!   also polls, and a session that reconnects wakes all subscribers.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, broadcast};
use uuid::Uuid;

use crate::clients::ClientError;
use crate::clients::outage::Outage;
use crate::clients::postgres::{Postgres, Session, explain};
use crate::model::{Event, Observer};
use crate::store::prepared::{ListenText, NotifyStatement};

/// A PostgreSQL notification channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    /// Work is due.
    Due,
    /// A task was created or edited.
    Schedule,
    /// A run was canceled.
    Cancel,
    /// The engine was put on hold or resumed.
    Hold,
    /// An event is in the outbox.
    Event,
    /// An agent lost credentials, sessions or scopes.
    Access,
}

impl Channel {
    const ALL: [Self; 6] = [Self::Due, Self::Schedule, Self::Cancel, Self::Hold, Self::Event, Self::Access];

    const fn name(self) -> &'static str {
        match self {
            Self::Due => "ordctl_due",
            Self::Schedule => "ordctl_schedule",
            Self::Cancel => "ordctl_cancel",
            Self::Hold => "ordctl_hold",
            Self::Event => "ordctl_event",
            Self::Access => "ordctl_access",
        }
    }
}

/// How often the session is checked: a server that is gone sends no notification, and no error either.
const CHECK_INTERVAL: Duration = Duration::from_secs(2);

/// Sends and receives notifications for one node. Clones share the same state.
#[derive(Clone)]
pub(crate) struct Notifier(Arc<Inner>);

struct Inner {
    node: String,
    pending: [AtomicBool; Channel::ALL.len()],
    outgoing: Notify,
    incoming: broadcast::Sender<Channel>,
}

impl Notifier {
    pub(crate) fn new(node: &str) -> Self {
        let (incoming, _) = broadcast::channel(64);
        let pending = std::array::from_fn(|_| AtomicBool::new(false));
        Self(Arc::new(Inner { node: node.to_owned(), pending, outgoing: Notify::new(), incoming }))
    }

    /// Notifies this node immediately and the other nodes asynchronously.
    pub(crate) fn notify(&self, channel: Channel) {
        self.notify_local(channel);
        self.0.pending[channel as usize].store(true, Ordering::Release);
        self.0.outgoing.notify_one();
    }

    /// Receives later notifications. A receiver that lags has missed some and must poll.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Channel> {
        self.0.incoming.subscribe()
    }

    fn notify_local(&self, channel: Channel) {
        // An error means that there are no subscribers.
        drop(self.0.incoming.send(channel));
    }

    /// Sends and receives until dropped, and reconnects when the session is lost.
    pub(crate) async fn run(&self, postgres: &Postgres) {
        let mut outage = Outage::new("Notifications");
        loop {
            let Err(error) = self.session(postgres, &mut outage).await;
            tokio::time::sleep(outage.failed(&error)).await;
        }
    }

    async fn session(&self, postgres: &Postgres, outage: &mut Outage) -> Result<Infallible, ClientError> {
        let (session, mut notifications) = postgres.listening().await?;
        session.batch_execute(&ListenText::load()?.listen).await.map_err(|e| explain(&e))?;
        let notify = NotifyStatement::prepare(&session).await?.notify;
        // Notifications sent while there was no session are lost: wake every subscriber.
        Channel::ALL.into_iter().for_each(|channel| self.notify_local(channel));
        outage.ended();
        let mut checks = tokio::time::interval(CHECK_INTERVAL);
        loop {
            tokio::select! {
                _ = checks.tick() => session.check().await.map_err(|e| explain(&e))?,
                received = notifications.recv() => match received {
                    None => return Err(ClientError::unreachable("postgresql", "the listening session ended")),
                    Some(n) if n.payload() == self.0.node => {}
                    Some(n) => {
                        let channel = Channel::ALL.into_iter().find(|c| c.name() == n.channel());
                        channel.into_iter().for_each(|c| self.notify_local(c));
                    }
                },
                () = self.0.outgoing.notified() => self.send_pending(&session, &notify).await?,
            }
        }
    }

    /// Sends pending notifications now, for a process that does not call [`Self::run`].
    pub(crate) async fn flush(&self, postgres: &Postgres) -> Result<(), ClientError> {
        let session = postgres.session().await?;
        let notify = NotifyStatement::prepare(&session).await?.notify;
        self.send_pending(&session, &notify).await
    }

    async fn send_pending(
        &self,
        session: &Session,
        notify: &tokio_postgres::Statement,
    ) -> Result<(), ClientError> {
        for channel in Channel::ALL {
            if self.0.pending[channel as usize].swap(false, Ordering::AcqRel) {
                let sent = session.execute(notify, &[&channel.name(), &self.0.node]).await;
                sent.map_err(|e| explain(&e))?;
            }
        }
        Ok(())
    }
}

/// Steps that queue work or publish events notify all nodes.
impl Observer for Notifier {
    fn notice(&self, event: Event) {
        match event {
            Event::Queued => self.notify(Channel::Due),
            Event::Published => self.notify(Channel::Event),
            _ => {}
        }
    }
}

/// A unique node name: `ordctl:HOST:PID:RANDOM`. The prefix separates it from Ordinaut's workers.
pub(crate) fn node_name() -> String {
    let host = sysinfo::System::host_name().unwrap_or_else(|_| "?".into());
    let unique = Uuid::new_v4().simple().to_string();
    format!("ordctl:{host}:{}:{}", std::process::id(), &unique[..8])
}
