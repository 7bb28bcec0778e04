//! A container's log since an instant, line by line, in constant memory.

use std::path::Path;

use bollard::container::LogOutput;
use bollard::query_parameters::LogsOptionsBuilder;
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use memchr::memchr;

use super::error::no_answer;
use super::lines::{Joiner, Line, LineSink};
use super::{Container, Docker, Stream, explain, logfile, record};
use crate::clients::ClientError;
use crate::clients::aside::aside;

impl Docker {
    /// Gives every line of both streams since `since` to `sink`, and the sink back at the end of
    /// the log as it is now. The log's file is read where it is at hand; else the engine sends it.
    ///
    /// # Errors
    /// When there is no way to the log.
    pub async fn logs<S: LineSink>(
        &self,
        container: &Container,
        since: DateTime<Utc>,
        sink: S,
    ) -> Result<S, ClientError> {
        let path = Path::new(&container.log_path);
        if container.log_driver != "json-file" || !self.sees(path) {
            return self.sent(container, since, sink).await;
        }
        let (path, key) = (path.to_owned(), record::key(since));
        let reading = aside(move |abandoned| {
            let mut sink = sink;
            let Some(parts) = logfile::open(&path, &key) else { return Ok((false, sink)) };
            logfile::read(&parts, &key, &mut sink, || abandoned.yes())?;
            Ok((true, sink))
        });
        match reading.await.and_then(|r| r).map_err(|e| no_answer(format!("the log: {e}")))? {
            (true, sink) => Ok(sink),
            (false, sink) => self.sent(container, since, sink).await,
        }
    }

    /// The log as the engine sends it.
    async fn sent<S: LineSink>(
        &self,
        container: &Container,
        since: DateTime<Utc>,
        mut sink: S,
    ) -> Result<S, ClientError> {
        // The engine's limit has whole seconds; the rest is left out here.
        let options = LogsOptionsBuilder::default()
            .stdout(true)
            .stderr(true)
            .timestamps(true)
            .since(i32::try_from(since.timestamp()).unwrap_or(i32::MAX))
            .build();
        let key = record::key(since);
        let mut frames = std::pin::pin!(self.engine().await?.logs(&container.id, Some(options)));
        let mut joiner = Joiner::default();
        while let Some(frame) = frames.next().await {
            let (stream, bytes) = match &frame.map_err(|e| explain(&e))? {
                LogOutput::StdErr { message } => (Stream::Stderr, message.clone()),
                LogOutput::StdOut { message } | LogOutput::Console { message } => {
                    (Stream::Stdout, message.clone())
                }
                LogOutput::StdIn { .. } => continue,
            };
            if let Some((time, text)) = stamped(&bytes).filter(|(time, _)| *time >= key.as_slice()) {
                let complete = text.ends_with(b"\n");
                let text = text.strip_suffix(b"\n").unwrap_or(text);
                let text = text.strip_suffix(b"\r").filter(|_| complete).unwrap_or(text);
                joiner.feed(&Line { stream, time, text }, complete, &mut sink);
            }
        }
        joiner.finish(&mut sink);
        Ok(sink)
    }
}

/// `2026-01-02T03:04:05.678901234Z text` as its time (in the form of [`record::key`]) and text.
fn stamped(message: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = memchr(b' ', message)?;
    let time = message[..space].strip_suffix(b"Z")?;
    // Unlike the file's, these times have a fraction of nine digits with its closing zeros.
    let zeros = time.iter().rev().take_while(|b| **b == b'0').count();
    let time = if time.contains(&b'.') { &time[..time.len() - zeros] } else { time };
    Some((time.strip_suffix(b".").unwrap_or(time), &message[space + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_from_the_engine_is_parted_from_its_time() {
        let (time, text) = stamped(b"2026-01-02T03:04:10.500000000Z hello you\n").unwrap();
        assert_eq!(time, b"2026-01-02T03:04:10.5");
        assert_eq!(text, b"hello you\n");
        assert_eq!(stamped(b"2026-01-02T03:04:10.000000000Z ").unwrap().0, b"2026-01-02T03:04:10");
        assert_eq!(stamped(b"no time"), None);
    }
}
