//! The loop that evaluates: takes on what is due, runs the checks aside, writes down what they saw.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use serde_json::json;
use tokio::sync::{broadcast, watch};
use tokio::task::{JoinError, JoinSet};
use tokio_postgres::{Row, Statement};
use uuid::Uuid;

use super::check::{Seen, look};
use super::parse::Condition;
use super::standing::Standing;
use crate::clients::ClientError;
use crate::clients::postgres::{Postgres, Session, explain};
use crate::engine::notice::Subject;
use crate::engine::prepared;
use crate::engine::scheduler::occurrence;
use crate::engine::worker::Shared;
use crate::pipeline::Executor;

/// How often it looks by itself.
const POLL: Duration = Duration::from_secs(1);
/// What conditions ask, as `take.sql` says it. Each kind has slots of its own, so that a system that answers
/// nobody delays only those who ask it.
const KINDS: [&str; 3] = ["query", "promql", "runbook"];
/// So many evaluations of a kind at once.
const MOST: usize = 4;
/// How long one is its node's own; more than it may take.
const CLAIM: Duration = Duration::from_secs(60);
/// If the last evaluation is that much older than it should be, nobody looked: a node that died with one is
/// replaced sooner.
const UNWATCHED: Duration = Duration::from_secs(120);
/// When what cannot be read is looked at again.
const UNREADABLE: Duration = Duration::from_secs(60);
/// How long to wait after an error.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// Evaluates until `stop` turns true. Checks run where steps do.
pub(crate) async fn watch(shared: Arc<Shared>, mut stop: watch::Receiver<bool>) {
    let postgres = shared.postgres.clone();
    let mut watcher = Watcher { shared, running: JoinSet::new(), tokens: HashMap::new() };
    loop {
        let error = tokio::select! {
            biased;
            _ = stop.wait_for(|s| *s) => break,
            error = watcher.session(&postgres) => error,
        };
        tracing::warn!(%error, "the session that evaluates conditions is lost");
        tokio::time::sleep(AGAIN_AFTER).await;
    }
    watcher.leave(&postgres).await;
}

struct Watcher {
    shared: Arc<Shared>,
    running: JoinSet<Evaluation>,
    /// Of what is running, with its kind.
    tokens: HashMap<Uuid, String>,
}

struct Desk {
    session: Session,
    take: Statement,
    conclude: Statement,
    give_back: Statement,
}

impl Desk {
    async fn open(postgres: &Postgres) -> Result<Self, ClientError> {
        let session = postgres.session().await?;
        let statement = async |name: &str| prepared(&session, &format!("condition/{name}")).await;
        Ok(Self {
            take: statement("take").await?,
            conclude: statement("conclude").await?,
            give_back: statement("give_back").await?,
            session,
        })
    }

    async fn give_back(&self, tokens: &[Uuid]) -> Result<(), tokio_postgres::Error> {
        self.session.execute(&self.give_back, &[&tokens]).await.map(drop)
    }
}

struct Taken {
    task: Uuid,
    token: Uuid,
    expr: String,
    kind: String,
    standing: Standing,
    /// When the last evaluation began.
    checked_at: Option<DateTime<Utc>>,
    /// Why the evaluation before was neither true nor false.
    error: Option<String>,
    /// When the evaluation began, by the database's clock.
    at: DateTime<Utc>,
}

impl Taken {
    fn read(row: &Row) -> Result<Self, tokio_postgres::Error> {
        Ok(Self {
            task: row.try_get("task_id")?,
            token: row.try_get("token")?,
            expr: row.try_get("expr")?,
            kind: row.try_get("kind")?,
            checked_at: row.try_get("checked_at")?,
            standing: Standing { since: row.try_get("since")?, fired: row.try_get("fired")? },
            error: row.try_get("error")?,
            at: row.try_get("at")?,
        })
    }

    async fn evaluate(self, executor: Executor) -> Evaluation {
        let (seen, every, hold) = match self.expr.parse::<Condition>() {
            Ok(condition) => {
                let seen = AssertUnwindSafe(look(&executor, &condition)).catch_unwind().await;
                let seen = seen.unwrap_or_else(|_| Seen::unknown("the check panicked"));
                (seen, condition.every, condition.hold)
            }
            // It came by SQL, past the check at creation.
            Err(e) => (Seen::unknown(e.to_string()), UNREADABLE, Duration::ZERO),
        };
        Evaluation { taken: self, seen, every, hold }
    }
}

struct Evaluation {
    taken: Taken,
    seen: Seen,
    every: Duration,
    hold: Duration,
}

