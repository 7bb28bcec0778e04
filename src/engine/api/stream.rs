//! `GET /runs/stream`: server-sent events (<https://html.spec.whatwg.org/multipage/server-sent-events.html>),
//! `run.started` and `run.finished` with the run as JSON, and `lagged` when some were missed.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::Stream;
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

use super::Api;
use super::caller::{Caller, authenticate, too_many};
use super::error::ApiError;
use super::feed::Happened;
use super::limit::Over;
use super::request::Query;
use super::runs::masked;
use super::share::Share;
use crate::engine::agents::Scope;

/// How often it is looked whether the watcher may still watch.
const RECHECK: Duration = Duration::from_secs(10);

/// `GET /runs/stream`
pub(crate) async fn stream(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let share = api.watchers.take(caller.identity().agent).ok_or_else(|| {
        too_many(&api, &Over { wait: RECHECK }, &format!("watchers of {}", caller.identity().name))
    })?;
    let errors = query.read(|r| r.flag("include_errors").unwrap_or(false))?;
    let watcher = Watcher {
        heard: api.feed.watch(),
        stopping: api.stopping.clone(),
        check_at: Instant::now() + RECHECK,
        owner: caller.actor().owner,
        api,
        headers,
        errors,
        _share: share,
    };
    let events = futures_util::stream::unfold(watcher, |mut watcher| async move {
        let event = watcher.next().await?;
        Some((Ok(event), watcher))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

struct Watcher {
    api: Api,
    headers: HeaderMap,
    heard: tokio::sync::broadcast::Receiver<Arc<Happened>>,
    stopping: Option<tokio::sync::watch::Receiver<bool>>,
    check_at: Instant,
    owner: Option<uuid::Uuid>,
    errors: bool,
    _share: Share<uuid::Uuid>,
}

impl Watcher {
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
                () = stopped => return None,
                () = tokio::time::sleep_until(self.check_at) => {
                    self.check_at = Instant::now() + RECHECK;
                    // What was revoked is revoked for those who watch, too.
                    let who = authenticate(&self.api, &self.headers).await.ok()?;
                    if !who.may(Scope::RunsRead) {
                        return None;
                    }
                    self.owner = (!who.may(Scope::Admin)).then_some(who.agent);
                }
                heard = self.heard.recv() => match heard {
                    Ok(happened) if self.owner.is_none_or(|own| own == happened.owner) => {
                        return Some(self.event(&happened));
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

    fn event(&self, happened: &Happened) -> Event {
        let run = happened.run.clone();
        let run = if self.errors { run } else { masked(run) };
        let name = if run.success.is_some() { "run.finished" } else { "run.started" };
        let mut data = json!(run);
        data["occurrence"] = json!(happened.occurrence);
        Event::default().event(name).id(run.id.to_string()).data(data.to_string())
    }
}
