//! A container's log as batches of lines, never more than a few ahead of who takes them.

use std::collections::HashMap;

use bollard::query_parameters::EventsOptionsBuilder;
use chrono::{DateTime, Utc};
use futures_util::{FutureExt, Stream, StreamExt};
use tokio::sync::{Notify, mpsc};

use crate::clients::ClientError;
use crate::clients::platform::docker::batch::{Batch, Gathering, Picks};
use crate::clients::platform::docker::lines::{Line, LineSink};
use crate::clients::platform::docker::logs::Frames;
use crate::clients::platform::docker::{Container, Docker, explain};

/// Sends batches from the thread that reads a file, which waits while nobody takes them.
struct Sending<P> {
    gathering: Gathering<P>,
    to: mpsc::Sender<Batch>,
}

impl<P: Picks> LineSink for Sending<P> {
    fn line(&mut self, line: &Line<'_>) {
        self.gathering.line(line);
        if self.gathering.batch.is_full() {
            // When nobody takes them any more the reading is told to stop.
            drop(self.to.blocking_send(std::mem::take(&mut self.gathering.batch)));
        }
    }
}

impl Docker {
    /// Sends the wanted lines since `since`, to the end of the log as it is now.
    pub(crate) async fn stream(
        &self,
        container: &Container,
        since: DateTime<Utc>,
        picks: impl Picks,
        to: mpsc::Sender<Batch>,
    ) -> Result<(), ClientError> {
        let sink = Sending { gathering: Gathering::new(picks), to };
        let (read, mut sink) = self.at_hand(container, since, sink).await?;
        if !read {
            let mut frames = Frames::open(self, &container.id, since, false).await?;
            return pump(&mut frames, &mut sink.gathering, &sink.to).await;
        }
        // An error means that nobody takes it any more.
        drop(sink.to.send(sink.gathering.batch).await);
        Ok(())
    }

    /// Sends the wanted lines since `since` and those that are written from now on; each time the
    /// container has ended and `again` is notified, also those after its new start. Never ends by
    /// itself unless the container is gone.
    pub(crate) async fn follow(
        &self,
        container: &Container,
        since: DateTime<Utc>,
        picks: impl Picks,
        to: mpsc::Sender<Batch>,
        again: &Notify,
    ) -> Result<(), ClientError> {
        let mut sink = Gathering::new(picks);
        let mut frames = Frames::open(self, &container.id, since, true).await?;
        loop {
            match pump(&mut frames, &mut sink, &to).await {
                Err(ClientError::Failed { code: Some(code), .. }) if code == "404" => return Ok(()),
                other => other?,
            }
            again.notified().await;
            frames = Frames::open(self, &container.id, since, true).await?.after(&sink.last);
        }
    }

    /// The ids of containers as they start, from `since` on.
    pub(crate) async fn starts(
        &self,
        since: DateTime<Utc>,
    ) -> Result<impl Stream<Item = Result<String, ClientError>> + Send + Unpin + use<>, ClientError> {
        let filters = HashMap::from([("type", vec!["container"]), ("event", vec!["start"])]);
        let since = since.timestamp().to_string();
        let options = EventsOptionsBuilder::default().since(&since).filters(&filters).build();
        let events = self.engine().await?.events(Some(options));
        let id = |event: bollard::models::EventMessage| event.actor.and_then(|a| a.id).unwrap_or_default();
        Ok(events.map(move |event| event.map(id).map_err(|e| explain(&e))).boxed())
    }
}

/// Sends frames' lines: in batches while many come, at once when no more are there.
async fn pump<P: Picks>(
    frames: &mut Frames,
    sink: &mut Gathering<P>,
    to: &mpsc::Sender<Batch>,
) -> Result<(), ClientError> {
    loop {
        let more = match frames.next(sink).now_or_never() {
            Some(more) => more?,
            None => {
                if !sink.batch.is_empty() && to.send(std::mem::take(&mut sink.batch)).await.is_err() {
                    return Ok(());
                }
                frames.next(sink).await?
            }
        };
        let ripe = sink.batch.is_full() || (!more && !sink.batch.is_empty());
        let gone = ripe && to.send(std::mem::take(&mut sink.batch)).await.is_err();
        if gone || !more {
            return Ok(());
        }
    }
}
