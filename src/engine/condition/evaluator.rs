//! The evaluation loop: claims due conditions, runs their checks concurrently and records the results.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use serde_json::json;
use tokio::sync::{broadcast, watch};
use tokio::task::{JoinError, JoinSet};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::check::{Observation, evaluate};
use super::parse::Condition;
use super::state::ConditionState;
use crate::clients::ClientError;
use crate::clients::postgres::{Postgres, RawText, Session, code_points, explain, is_stored_as, keep_less};
use crate::engine::notifier::Channel;
use crate::engine::progress::LoopProgress;
use crate::engine::scheduler::occurrence_id;
use crate::engine::worker::NodeContext;
use crate::pipeline::Executor;
use crate::store::prepared::ConditionStatements;

const POLL: Duration = Duration::from_secs(1);
/// The kinds of checks, as in `claim.sql`. Each kind has its own slots, so a system that does not answer
/// delays only checks of its kind.
const KINDS: [&str; 3] = ["query", "promql", "runbook"];
/// Concurrent evaluations per kind.
const SLOTS: usize = 4;
/// How long a claim on an evaluation lasts; longer than the evaluation's timeout.
const CLAIM: Duration = Duration::from_secs(60);
/// An evaluation that is this late means a gap. A node that died is replaced sooner.
const GAP: Duration = Duration::from_secs(120);
/// Interval for a condition that cannot be parsed.
const INVALID_INTERVAL: Duration = Duration::from_secs(60);

/// Evaluates until `stop` turns true. Checks run on the step runtime.
pub(crate) async fn run_evaluator(
    context: Arc<NodeContext>,
    progress: Arc<LoopProgress>,
    mut stop: watch::Receiver<bool>,
) {
    let postgres = context.postgres.clone();
    let mut evaluator = Evaluator { context, progress, running: JoinSet::new(), tokens: HashMap::new() };
    loop {
        let error = tokio::select! {
            biased;
            _ = stop.wait_for(|s| *s) => break,
            error = evaluator.session(&postgres) => error,
        };
        tokio::time::sleep(evaluator.progress.fail(&error)).await;
    }
    evaluator.release_claims(&postgres).await;
}

struct Evaluator {
    context: Arc<NodeContext>,
    progress: Arc<LoopProgress>,
    running: JoinSet<Evaluation>,
    /// The kind of each running evaluation, by claim token.
    tokens: HashMap<Uuid, String>,
}

struct EvaluatorSession {
    session: Session,
    statements: ConditionStatements,
}

impl EvaluatorSession {
    async fn open(postgres: &Postgres) -> Result<Self, ClientError> {
        let session = postgres.session().await?;
        let statements = ConditionStatements::prepare(&session).await?;
        Ok(Self { session, statements })
    }

    async fn release(&self, tokens: &[Uuid]) -> Result<(), tokio_postgres::Error> {
        self.session.execute(&self.statements.release, &[&tokens]).await.map(drop)
    }
}

struct ClaimedCondition {
    task: Uuid,
    token: Uuid,
    /// Or why it cannot be used.
    expr: Result<String, String>,
    kind: String,
    state: ConditionState,
    /// When the last evaluation started.
    checked_at: Option<DateTime<Utc>>,
    /// Why the last evaluation was unknown.
    error: Option<String>,
    /// When this evaluation started, by the database's clock.
    at: DateTime<Utc>,
}

impl ClaimedCondition {
    fn from_row(row: &Row) -> Result<Self, tokio_postgres::Error> {
        Ok(Self {
            task: row.try_get("task_id")?,
            token: row.try_get("token")?,
            expr: row.try_get::<_, RawText>("expr")?.checked("schedule_expr"),
            kind: row.try_get("kind")?,
            checked_at: row.try_get("checked_at")?,
            state: ConditionState { since: row.try_get("since")?, fired: row.try_get("fired")? },
            error: row.try_get::<_, Option<RawText>>("error")?.map(|e| e.lossy().into_owned()),
            at: row.try_get("at")?,
        })
    }

    async fn evaluate(self, executor: Executor) -> Evaluation {
        let condition = match &self.expr {
            Ok(expr) => expr.parse::<Condition>().map_err(|e| e.to_string()),
            Err(e) => Err(e.clone()),
        };
        let (observation, every, hold) = match condition {
            Ok(condition) => {
                let observed = AssertUnwindSafe(evaluate(&executor, &condition)).catch_unwind().await;
                let observed = observed.unwrap_or_else(|_| Observation::unknown("the check panicked"));
                (observed, condition.every, condition.hold)
            }
            // Written by SQL, which skips validation.
            Err(e) => (Observation::unknown(e), INVALID_INTERVAL, Duration::ZERO),
        };
        Evaluation { condition: self, observation, every, hold }
    }
}

struct Evaluation {
    condition: ClaimedCondition,
    observation: Observation,
    every: Duration,
    hold: Duration,
}

