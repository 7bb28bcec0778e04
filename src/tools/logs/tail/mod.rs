//! Reads container logs for `ordctl logs`: filtered, and merged by time or folded by pattern. Memory is bounded to a
//! few batches per container. The log checks use the severities and patterns of this module.

mod filter;
mod fold;
mod level;
mod merge;
mod parse;
mod pattern;
mod selection;
mod severity;
mod structured;

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

use crate::clients::platform::{Batch, Platform};
use crate::clients::{ClientError, Clients, platform};
use crate::tools::{ToolContext, ToolError};

pub(crate) use filter::{LineMatcher, MatchRules};
pub(crate) use fold::{FoldedLogs, PatternGroup, fold};
pub(crate) use level::{Level, Levels};
pub(crate) use merge::{Label, Merge, Source, UnreadableLog};
pub(crate) use parse::parse;
pub(crate) use pattern::{Pattern, Patterns};
pub(crate) use selection::{Selection, ServiceContainer};
pub(crate) use severity::SeverityDetector;

/// Batches buffered for each log.
const BUFFERED_BATCHES: usize = 2;

#[derive(Clone)]
pub(crate) struct Request {
    /// Empty: all services.
    pub(crate) services: Vec<String>,
    pub(crate) since: DateTime<Utc>,
    /// Read only this many lines from the end of each log. They are counted before the filter.
    pub(crate) last: Option<usize>,
    pub(crate) filter: LineMatcher,
    pub(crate) follow: bool,
}

/// Logs being read. Dropping it stops the readers.
pub(crate) struct Tail {
    pub(crate) merge: Merge,
    pub(crate) unreadable: mpsc::UnboundedReceiver<UnreadableLog>,
    pub(crate) missing: Vec<String>,
    _readers: JoinSet<()>,
}

pub(crate) async fn open(ctx: &ToolContext, request: &Request) -> Result<Tail, ToolError> {
    let platform = ctx.clients.platform()?;
    let selection = Selection::new(&request.services, ctx);
    let started_at = ctx.clock.now();
    let containers = selection.containers(platform).await?;
    let (sources, merge_sources) = mpsc::channel(containers.len().max(1));
    let (errors, unreadable) = mpsc::unbounded_channel();
    let missing = selection.missing(&containers);
    let mut reader = Reader {
        clients: ctx.clients.clone(),
        request: request.clone(),
        sources,
        errors,
        restarts: HashMap::new(),
        readers: JoinSet::new(),
    };
    for container in containers {
        reader.read(container, request.since).await;
    }
    let mut readers = JoinSet::new();
    if request.follow {
        readers.spawn(async move { reader.read_new(&selection, started_at).await });
    } else {
        // Drops the reader's channel ends, so the merge ends with the last log.
        readers = reader.readers;
    }
    Ok(Tail { merge: Merge::new(merge_sources, request.follow), unreadable, missing, _readers: readers })
}

struct Reader {
    clients: Arc<Clients>,
    request: Request,
    sources: mpsc::Sender<Source>,
    errors: mpsc::UnboundedSender<UnreadableLog>,
    /// Notified when a container that is being read restarts.
    restarts: HashMap<String, Arc<Notify>>,
    readers: JoinSet<()>,
}

impl Reader {
    async fn read(&mut self, selected: ServiceContainer, since: DateTime<Utc>) {
        let (to, lines) = mpsc::channel::<Batch>(BUFFERED_BATCHES);
        let restarted = Arc::new(Notify::new());
        self.restarts.insert(selected.container.id.clone(), restarted.clone());
        let label = Label { service: selected.service, container: selected.container.name.clone() };
        // Fails only when the merge was dropped.
        drop(self.sources.send(Source { label, lines }).await);
        let (clients, errors) = (self.clients.clone(), self.errors.clone());
        let Request { filter, follow, last, .. } = self.request.clone();
        self.readers.spawn(async move {
            let container = selected.container;
            let reading = async {
                let (platform, filter) = (clients.platform()?, Box::new(filter));
                match follow {
                    true => platform.follow_log(&container, since, filter, to, &restarted).await,
                    false => platform.stream_log(&container, since, last, filter, to).await,
                }
            };
            if let Err(error) = reading.await {
                drop(errors.send(UnreadableLog { container: Some(container.name), error }));
            }
        });
    }

    /// Reads every selected container that starts from now on. Ends when the engine does.
    async fn read_new(mut self, selection: &Selection, since: DateTime<Utc>) {
        let clients = self.clients.clone();
        let error = match clients.platform() {
            Ok(platform) => self.watch(platform, selection, since).await,
            Err(e) => e,
        };
        drop(self.errors.send(UnreadableLog { container: None, error }));
    }

    async fn watch(
        &mut self,
        platform: &dyn Platform,
        selection: &Selection,
        since: DateTime<Utc>,
    ) -> ClientError {
        let mut starts = match platform.watch_starts(since).await {
            Ok(starts) => starts,
            Err(e) => return e,
        };
        while let Some(start) = starts.next().await {
            let id = match start {
                Ok(id) => id,
                Err(e) => return e,
            };
            if let Some(restarted) = self.restarts.get(&id) {
                restarted.notify_one();
                continue;
            }
            match selection.container(platform, &id).await {
                Ok(Some(selected)) => self.read(selected, self.request.since).await,
                Ok(None) => {}
                Err(ToolError::Client(e)) => return e,
                Err(e) => return ClientError::failed(platform::SYSTEM, e),
            }
        }
        ClientError::unreachable(platform::SYSTEM, "the stream of events ended")
    }
}
