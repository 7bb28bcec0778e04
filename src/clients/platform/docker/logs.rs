//! Reads a container's log line by line in constant memory, from its file or from the engine.

use std::path::Path;
use std::pin::Pin;

use bollard::container::LogOutput;
use bollard::errors::Error;
use bollard::query_parameters::LogsOptionsBuilder;
use chrono::{DateTime, Utc};
use futures_util::Stream as Frame;
use memchr::memchr;

use crate::clients::ClientError;
use crate::clients::detached::spawn_detached;
use crate::clients::platform::docker::error::no_answer;
use crate::clients::platform::docker::line_joiner::Joiner;
use crate::clients::platform::docker::{Docker, log_file, next_or_ping};
use crate::clients::platform::{InstanceDetails, Line, LineSink, Stream, time_key};

impl Docker {
    /// Passes the lines of both streams since an instant to the sink, and returns the sink at the present
    /// end of the log. Reads the log file where it can; else the engine sends the log.
    pub(super) async fn read_container_log<S: LineSink>(
        &self,
        container: &InstanceDetails,
        since: DateTime<Utc>,
        sink: S,
    ) -> Result<S, ClientError> {
        let (read, mut sink) = self.read_log_file(container, since, sink).await?;
        if !read {
            let mut frames = Frames::open(self, &container.id, since, false).await?;
            while frames.next(&mut sink).await? {}
        }
        Ok(sink)
    }

    /// Reads the log file if it is readable here, and returns whether it was. The sink runs on a thread of
    /// its own and may block.
    pub(super) async fn read_log_file<S: LineSink>(
        &self,
        container: &InstanceDetails,
        since: DateTime<Utc>,
        sink: S,
    ) -> Result<(bool, S), ClientError> {
        let path = Path::new(&container.log.path);
        if container.log.driver != "json-file" || !self.can_read(path) {
            return Ok((false, sink));
        }
        let (path, key) = (path.to_owned(), time_key(since));
        let reading = spawn_detached(move |abandoned| {
            let mut sink = sink;
            let Some(parts) = log_file::open(&path, &key) else { return Ok((false, sink)) };
            log_file::read(&parts, &key, &mut sink, || abandoned.is_set())?;
            Ok((true, sink))
        });
        reading.await.and_then(|r| r).map_err(|e| no_answer(format!("the log: {e}")))
    }
}

/// A log as the engine sends it.
pub(crate) struct Frames {
    engine: bollard::Docker,
    frames: Pin<Box<dyn Frame<Item = Result<LogOutput, Error>> + Send>>,
    key: Vec<u8>,
    joiner: Joiner,
}

impl Frames {
    /// Requests the log since an instant. With `follow` it ends when the container does.
    pub(crate) async fn open(
        docker: &Docker,
        id: &str,
        since: DateTime<Utc>,
        follow: bool,
    ) -> Result<Self, ClientError> {
        Self::request(docker, id, since, |options| options.follow(follow)).await
    }

    /// Requests the last records of the log, without those before an instant.
    pub(crate) async fn open_last(
        docker: &Docker,
        id: &str,
        since: DateTime<Utc>,
        records: usize,
    ) -> Result<Self, ClientError> {
        Self::request(docker, id, since, |options| options.tail(&records.to_string())).await
    }

    async fn request(
        docker: &Docker,
        id: &str,
        since: DateTime<Utc>,
        set: impl FnOnce(LogsOptionsBuilder) -> LogsOptionsBuilder,
    ) -> Result<Self, ClientError> {
        // The engine's `since` has whole seconds; earlier lines of the first second are dropped in `next`.
        let options = LogsOptionsBuilder::default()
            .stdout(true)
            .stderr(true)
            .timestamps(true)
            .since(i32::try_from(since.timestamp()).unwrap_or(i32::MAX));
        let options = set(options).build();
        let engine = docker.engine().await?.clone();
        let frames = Box::pin(engine.logs(id, Some(options)));
        Ok(Self { engine, frames, key: time_key(since), joiner: Joiner::default() })
    }

    /// Skips lines up to and including `time`, a [`time_key`].
    pub(crate) fn after(mut self, time: &[u8]) -> Self {
        // Sorts before any digit that could follow in a later time.
        let next = [time, b"\x01"].concat();
        self.key = self.key.max(next);
        self
    }

    /// Passes the next frame to the sink; false at the end. Cancel-safe: no line is lost.
    pub(crate) async fn next(&mut self, sink: &mut impl LineSink) -> Result<bool, ClientError> {
        let Some(frame) = next_or_ping(&self.engine, &mut self.frames).await else {
            std::mem::take(&mut self.joiner).finish(sink);
            return Ok(false);
        };
        let (stream, bytes) = match frame? {
            LogOutput::StdErr { message } => (Stream::Stderr, message),
            LogOutput::StdOut { message } | LogOutput::Console { message } => (Stream::Stdout, message),
            LogOutput::StdIn { .. } => return Ok(true),
        };
        if let Some((time, text)) = split_time(&bytes).filter(|(time, _)| *time >= self.key.as_slice()) {
            let complete = text.ends_with(b"\n");
            let text = text.strip_suffix(b"\n").unwrap_or(text);
            let text = text.strip_suffix(b"\r").filter(|_| complete).unwrap_or(text);
            self.joiner.feed(&Line { stream, time, text }, complete, sink);
        }
        Ok(true)
    }
}

/// `2026-01-02T03:04:05.678901234Z text` as its time (a [`time_key`]) and its text.
fn split_time(message: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = memchr(b' ', message)?;
    let time = message[..space].strip_suffix(b"Z")?;
    // Unlike in the file, these fractions have trailing zeros.
    let zeros = time.iter().rev().take_while(|b| **b == b'0').count();
    let time = if time.contains(&b'.') { &time[..time.len() - zeros] } else { time };
    Some((time.strip_suffix(b".").unwrap_or(time), &message[space + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_split_from_the_text() {
        let (time, text) = split_time(b"2026-01-02T03:04:10.500000000Z hello you\n").unwrap();
        assert_eq!(time, b"2026-01-02T03:04:10.5");
        assert_eq!(text, b"hello you\n");
        assert_eq!(split_time(b"2026-01-02T03:04:10.000000000Z ").unwrap().0, b"2026-01-02T03:04:10");
        assert_eq!(split_time(b"no time"), None);
    }
}
