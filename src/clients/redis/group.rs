//! Consumers of the event stream, as a group.

use std::collections::HashMap;
use std::time::Duration;

use redis::streams::StreamPendingCountReply;
use redis::{Cmd, Value};

use super::entry::{before, entries, place, text};
use super::{ClientError, Entry, RESPONSE_LIMIT, Redis};

pub(crate) struct Claimed {
    /// Entries that now belong to the caller.
    pub(crate) entries: Vec<Entry>,
    /// The next start; None at the end.
    pub(crate) next: Option<String>,
}

impl Redis {
    /// Creates a consumer group that starts after an entry, and the stream if it is missing. An existing
    /// group is not changed.
    pub(crate) async fn group(&self, group: &str, start: &str) -> Result<(), ClientError> {
        let made: Result<String, ClientError> =
            self.ask(&Cmd::xgroup_create_mkstream(&self.stream, group, start)).await;
        match made {
            Err(e) if e.error_name() == Some("BUSYGROUP") => Ok(()),
            other => other.map(drop),
        }
    }

    /// The entry up to which everything was read and acknowledged; None without the group.
    pub(crate) async fn done(&self, group: &str) -> Result<Option<String>, ClientError> {
        let exists: bool = self.ask(redis::cmd("EXISTS").arg(&self.stream)).await?;
        if !exists {
            return Ok(None);
        }
        let groups: Vec<HashMap<String, Value>> =
            self.ask(redis::cmd("XINFO").arg("GROUPS").arg(&self.stream)).await?;
        let field = |g: &mut HashMap<String, Value>, name: &str| g.remove(name).and_then(text);
        let mine = groups.into_iter().find_map(|mut g| {
            (field(&mut g, "name")? == group).then(|| field(&mut g, "last-delivered-id"))?
        });
        let Some(read) = mine else { return Ok(None) };
        // Only now: what is delivered in between lies behind `read`.
        let pending: Vec<Value> = self.ask(redis::cmd("XPENDING").arg(&self.stream).arg(group)).await?;
        let first = pending.into_iter().nth(1).and_then(text).map(|first| before(&first));
        Ok(Some(match first {
            Some(first) if place(&first) < place(&read) => first,
            _ => read,
        }))
    }

    /// Entries that no consumer of the group has received. Waits for the first.
    pub(crate) async fn read(
        &self,
        group: &str,
        consumer: &str,
        count: usize,
        wait: Duration,
    ) -> Result<Vec<Entry>, ClientError> {
        let mut command = Self::read_group(group, consumer, count);
        command.arg("BLOCK").arg(wait.as_millis().to_string());
        self.read_from(command, ">", wait + RESPONSE_LIMIT).await
    }

    /// Entries after this one that the consumer received and did not acknowledge.
    pub(crate) async fn unacknowledged(
        &self,
        group: &str,
        consumer: &str,
        after: &str,
        count: usize,
    ) -> Result<Vec<Entry>, ClientError> {
        self.read_from(Self::read_group(group, consumer, count), after, RESPONSE_LIMIT).await
    }

    fn read_group(group: &str, consumer: &str, count: usize) -> Cmd {
        let mut command = redis::cmd("XREADGROUP");
        command.arg("GROUP").arg(group).arg(consumer).arg("COUNT").arg(count);
        command
    }

    async fn read_from(
        &self,
        mut command: Cmd,
        from: &str,
        limit: Duration,
    ) -> Result<Vec<Entry>, ClientError> {
        command.arg("STREAMS").arg(&self.stream).arg(from);
        let reply: Option<Vec<(Value, Vec<Value>)>> = self.ask_within(limit, &command).await?;
        Ok(reply.unwrap_or_default().into_iter().flat_map(|(_, found)| entries(found)).collect())
    }

    /// Claims entries that consumers of the group have not acknowledged for `idle`, starting at `from`.
    pub(crate) async fn claim(
        &self,
        group: &str,
        consumer: &str,
        idle: Duration,
        from: &str,
        count: usize,
    ) -> Result<Claimed, ClientError> {
        let mut command = redis::cmd("XAUTOCLAIM");
        command.arg(&self.stream).arg(group).arg(consumer).arg(idle.as_millis().to_string());
        let reply: Vec<Value> = self.ask(command.arg(from).arg("COUNT").arg(count)).await?;
        let mut reply = reply.into_iter();
        let next = reply.next().and_then(text).filter(|next| next != "0-0");
        let found = match reply.next() {
            Some(Value::Array(found)) => entries(found),
            _ => Vec::new(),
        };
        Ok(Claimed { entries: found, next })
    }

    pub(crate) async fn acknowledge(&self, group: &str, ids: &[&str]) -> Result<(), ClientError> {
        if ids.is_empty() {
            return Ok(());
        }
        self.ask::<u64>(&Cmd::xack(&self.stream, group, ids)).await.map(drop)
    }

    /// Removes a consumer from its group unless it has pending entries, which would be lost. Uses a new
    /// connection: a blocking read may occupy the old one.
    pub(crate) async fn leave(&self, group: &str, consumer: &str) -> Result<(), ClientError> {
        self.forget().await;
        let left: StreamPendingCountReply =
            self.ask(&Cmd::xpending_consumer_count(&self.stream, group, "-", "+", 1, consumer)).await?;
        if left.ids.is_empty() {
            self.ask::<u64>(&Cmd::xgroup_delconsumer(&self.stream, group, consumer)).await?;
        }
        Ok(())
    }

    /// Removes consumers without pending entries that have been idle for longer than `idle`. Nothing else
    /// removes the names of killed consumers.
    pub async fn sweep(&self, group: &str, idle: Duration) -> Result<(), ClientError> {
        let all: Vec<HashMap<String, Value>> =
            self.ask(redis::cmd("XINFO").arg("CONSUMERS").arg(&self.stream).arg(group)).await?;
        for mut consumer in all {
            let number = |c: &HashMap<String, Value>, name: &str| match c.get(name) {
                Some(Value::Int(n)) => u128::try_from(*n).ok(),
                _ => None,
            };
            let gone = number(&consumer, "pending") == Some(0)
                && number(&consumer, "idle").is_some_and(|ms| ms > idle.as_millis());
            if let (true, Some(name)) = (gone, consumer.remove("name").and_then(text)) {
                self.ask::<u64>(&Cmd::xgroup_delconsumer(&self.stream, group, name)).await?;
            }
        }
        Ok(())
    }
}
