//! Starts and ends of runs for streaming clients. All clients of a server share one poll of the database each
//! [`EVERY`]; without clients there is none.
//!
//! The feed is for watching, not for records: a client that reads too slowly or reconnects misses events, and learns
//! that it did. `GET /runs` has all runs. A run that starts and ends between two polls is reported at its end only.
//!
//! A poll reads ends page by page, newest start first, until a page contains nothing new, at most [`PAGES`] pages.
//! That is more than a client may lag behind.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::base::lock::lock;
use crate::model::Run;
use crate::store::runs::FeedRun;
use crate::store::{Store, StoreError};

const EVERY: Duration = Duration::from_millis(500);
/// Ends of runs that started earlier than this are found through the running runs of the previous poll.
const RECENT: TimeDelta = TimeDelta::seconds(10);
/// Events that a client may lag behind.
const LAG: usize = 4096;
const PAGE: usize = 2000;
/// Pages per poll.
const PAGES: usize = 10;

/// A run that started or ended.
#[derive(Clone, Debug)]
pub(crate) struct RunEvent {
    pub(crate) owner: Uuid,
    /// Also the id of the final run.
    pub(crate) occurrence: Uuid,
    /// Finished when it has `finished_at`.
    pub(crate) run: Run,
}

pub(crate) struct Feed {
    store: Store,
    clients: Mutex<Option<broadcast::Sender<Arc<RunEvent>>>>,
}

/// Runs that previous polls reported.
#[derive(Default)]
struct Reported {
    running: HashMap<Uuid, Run>,
    ended: HashMap<Uuid, DateTime<Utc>>,
}

impl Feed {
    pub(crate) fn new(store: Store) -> Arc<Self> {
        Arc::new(Self { store, clients: Mutex::new(None) })
    }

    pub(crate) fn subscribe(self: &Arc<Self>) -> broadcast::Receiver<Arc<RunEvent>> {
        let mut clients = lock(&self.clients);
        if let Some(sender) = clients.as_ref() {
            return sender.subscribe();
        }
        let (sender, receiver) = broadcast::channel(LAG);
        *clients = Some(sender.clone());
        tokio::spawn(self.clone().poll_while_watched(sender));
        receiver
    }

    /// Whether clients are left; without any, the next client restarts the poll.
    fn has_clients(&self, sender: &broadcast::Sender<Arc<RunEvent>>) -> bool {
        let mut clients = lock(&self.clients);
        if sender.receiver_count() > 0 {
            return true;
        }
        *clients = None;
        false
    }

    async fn poll_while_watched(self: Arc<Self>, sender: broadcast::Sender<Arc<RunEvent>>) {
        let mut reported: Option<Reported> = None;
        let mut is_failing = false;
        while self.has_clients(&sender) {
            match self.poll(reported.as_mut()).await {
                Ok((first, events)) => {
                    is_failing = false;
                    reported = reported.or(first);
                    for event in events {
                        // Fails only without clients.
                        drop(sender.send(Arc::new(event)));
                    }
                }
                // Logged once per outage.
                Err(error) => {
                    if !std::mem::replace(&mut is_failing, true) {
                        tracing::warn!(%error, "run stream interrupted: cannot read runs");
                    }
                }
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    /// One poll. The first reports nothing; it records what existed before.
    async fn poll(
        &self,
        reported: Option<&mut Reported>,
    ) -> Result<(Option<Reported>, Vec<RunEvent>), StoreError> {
        let now = self.store.now().await?;
        let first = reported.is_none();
        let mut initial = Reported::default();
        let reported = reported.unwrap_or(&mut initial);
        // Ends first: a run that ends during the poll still counts as running until the next one.
        let mut over = self.ended(now, reported).await?;
        // Running runs have no row yet, so the query can name them together with those that ended.
        let rows = self.store.running_runs(reported.running.values()).await?;
        let (gone, running): (Vec<FeedRun>, Vec<FeedRun>) =
            rows.into_iter().partition(|r| r.run.success.is_some());
        over.extend(gone.into_iter().filter(|r| reported.ended.insert(r.run.id, now).is_none()));
        let mut started = Vec::new();
        let mut still: HashSet<Uuid> = HashSet::new();
        for row in running {
            still.insert(row.occurrence);
            let before = reported.running.insert(row.occurrence, row.run.clone());
            // The same occurrence with another start is its next attempt.
            if before.is_none_or(|b| b.started_at != row.run.started_at) {
                started.push(RunEvent { owner: row.owner, occurrence: row.occurrence, run: row.run });
            }
        }
        reported.running.retain(|occurrence, _| still.contains(occurrence));
        over.sort_by(|a, b| a.run.finished_at.cmp(&b.run.finished_at));
        let ended =
            over.into_iter().map(|r| RunEvent { owner: r.owner, occurrence: r.occurrence, run: r.run });
        // Ends first: an attempt ends before the next one starts.
        let all: Vec<RunEvent> = ended.chain(started).collect();
        reported.ended.retain(|_, at| now - *at < RECENT * 2);
        Ok(if first { (Some(initial), Vec::new()) } else { (None, all) })
    }

    /// Unreported ends of runs that started recently.
    async fn ended(&self, now: DateTime<Utc>, reported: &mut Reported) -> Result<Vec<FeedRun>, StoreError> {
        let mut before = None;
        let mut fresh = Vec::new();
        for _ in 0..PAGES {
            let page: Vec<FeedRun> = self.store.ended_runs(now - RECENT, before.as_ref(), PAGE).await?;
            let last = page.last().and_then(|r| Some((r.run.started_at.clone()?, r.run.id)));
            let (full, known) = (page.len() >= PAGE, fresh.len());
            fresh.extend(page.into_iter().filter(|r| reported.ended.insert(r.run.id, now).is_none()));
            if last.is_none() || !full || fresh.len() == known {
                break;
            }
            before = last;
        }
        Ok(fresh)
    }
}
