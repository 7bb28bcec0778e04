//! `GET /runs/stream`: server-sent events (<https://html.spec.whatwg.org/multipage/server-sent-events.html>),
//! `run.started` and `run.finished` with the run as JSON, and `lagged` with the number of missed events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::Stream;
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

use super::Api;
use super::caller::{Caller, Client, too_many};
use super::error::ApiError;
use super::feed::RunEvent;
use super::limit::OverLimit;
use super::quota::Quota;
use super::request::{IncludeErrors, Query};
use super::runs::masked;
use crate::engine::agents::Scope;
use crate::engine::notifier::Channel;

/// Interval of checks that the client is still authorized: tokens expire, and a notification can be lost.
const RECHECK: Duration = Duration::from_secs(5);

/// `GET /runs/stream`
pub(crate) async fn stream(
    State(api): State<Api>,
    caller: Caller,
    Query(query): Query<IncludeErrors>,
    Extension(credentials): Extension<Client>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let quota = api.streams.take(caller.identity().agent).ok_or_else(|| {
        too_many(&api, &OverLimit { wait: RECHECK }, &format!("streams of {}", caller.identity().name))
    })?;
    let client = StreamClient {
        events: api.feed.subscribe(),
        access: api.tasks.notifier.subscribe(),
        stopping: api.stopping.clone(),
        check_at: Instant::now() + RECHECK,
        owner: caller.actor().owner,
        api,
        credentials,
        include_errors: query.include_errors,
        _quota: quota,
    };
    let events = futures_util::stream::unfold(client, |mut client| async move {
        let event = client.next().await?;
        Some((Ok(event), client))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

struct StreamClient {
    api: Api,
    credentials: Client,
    access: tokio::sync::broadcast::Receiver<Channel>,
    events: tokio::sync::broadcast::Receiver<Arc<RunEvent>>,
    stopping: Option<tokio::sync::watch::Receiver<bool>>,
    check_at: Instant,
    owner: Option<uuid::Uuid>,
    include_errors: bool,
    _quota: Quota<uuid::Uuid>,
}

impl StreamClient {
    /// The next event; None at the end of the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let stopping = self.stopping.clone();
            let stopped = async {
                match stopping {
                    Some(mut stopping) => drop(stopping.wait_for(|s| *s).await),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                // A client that lost access must not receive an event that waits.
                biased;
                () = stopped => return None,
                channel = self.access.recv() => {
                    if matches!(channel, Ok(Channel::Access) | Err(_)) {
                        self.check_access().await?;
                    }
                }
                () = tokio::time::sleep_until(self.check_at) => self.check_access().await?,
                received = self.events.recv() => match received {
                    Ok(event) if self.owner.is_none_or(|own| own == event.owner) => {
                        return Some(self.encode(&event));
                    }
                    Ok(_) => {}
                    Err(RecvError::Lagged(missed)) => {
                        return Some(Event::default().event("lagged").data(json!({ "missed": missed }).to_string()));
                    }
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }

    /// None when the client may no longer read.
    async fn check_access(&mut self) -> Option<()> {
        self.check_at = Instant::now() + RECHECK;
        let identity = self.credentials.authenticate(&self.api).await.ok()?;
        if !identity.has(Scope::RunsRead) {
            return None;
        }
        self.owner = (!identity.has(Scope::Admin)).then_some(identity.agent);
        Some(())
    }

    fn encode(&self, event: &RunEvent) -> Event {
        let run = event.run.clone();
        let run = if self.include_errors { run } else { masked(run) };
        let name = if run.success.is_some() { "run.finished" } else { "run.started" };
        let mut data = json!(run);
        data["occurrence"] = json!(event.occurrence);
        Event::default().event(name).id(run.id.to_string()).data(data.to_string())
    }
}
