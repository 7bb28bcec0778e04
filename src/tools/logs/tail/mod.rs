//! The lines of services' containers as `ordctl logs` shows them: wanted ones only, merged by
//! time or folded by pattern. However much there is, no more than a few batches are held. How grave a
//! line is, and what it has in common with others, is told here for the checks of logs, too.

mod fold;
mod level;
mod members;
mod merge;
mod parse;
mod pattern;
mod select;
mod severity;

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

use crate::clients::platform::{Batch, Platform};
use crate::clients::{ClientError, Clients, platform};
use crate::tools::{ToolContext, ToolError};

pub(crate) use fold::{Folded, Group, fold};
pub(crate) use level::{Level, Levels};
pub(crate) use members::{Member, Members};
pub(crate) use merge::{Label, Merge, Source, Trouble};
pub(crate) use parse::parse;
pub(crate) use pattern::{Pattern, Patterns};
pub(crate) use select::{Select, Wanted};
pub(crate) use severity::Severities;

/// Batches that a log may be ahead of who reads.
const AHEAD: usize = 2;

/// Which lines, of which services.
#[derive(Clone)]
pub(crate) struct Request {
    /// The services by name; empty: all.
    pub(crate) services: Vec<String>,
    pub(crate) since: DateTime<Utc>,
    pub(crate) select: Select,
    /// Go on with what is written from now on.
    pub(crate) follow: bool,
}

/// Logs that are being read. The reading ends when this is dropped.
pub(crate) struct Tail {
    pub(crate) merge: Merge,
    /// What could not be read.
    pub(crate) troubles: mpsc::UnboundedReceiver<Trouble>,
    pub(crate) missing: Vec<String>,
    _readers: JoinSet<()>,
}

pub(crate) async fn open(ctx: &ToolContext, request: &Request) -> Result<Tail, ToolError> {
    let platform = ctx.clients.platform()?;
    let members = Members::new(&request.services, ctx);
    let begun = ctx.clock.now();
    let there = members.all(platform).await?;
    let (join, joining) = mpsc::channel(there.len().max(1));
    let (tell, troubles) = mpsc::unbounded_channel();
    let missing = members.missing(&there);
    let mut reader = Reader {
        clients: ctx.clients.clone(),
        request: request.clone(),
        join,
        tell,
        again: HashMap::new(),
        readers: JoinSet::new(),
    };
    for member in there {
        reader.read(member, request.since).await;
    }
    let mut readers = JoinSet::new();
    if request.follow {
        readers.spawn(async move { reader.join_new(&members, begun).await });
    } else {
        // The reader's own end of the channels goes here: the merge ends with the last log.
        readers = reader.readers;
    }
    Ok(Tail { merge: Merge::new(joining, request.follow), troubles, missing, _readers: readers })
}

/// Starts the reading of each log.
struct Reader {
    clients: Arc<Clients>,
    request: Request,
    join: mpsc::Sender<Source>,
    tell: mpsc::UnboundedSender<Trouble>,
    /// Rouses the reading of a container that has started again.
    again: HashMap<String, Arc<Notify>>,
    readers: JoinSet<()>,
}

impl Reader {
    async fn read(&mut self, member: Member, since: DateTime<Utc>) {
        let (to, lines) = mpsc::channel::<Batch>(AHEAD);
        let again = Arc::new(Notify::new());
        self.again.insert(member.container.id.clone(), again.clone());
        let label = Label { service: member.service, container: member.container.name.clone() };
        // An error means that nobody wants to see it any more.
        drop(self.join.send(Source { label, lines }).await);
        let (clients, tell) = (self.clients.clone(), self.tell.clone());
        let (select, follow) = (self.request.select.clone(), self.request.follow);
        self.readers.spawn(async move {
            let container = member.container;
            let reading = async {
                let (platform, filter) = (clients.platform()?, Box::new(select));
                match follow {
                    true => platform.follow_log(&container, since, filter, to, &again).await,
                    false => platform.stream_log(&container, since, filter, to).await,
                }
            };
            if let Err(error) = reading.await {
                drop(tell.send(Trouble { container: Some(container.name), error }));
            }
        });
    }

    /// Reads every container of the services that starts from now on. Ends when the engine does.
    async fn join_new(mut self, members: &Members, begun: DateTime<Utc>) {
        let clients = self.clients.clone();
        let error = match clients.platform() {
            Ok(platform) => self.watch(platform, members, begun).await,
            Err(e) => e,
        };
        drop(self.tell.send(Trouble { container: None, error }));
    }

    async fn watch(
        &mut self,
        platform: &dyn Platform,
        members: &Members,
        begun: DateTime<Utc>,
    ) -> ClientError {
        let mut starts = match platform.watch_starts(begun).await {
            Ok(starts) => starts,
            Err(e) => return e,
        };
        while let Some(start) = starts.next().await {
            let id = match start {
                Ok(id) => id,
                Err(e) => return e,
            };
            if let Some(again) = self.again.get(&id) {
                again.notify_one();
                continue;
            }
            match members.one(platform, &id).await {
                Ok(Some(member)) => self.read(member, self.request.since).await,
                Ok(None) => {}
                Err(ToolError::Client(e)) => return e,
                Err(e) => return ClientError::failed(platform::SYSTEM, e),
            }
        }
        ClientError::unreachable(platform::SYSTEM, "the stream of events ended")
    }
}
