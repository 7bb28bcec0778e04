//! The event stream: adding entries, looking at its ends, and trimming what was read.

use redis::{Cmd, RedisError, Value};

use super::entry::{entries, place};
use super::{ClientError, Entry, RESPONSE_LIMIT, Redis};

impl Redis {
    /// Adds entries in order: all of them, or none. Returns their ids.
    pub(crate) async fn add(&self, entries: &[Entry]) -> Result<Vec<String>, ClientError> {
        let mut pipe = redis::pipe();
        pipe.atomic();
        for entry in entries {
            pipe.xadd(&self.stream, "*", &entry.fields);
        }
        let call = async {
            let mut connection = self.connection().await?;
            match pipe.query_async(&mut connection).await {
                Ok(ids) => Ok(ids),
                Err(e) => Err(self.broken(&first(e)).await),
            }
        };
        self.bounded(RESPONSE_LIMIT, call).await
    }

    /// Entries at the stream's end, or before an entry, newest first.
    pub(crate) async fn latest(&self, before: Option<&str>, count: usize) -> Result<Vec<Entry>, ClientError> {
        let end = before.map_or_else(|| "+".to_owned(), |id| format!("({id}"));
        let reply: Vec<Value> = self.ask(&Cmd::xrevrange_count(&self.stream, end, "-", count)).await?;
        Ok(entries(reply))
    }

    /// The id of the last entry that was ever added; `0-0` when there is no stream.
    pub(crate) async fn last_id(&self) -> Result<String, ClientError> {
        let exists: bool = self.ask(redis::cmd("EXISTS").arg(&self.stream)).await?;
        if !exists {
            return Ok("0-0".to_owned());
        }
        let reply: redis::streams::StreamInfoStreamReply = self.ask(&Cmd::xinfo_stream(&self.stream)).await?;
        Ok(reply.last_generated_id)
    }

    /// Trims the stream to about its maximum length. Entries that the group has not acknowledged stay, even if
    /// the stream exceeds it.
    pub(crate) async fn shorten(&self, group: &str) -> Result<(), ClientError> {
        let length: usize = self.ask(redis::cmd("XLEN").arg(&self.stream)).await?;
        let excess = length.saturating_sub(self.max_length);
        if excess == 0 {
            return Ok(());
        }
        let Some(done) = self.done(group).await? else { return Ok(()) };
        let mut command = redis::cmd("XTRIM");
        command.arg(&self.stream).arg("MINID").arg("~").arg(done).arg("LIMIT").arg(excess);
        self.ask::<u64>(&command).await.map(drop)
    }

    /// Removes entries before an instant (milliseconds since 1970) that the group has acknowledged. Returns their
    /// number.
    pub(crate) async fn trim(&self, before: i64, group: &str) -> Result<u64, ClientError> {
        let Some(done) = self.done(group).await? else { return Ok(0) };
        let before = format!("{before}-0");
        let least = if place(&done) < place(&before) { done } else { before };
        let mut command = redis::cmd("XTRIM");
        command.arg(&self.stream).arg("MINID").arg(least);
        self.ask(&command).await
    }
}

/// The first error of a pipeline in which every command failed.
fn first(error: RedisError) -> RedisError {
    let all = error.clone().into_server_errors();
    let first = all.and_then(|all| all.first().map(|(_, e)| e.clone()));
    first.map_or(error, RedisError::from)
}