impl Watcher {
    /// Works over one session until it breaks.
    async fn session(&mut self, postgres: &Postgres) -> ClientError {
        let mut heard = self.shared.notices.hear();
        let desk = match Desk::open(postgres).await {
            Ok(desk) => desk,
            Err(e) => return e,
        };
        loop {
            let turn = async {
                self.take(&desk).await?;
                self.rest(&desk, &mut heard).await
            };
            if let Err(e) = turn.await {
                return explain(&e);
            }
        }
    }

    /// Takes on what is due, as far as there is room.
    async fn take(&mut self, desk: &Desk) -> Result<(), tokio_postgres::Error> {
        let room = KINDS.map(|kind| {
            let running = self.tokens.values().filter(|k| *k == kind).count();
            i32::try_from(MOST.saturating_sub(running)).unwrap_or_default()
        });
        let claim = CLAIM.as_secs_f64();
        for row in desk.session.query(&desk.take, &[&room.as_slice(), &claim]).await? {
            let taken = Taken::read(&row)?;
            self.tokens.insert(taken.token, taken.kind.clone());
            let executor = self.shared.executor.for_run(taken.token.to_string(), taken.token.to_string());
            self.running.spawn_on(taken.evaluate(executor), &self.shared.steps);
        }
        Ok(())
    }

    /// Writes down what ends, until there is reason to look again.
    async fn rest(
        &mut self,
        desk: &Desk,
        heard: &mut broadcast::Receiver<Subject>,
    ) -> Result<(), tokio_postgres::Error> {
        // There may be more than there was room for.
        let full = self.running.len() >= MOST;
        let clock = tokio::time::sleep(POLL);
        tokio::pin!(clock);
        loop {
            tokio::select! {
                () = &mut clock => return Ok(()),
                subject = heard.recv() => if matches!(subject, Ok(Subject::Schedule) | Err(_)) {
                    return Ok(());
                },
                Some(ended) = self.running.join_next() => {
                    self.ended(desk, ended).await?;
                    if full {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// One that cannot be written down is evaluated again by whoever is first when its claim has run out.
    async fn ended(
        &mut self,
        desk: &Desk,
        ended: Result<Evaluation, JoinError>,
    ) -> Result<(), tokio_postgres::Error> {
        // Its thread is gone: so are we, soon.
        let Ok(evaluation) = ended else { return Ok(()) };
        self.tokens.remove(&evaluation.taken.token);
        self.conclude(desk, evaluation).await
    }

    async fn conclude(&self, desk: &Desk, evaluation: Evaluation) -> Result<(), tokio_postgres::Error> {
        let Evaluation { taken, seen, every, hold } = evaluation;
        let (task, token, at) = (taken.task, taken.token, taken.at);
        let looked =
            taken.checked_at.is_none_or(|last| (at - last).to_std().unwrap_or_default() <= every + UNWATCHED);
        let standing = if looked { taken.standing } else { taken.standing.unwatched() };
        let (standing, fires) = standing.after(seen.truth, at, hold);
        if let Some(error) = seen.error.as_ref().filter(|e| taken.error.as_ref() != Some(e)) {
            tracing::warn!(%task, %error, "its condition is neither true nor false");
        }
        let next_at = at + every;
        let name = fires.map(|since| occurrence(task, since));
        let event = json!({ "condition": taken.expr, "value": seen.value, "since": fires });
        let done = desk
            .session
            .query_one(
                &desk.conclude,
                &[
                    &task,
                    &token,
                    &next_at,
                    &standing.since,
                    &standing.fired,
                    &seen.value,
                    &seen.error,
                    &at,
                    &name,
                    &event,
                ],
            )
            .await?;
        if done.try_get::<_, i64>("written")? == 0 {
            tracing::info!(%task, "what was seen of its condition is dropped: too late, edited or paused");
            desk.give_back(&[token]).await?;
        }
        if done.try_get::<_, i64>("queued")? > 0 {
            self.shared.metrics.scheduler_jobs_created_total.with_label_values(&["condition"]).inc();
            self.shared.notices.tell(Subject::Due);
        }
        Ok(())
    }

    /// Gives back what is running, so that others need not wait for the claims to run out.
    async fn leave(mut self, postgres: &Postgres) {
        self.running.abort_all();
        let tokens: Vec<Uuid> = self.tokens.into_keys().collect();
        if tokens.is_empty() {
            return;
        }
        let back = async {
            let desk = Desk::open(postgres).await?;
            desk.give_back(&tokens).await.map_err(|e| explain(&e))
        };
        if !matches!(tokio::time::timeout(Duration::from_secs(2), back).await, Ok(Ok(()))) {
            tracing::warn!(count = tokens.len(), "conditions wait until their claims run out");
        }
    }
}