impl Evaluator {
    /// Works over one session until it breaks.
    async fn session(&mut self, postgres: &Postgres) -> ClientError {
        let mut notifications = self.context.notifier.subscribe();
        let session = match EvaluatorSession::open(postgres).await {
            Ok(session) => session,
            Err(e) => return e,
        };
        loop {
            let turn = async {
                self.claim(&session).await?;
                self.progress.succeed();
                self.wait(&session, &mut notifications).await
            };
            if let Err(e) = turn.await {
                return explain(&e);
            }
        }
    }

    /// Claims due conditions while slots are free.
    async fn claim(&mut self, session: &EvaluatorSession) -> Result<(), tokio_postgres::Error> {
        let room = KINDS.map(|kind| {
            let running = self.tokens.values().filter(|k| *k == kind).count();
            i32::try_from(SLOTS.saturating_sub(running)).unwrap_or_default()
        });
        let claim = CLAIM.as_secs_f64();
        for row in session.session.query(&session.statements.claim, &[&room.as_slice(), &claim]).await? {
            let condition = ClaimedCondition::from_row(&row)?;
            self.tokens.insert(condition.token, condition.kind.clone());
            let token = condition.token.to_string();
            let executor = self.context.executor.for_run(token.clone(), token);
            self.running.spawn_on(condition.evaluate(executor), &self.context.steps);
        }
        Ok(())
    }

    /// Records finished evaluations until the next poll, edit or free slot.
    async fn wait(
        &mut self,
        session: &EvaluatorSession,
        notifications: &mut broadcast::Receiver<Channel>,
    ) -> Result<(), tokio_postgres::Error> {
        let full = self.running.len() >= SLOTS;
        let timer = tokio::time::sleep(POLL);
        tokio::pin!(timer);
        loop {
            tokio::select! {
                () = &mut timer => return Ok(()),
                channel = notifications.recv() => if matches!(channel, Ok(Channel::Schedule) | Err(_)) {
                    return Ok(());
                },
                Some(finished) = self.running.join_next() => {
                    self.finish(session, finished).await?;
                    if full {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// An evaluation that cannot be recorded is repeated when its claim expires.
    async fn finish(
        &mut self,
        session: &EvaluatorSession,
        finished: Result<Evaluation, JoinError>,
    ) -> Result<(), tokio_postgres::Error> {
        // The step runtime is shutting down.
        let Ok(evaluation) = finished else { return Ok(()) };
        self.tokens.remove(&evaluation.condition.token);
        self.record(session, evaluation).await
    }

    async fn record(
        &self,
        session: &EvaluatorSession,
        evaluation: Evaluation,
    ) -> Result<(), tokio_postgres::Error> {
        let Evaluation { condition, observation, every, hold } = evaluation;
        let (task, token, at) = (condition.task, condition.token, condition.at);
        let is_gapless =
            condition.checked_at.is_none_or(|last| (at - last).to_std().unwrap_or_default() <= every + GAP);
        let state = if is_gapless { condition.state } else { condition.state.after_gap() };
        let (state, fires) = state.after_evaluation(observation.truth, at, hold);
        let is_new = |e: &&String| !condition.error.as_ref().is_some_and(|stored| is_stored_as(e, stored));
        if let Some(error) = observation.error.as_ref().filter(is_new) {
            tracing::warn!(%task, %error, "condition is unknown");
        }
        let next_at = at + every;
        let occurrence = fires.map(|since| occurrence_id(task, since));
        let event = json!({ "condition": condition.expr.ok(), "value": observation.value, "since": fires });
        let mut last = char::MAX;
        let done = loop {
            // It may quote a character that the database cannot store; its code point is stored then.
            let error = observation.error.as_deref().map(|e| code_points(e, last));
            let values: [&(dyn ToSql + Sync); 10] = [
                &task,
                &token,
                &next_at,
                &state.since,
                &state.fired,
                &observation.value,
                &error,
                &at,
                &occurrence,
                &event,
            ];
            match session.session.query_one(&session.statements.record, &values).await {
                Err(e) => last = keep_less(last, &e).ok_or(e)?,
                Ok(done) => break done,
            }
        };
        if done.try_get::<_, i64>("written")? == 0 {
            tracing::info!(%task, "evaluation discarded: its claim expired, or the task was edited or paused");
            session.release(&[token]).await?;
        }
        if done.try_get::<_, i64>("queued")? > 0 {
            self.context.metrics.scheduler_jobs_created_total.with_label_values(&["condition"]).inc();
            self.context.notifier.notify(Channel::Due);
        }
        Ok(())
    }

    /// Gives back the claims of running evaluations, so that other nodes need not wait for their expiry.
    async fn release_claims(mut self, postgres: &Postgres) {
        self.running.abort_all();
        let tokens: Vec<Uuid> = self.tokens.into_keys().collect();
        if tokens.is_empty() {
            return;
        }
        let back = async {
            let session = EvaluatorSession::open(postgres).await?;
            session.release(&tokens).await.map_err(|e| explain(&e))
        };
        if !matches!(tokio::time::timeout(Duration::from_secs(2), back).await, Ok(Ok(()))) {
            tracing::warn!(
                count = tokens.len(),
                "conditions not released; their claims expire within a minute"
            );
        }
    }
}
