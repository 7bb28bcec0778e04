//! The beginnings and ends of runs, for those who watch: one look at the database each [`EVERY`], for all
//! of a server's watchers together, and none while nobody watches.
//!
//! It is for watching, not for keeping books: who reads too slowly, or connects anew, misses what was in
//! between, and is told so. `GET /runs` has everything. A run that begins and ends between two looks
//! is seen at its end only.
//!
//! Ends are read a page at a time, the latest beginning first, down to a page of which all was told. A
//! look takes [`PAGES`] of them at most; that is more than a watcher may lag behind.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::engine::tasks::binds;
use crate::model::Run;
use crate::store::{Store, StoreError};

const EVERY: Duration = Duration::from_millis(500);
/// A run that began so long ago and was not seen running has been seen at its end, or never will be.
const LATELY: TimeDelta = TimeDelta::seconds(10);
/// So many events a watcher may lag behind.
const LAG: usize = 4096;
/// So many ends a page.
const PAGE: usize = 2000;
/// So many pages a look.
const PAGES: usize = 10;

/// What happened to a run.
#[derive(Clone, Debug)]
pub(crate) struct Happened {
    pub(crate) owner: Uuid,
    /// The occurrence; the id of its final run.
    pub(crate) occurrence: Uuid,
    /// The run; it is over if it has an end.
    pub(crate) run: Run,
}

/// A server's look at all runs.
pub(crate) struct Feed {
    store: Store,
    watchers: Mutex<Option<broadcast::Sender<Arc<Happened>>>>,
}

#[derive(Deserialize)]
struct Row {
    owner: Uuid,
    occurrence: Uuid,
    #[serde(flatten)]
    run: Run,
}

/// What was seen at the looks before.
#[derive(Default)]
struct Seen {
    running: HashMap<Uuid, Run>,
    ended: HashMap<Uuid, DateTime<Utc>>,
}

impl Feed {
    pub(crate) fn new(store: Store) -> Arc<Self> {
        Arc::new(Self { store, watchers: Mutex::new(None) })
    }

    pub(crate) fn watch(self: &Arc<Self>) -> broadcast::Receiver<Arc<Happened>> {
        let mut watchers = self.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = watchers.as_ref() {
            return sender.subscribe();
        }
        let (sender, receiver) = broadcast::channel(LAG);
        *watchers = Some(sender.clone());
        tokio::spawn(self.clone().look(sender));
        receiver
    }

    /// Whether somebody still watches; if not, the next one begins anew.
    fn watched(&self, sender: &broadcast::Sender<Arc<Happened>>) -> bool {
        let mut watchers = self.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        if sender.receiver_count() > 0 {
            return true;
        }
        *watchers = None;
        false
    }

    async fn look(self: Arc<Self>, sender: broadcast::Sender<Arc<Happened>>) {
        let mut seen: Option<Seen> = None;
        let mut broken = false;
        while self.watched(&sender) {
            match self.once(seen.as_mut()).await {
                Ok((first, happened)) => {
                    broken = false;
                    seen = seen.or(first);
                    for one in happened {
                        // An error means that nobody watches any more.
                        drop(sender.send(Arc::new(one)));
                    }
                }
                // An outage is said once, not at every look.
                Err(error) => {
                    if !std::mem::replace(&mut broken, true) {
                        tracing::warn!(%error, "runs cannot be watched");
                    }
                }
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    /// One look. The first tells nothing: it says what there was before.
    async fn once(&self, seen: Option<&mut Seen>) -> Result<(Option<Seen>, Vec<Happened>), StoreError> {
        #[derive(Deserialize)]
        struct Now {
            now: DateTime<Utc>,
        }
        let now = self.store.one::<Now>("engine/api/now").await?.now;
        let first = seen.is_none();
        let mut fresh = Seen::default();
        let seen = seen.unwrap_or(&mut fresh);
        // Ends first: what ends while we look is still seen running, and its end at the next look.
        let mut over = self.ended(now, seen).await?;
        let rows = self.rows(&seen.running).await?;
        let (gone, running): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|r| r.run.success.is_some());
        over.extend(gone.into_iter().filter(|r| seen.ended.insert(r.run.id, now).is_none()));
        let mut happened = Vec::new();
        let mut still: HashSet<Uuid> = HashSet::new();
        for row in running {
            still.insert(row.occurrence);
            let began = seen.running.insert(row.occurrence, row.run.clone());
            // The same occurrence with another beginning is its next attempt.
            if began.is_none_or(|b| b.started_at != row.run.started_at) {
                happened.push(Happened { owner: row.owner, occurrence: row.occurrence, run: row.run });
            }
        }
        seen.running.retain(|occurrence, _| still.contains(occurrence));
        over.sort_by(|a, b| a.run.finished_at.cmp(&b.run.finished_at));
        let ended =
            over.into_iter().map(|r| Happened { owner: r.owner, occurrence: r.occurrence, run: r.run });
        // Ends first: an attempt that ended made room for the one that begins.
        let all: Vec<Happened> = ended.chain(happened).collect();
        seen.ended.retain(|_, at| now - *at < LATELY * 2);
        Ok(if first { (Some(fresh), Vec::new()) } else { (None, all) })
    }

    /// Ends that were not told yet, among the runs that began lately.
    async fn ended(&self, now: DateTime<Utc>, seen: &mut Seen) -> Result<Vec<Row>, StoreError> {
        let mut all = binds([
            ("since", (now - LATELY).to_rfc3339()),
            ("before_at", "infinity".to_owned()),
            ("before_id", Uuid::nil().to_string()),
            ("limit", PAGE.to_string()),
        ]);
        let mut fresh = Vec::new();
        for _ in 0..PAGES {
            let page: Vec<Row> = self.store.rows_with("engine/api/feed_ended", &all).await?;
            let last = page.last().and_then(|r| Some((r.run.started_at.clone()?, r.run.id)));
            let (full, before) = (page.len() >= PAGE, fresh.len());
            fresh.extend(page.into_iter().filter(|r| seen.ended.insert(r.run.id, now).is_none()));
            let (Some((at, id)), true, true) = (last, full, fresh.len() > before) else { break };
            all.insert("before_at".to_owned(), at);
            all.insert("before_id".to_owned(), id.to_string());
        }
        Ok(fresh)
    }

    async fn rows(&self, running: &HashMap<Uuid, Run>) -> Result<Vec<Row>, StoreError> {
        // Those that go on have no row yet, so they may be asked for along with those that are gone.
        let gone: Vec<_> = running
            .values()
            .map(|run| json!({ "task_id": run.task_id, "started_at": run.started_at }))
            .collect();
        self.store.rows_with("engine/api/feed", &binds([("gone", json!(gone).to_string())])).await
    }
}
