//! A container's log as batches of lines. The reader is never more than a few batches ahead of the receiver.

use std::collections::HashMap;

use bollard::query_parameters::EventsOptionsBuilder;
use chrono::{DateTime, Utc};
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt, stream};
use tokio::sync::{Notify, mpsc};

use crate::clients::ClientError;
use crate::clients::platform::batch::{Batch, BatchBuilder, LineFilter};
use crate::clients::platform::docker::logs::Frames;
use crate::clients::platform::docker::{Docker, next_or_ping};
use crate::clients::platform::{InstanceDetails, Line, LineSink};

/// Sends batches from the thread that reads a file. Blocks while the channel is full.
struct BatchSender {
    builder: BatchBuilder,
    to: mpsc::Sender<Batch>,
}

impl LineSink for BatchSender {
    fn line(&mut self, line: &Line<'_>) {
        self.builder.line(line);
        if self.builder.batch.is_full() {
            // Without a receiver the reader is canceled.
            drop(self.to.blocking_send(std::mem::take(&mut self.builder.batch)));
        }
    }
}

/// By how much more of a log is read when too few lines were found.
const RECORDS_FACTOR: usize = 8;
/// Enough for any log: a log that grows while it is read is not read over and over.
const MAX_RECORDS: usize = 1 << 30;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct LineCount {
    lines: usize,
    bytes: usize,
}

impl LineSink for LineCount {
    fn line(&mut self, line: &Line<'_>) {
        self.lines += 1;
        self.bytes += line.text.len();
    }
}

impl Docker {
    pub(super) async fn stream_container_log(
        &self,
        container: &InstanceDetails,
        since: DateTime<Utc>,
        last: Option<usize>,
        filter: Box<dyn LineFilter>,
        to: mpsc::Sender<Batch>,
    ) -> Result<(), ClientError> {
        if let Some(last) = last {
            let records = self.records_of_last(&container.id, since, last).await?;
            let mut frames = Frames::open_last(self, &container.id, since, records).await?;
            return pump(&mut frames, &mut BatchBuilder::new(filter), &to).await;
        }
        let sink = BatchSender { builder: BatchBuilder::new(filter), to };
        let (read, mut sink) = self.read_log_file(container, since, sink).await?;
        if !read {
            let mut frames = Frames::open(self, &container.id, since, false).await?;
            return pump(&mut frames, &mut sink.builder, &sink.to).await;
        }
        // An error means that there is no receiver any more.
        drop(sink.to.send(sink.builder.batch).await);
        Ok(())
    }

    /// How many records from the end of a log hold its last lines. The engine counts records, and a line longer than
    /// 16 KiB has several. The first line of them may lack its beginning, so that one line more than needed is read.
    async fn records_of_last(
        &self,
        id: &str,
        since: DateTime<Utc>,
        last: usize,
    ) -> Result<usize, ClientError> {
        let mut records = last.saturating_add(1);
        let mut before = None;
        loop {
            let mut found = LineCount::default();
            let mut frames = Frames::open_last(self, id, since, records).await?;
            while frames.next(&mut found).await? {}
            // More records that hold no more bytes: this is the whole log.
            if found.lines > last || before == Some(found) || records > MAX_RECORDS {
                return Ok(records);
            }
            before = Some(found);
            records = records.saturating_mul(RECORDS_FACTOR);
        }
    }

    pub(super) async fn follow_container_log(
        &self,
        container: &InstanceDetails,
        since: DateTime<Utc>,
        filter: Box<dyn LineFilter>,
        to: mpsc::Sender<Batch>,
        restarted: &Notify,
    ) -> Result<(), ClientError> {
        let mut builder = BatchBuilder::new(filter);
        let mut frames = Frames::open(self, &container.id, since, true).await?;
        loop {
            match pump(&mut frames, &mut builder, &to).await {
                Err(e) if e.http_status() == Some(404) => return Ok(()),
                other => other?,
            }
            restarted.notified().await;
            frames = Frames::open(self, &container.id, since, true).await?.after(&builder.last);
        }
    }

    /// The ids of containers as they start, from an instant on.
    pub(super) async fn container_starts(
        &self,
        since: DateTime<Utc>,
    ) -> Result<BoxStream<'static, Result<String, ClientError>>, ClientError> {
        let filters = HashMap::from([("type", vec!["container"]), ("event", vec!["start"])]);
        let since = since.timestamp().to_string();
        let options = EventsOptionsBuilder::default().since(&since).filters(&filters).build();
        let engine = self.engine().await?.clone();
        let events = Box::pin(engine.events(Some(options)));
        let id = |event: bollard::models::EventMessage| event.actor.and_then(|a| a.id).unwrap_or_default();
        let ids = stream::unfold((engine, events), move |(engine, mut events)| async move {
            let event = next_or_ping(&engine, &mut events).await?;
            Some((event.map(id), (engine, events)))
        });
        Ok(ids.boxed())
    }
}

/// Sends the lines of frames: in batches while frames are ready, at once when the next one must be awaited.
async fn pump(
    frames: &mut Frames,
    builder: &mut BatchBuilder,
    to: &mpsc::Sender<Batch>,
) -> Result<(), ClientError> {
    loop {
        let more = match frames.next(builder).now_or_never() {
            Some(more) => more?,
            None => {
                if !builder.batch.is_empty() && to.send(std::mem::take(&mut builder.batch)).await.is_err() {
                    return Ok(());
                }
                frames.next(builder).await?
            }
        };
        let ready = builder.batch.is_full() || (!more && !builder.batch.is_empty());
        let gone = ready && to.send(std::mem::take(&mut builder.batch)).await.is_err();
        if gone || !more {
            return Ok(());
        }
    }
}
