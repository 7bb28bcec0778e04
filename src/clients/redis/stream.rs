//! The event stream: adding entries, reading them as a consumer group, and looking at its ends.

use std::time::Duration;

use redis::streams::{
    StreamAutoClaimOptions, StreamAutoClaimReply, StreamId, StreamMaxlen, StreamPendingCountReply,
    StreamRangeReply, StreamReadOptions, StreamReadReply,
};
use redis::{Cmd, Value};

use super::{ClientError, Redis};

/// An entry of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id: milliseconds and a number. Empty before it is added.
    pub id: String,
    fields: Vec<(String, String)>,
}

impl Entry {
    /// An entry that is to be added.
    pub fn new<const N: usize>(fields: [(&str, String); N]) -> Self {
        Self { id: String::new(), fields: fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect() }
    }

    /// The text of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str())
    }
}

impl From<StreamId> for Entry {
    fn from(found: StreamId) -> Self {
        let text = |value: Value| redis::from_redis_value::<Vec<u8>>(value).unwrap_or_default();
        let fields =
            found.map.into_iter().map(|(k, v)| (k, String::from_utf8_lossy(&text(v)).into_owned())).collect();
        Self { id: found.id, fields }
    }
}

impl Redis {
    /// Adds entries in order and bounds the stream's length. Returns their ids.
    ///
    /// # Errors
    /// As [`Redis::ping`]; some of the entries may have been added.
    pub async fn add(&self, entries: &[Entry]) -> Result<Vec<String>, ClientError> {
        let mut pipe = redis::pipe();
        for entry in entries {
            pipe.xadd_maxlen(&self.stream, StreamMaxlen::Approx(self.max_length), "*", &entry.fields);
        }
        let mut connection = self.connection().await?;
        match pipe.query_async(&mut connection).await {
            Ok(ids) => Ok(ids),
            Err(e) => Err(self.broken(&e).await),
        }
    }

    /// The entries at the stream's end, newest first.
    ///
    /// # Errors
    /// As [`Redis::ping`].
    pub async fn latest(&self, count: usize) -> Result<Vec<Entry>, ClientError> {
        let reply: StreamRangeReply = self.ask(&Cmd::xrevrange_count(&self.stream, "+", "-", count)).await?;
        Ok(reply.ids.into_iter().map(Entry::from).collect())
    }

    /// The id of the last entry that was ever added; `0-0` when there is no stream.
    ///
    /// # Errors
    /// As [`Redis::ping`].
    pub async fn last_id(&self) -> Result<String, ClientError> {
        let exists: bool = self.ask(redis::cmd("EXISTS").arg(&self.stream)).await?;
        if !exists {
            return Ok("0-0".to_owned());
        }
        let reply: redis::streams::StreamInfoStreamReply = self.ask(&Cmd::xinfo_stream(&self.stream)).await?;
        Ok(reply.last_generated_id)
    }

    /// Makes a consumer group that begins after an entry, and the stream if there is none. One that is
    /// there stays as it is.
    ///
    /// # Errors
    /// As [`Redis::ping`].
    pub async fn group(&self, group: &str, start: &str) -> Result<(), ClientError> {
        let made: Result<String, ClientError> =
            self.ask(&Cmd::xgroup_create_mkstream(&self.stream, group, start)).await;
        match made {
            Err(ClientError::Failed { code: Some(code), .. }) if code == "BUSYGROUP" => Ok(()),
            other => other.map(drop),
        }
    }

    /// Entries that no consumer of the group has had, waiting for the first.
    ///
    /// # Errors
    /// As [`Redis::ping`].
    pub async fn read(
        &self,
        group: &str,
        consumer: &str,
        count: usize,
        wait: Duration,
    ) -> Result<Vec<Entry>, ClientError> {
        let millis = usize::try_from(wait.as_millis()).unwrap_or(1000);
        let options = StreamReadOptions::default().group(group, consumer).count(count).block(millis);
        let reply: Option<StreamReadReply> =
            self.ask(&Cmd::xread_options(&[&self.stream], &[">"], &options)).await?;
        let all = reply.map(|r| r.keys).unwrap_or_default().into_iter().flat_map(|k| k.ids);
        Ok(all.map(Entry::from).collect())
    }

    /// Takes over entries that another consumer of the group had so long ago and did not acknowledge.
    ///
    /// # Errors
    /// As [`Redis::ping`].
    pub async fn claim(
        &self,
        group: &str,
        consumer: &str,
        idle: Duration,
        count: usize,
    ) -> Result<Vec<Entry>, ClientError> {
        let millis = usize::try_from(idle.as_millis()).unwrap_or(1000);
        let options = StreamAutoClaimOptions::default().count(count);
        let reply: StreamAutoClaimReply =
            self.ask(&Cmd::xautoclaim_options(&self.stream, group, consumer, millis, "0-0", options)).await?;
        Ok(reply.claimed.into_iter().map(Entry::from).collect())
    }

    /// Acknowledges entries.
    ///
    /// # Errors
    /// As [`Redis::ping`].
    pub async fn acknowledge(&self, group: &str, ids: &[&str]) -> Result<(), ClientError> {
        if ids.is_empty() {
            return Ok(());
        }
        self.ask::<u64>(&Cmd::xack(&self.stream, group, ids)).await.map(drop)
    }

    /// Takes a consumer out of its group, if it has acknowledged everything: what it has not would be
    /// lost to the group.
    ///
    /// # Errors
    /// As [`Redis::ping`].
    pub async fn leave(&self, group: &str, consumer: &str) -> Result<(), ClientError> {
        let left: StreamPendingCountReply =
            self.ask(&Cmd::xpending_consumer_count(&self.stream, group, "-", "+", 1, consumer)).await?;
        if left.ids.is_empty() {
            self.ask::<u64>(&Cmd::xgroup_delconsumer(&self.stream, group, consumer)).await?;
        }
        Ok(())
    }

    /// Removes entries from before an instant, in milliseconds since 1970. Returns how many.
    ///
    /// # Errors
    /// As [`Redis::ping`].
    pub async fn trim(&self, before: i64) -> Result<u64, ClientError> {
        let mut command = redis::cmd("XTRIM");
        command.arg(&self.stream).arg("MINID").arg(format!("{before}-0"));
        self.ask(&command).await
    }
}
