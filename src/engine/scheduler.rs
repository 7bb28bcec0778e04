//! The scheduler: queues the occurrences of schedules (promises 1, 2 and 5).
//!
//! # Guarantees
//!
//! * One statement queues an occurrence and moves the task's cursor past it, as a compare-and-swap:
//!   it does nothing if the cursor moved or the task was edited since it was read. Any number of
//!   schedulers can run, and one that stalls or dies leaves both effects or neither.
//! * An edit through ordctl takes effect at once (a notification); an edit by another program within
//!   [`POLL`] (a trigger marks the task's schedule).
//! * Occurrences missed because no scheduler ran are caught up by the task's `catch_up` policy.
//! * An invalid schedule, or one that is not UTF-8, is marked with the reason and does not delay others.
//!
//! It keeps no state between two turns, so there is no leader to lose.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{broadcast, watch};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::metrics::Metrics;
use super::notifier::{Channel, Notifier};
use super::progress::LoopProgress;
use super::schedule::{CatchUp, Due, ONCE_GRACE, Schedule, ScheduleKind, due};
use crate::clients::ClientError;
use crate::clients::postgres::{Postgres, RawText, Session, code_points, explain, keep_less};
use crate::model::TaskStatus;
use crate::store::prepared::SchedulerStatements;

/// How often it polls.
pub(crate) const POLL: Duration = Duration::from_millis(250);
/// Tasks per turn.
const BATCH: i32 = 500;
/// Maximum parsed schedules in the cache.
const CACHE_MAX: usize = 20_000;

/// Schedules until `stop` turns true.
pub(crate) async fn run_scheduler(
    postgres: Arc<Postgres>,
    notifier: Notifier,
    metrics: Arc<Metrics>,
    progress: Arc<LoopProgress>,
    mut stop: watch::Receiver<bool>,
) {
    let mut scheduler = Scheduler { notifier, metrics, progress, parsed: HashMap::new() };
    loop {
        let error = tokio::select! {
            biased;
            _ = stop.wait_for(|s| *s) => return,
            error = scheduler.session(&postgres) => error,
        };
        scheduler.metrics.scheduler_ticks_total.with_label_values(&["error"]).inc();
        tokio::time::sleep(scheduler.progress.fail(&error)).await;
    }
}

struct Scheduler {
    notifier: Notifier,
    metrics: Arc<Metrics>,
    progress: Arc<LoopProgress>,
    parsed: HashMap<ScheduleKey, Result<Schedule, String>>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct ScheduleKey {
    kind: ScheduleKind,
    expr: String,
    timezone: String,
    created_at: DateTime<Utc>,
}

struct SchedulerSession {
    session: Session,
    statements: SchedulerStatements,
}

impl SchedulerSession {
    async fn open(postgres: &Postgres) -> Result<Self, ClientError> {
        let session = postgres.session().await?;
        let statements = SchedulerStatements::prepare(&session).await?;
        Ok(Self { session, statements })
    }
}

impl Scheduler {
    /// Works over one session until it breaks.
    async fn session(&mut self, postgres: &Postgres) -> ClientError {
        let mut notifications = self.notifier.subscribe();
        let session = match SchedulerSession::open(postgres).await {
            Ok(session) => session,
            Err(e) => return e,
        };
        loop {
            let turn = self.turn(&session).await;
            if turn.is_ok() {
                self.progress.succeed();
            }
            match turn {
                Ok(read) if read >= BATCH as usize => {}
                Ok(_) => match session.session.query_one(&session.statements.next, &[]).await {
                    Ok(row) => wait(&row, &mut notifications).await,
                    Err(e) => return explain(&e),
                },
                Err(e) => return explain(&e),
            }
        }
    }

    /// Advances the schedules that are due or edited. Returns how many it read.
    async fn turn(&mut self, session: &SchedulerSession) -> Result<usize, tokio_postgres::Error> {
        let rows = session.session.query(&session.statements.due, &[&BATCH]).await?;
        self.metrics.scheduler_ticks_total.with_label_values(&["success"]).inc();
        if rows.is_empty() {
            return Ok(0);
        }
        let mut updates = ScheduleUpdates::default();
        for row in &rows {
            self.plan(row, &mut updates)?;
        }
        let done = updates.write(session).await?;
        if done.try_get::<_, i64>("queued")? > 0 {
            self.notifier.notify(Channel::Due);
        }
        Ok(rows.len())
    }

    /// Computes the update of one task's schedule.
    fn plan(&mut self, row: &Row, updates: &mut ScheduleUpdates) -> Result<(), tokio_postgres::Error> {
        let (task, cursor): (Uuid, DateTime<Utc>) = (row.try_get("task_id")?, row.try_get("cursor_at")?);
        let now: DateTime<Utc> = row.try_get("at")?;
        let created_at: DateTime<Utc> = row.try_get("created_at")?;
        let kind: Option<ScheduleKind> = text(row, "kind")?.parse().ok();
        let is_active = text(row, "status")? == TaskStatus::Active.name();
        updates.tasks.push(task);
        updates.cursors.push(cursor);
        let changed_at: DateTime<Utc> = row.try_get("changed_at")?;
        updates.changes.push(changed_at);
        let Some(kind) = kind.filter(|kind| kind.is_timed() && is_active) else {
            updates.keep(cursor, None);
            return Ok(());
        };
        // The cursor of a new task is its creation time: nothing before it has been queued.
        let is_new = kind == ScheduleKind::Once && (cursor - created_at).abs() <= TimeDelta::seconds(1);
        let from = if is_new { cursor - ONCE_GRACE } else { cursor };
        let catch_up = text(row, "catch_up")?.parse().unwrap_or(CatchUp::Once);
        let (from, catch_up) = match catch_up {
            // An instant in the past that was just accepted is not missed, whatever the policy.
            CatchUp::Skip if kind == ScheduleKind::Once && now - changed_at <= ONCE_GRACE => {
                (from.max(changed_at - ONCE_GRACE), CatchUp::Once)
            }
            other => (from, other),
        };
        let created = self.metrics.scheduler_jobs_created_total.with_label_values(&[kind.name()]);
        let expr = row.try_get::<_, Option<RawText>>("expr")?.map(|expr| expr.checked("schedule_expr"));
        let timezone = row.try_get::<_, RawText>("timezone")?.checked("timezone");
        let result = match expr.transpose().and_then(|expr| Ok((expr.unwrap_or_default(), timezone?))) {
            Ok((expr, timezone)) => match self.parse(ScheduleKey { kind, expr, timezone, created_at }) {
                Ok(schedule) => due(schedule, from, now.max(from), catch_up).map_err(|e| e.to_string()),
                Err(e) => Err(e.clone()),
            },
            Err(e) => Err(e),
        };
        match result {
            Ok(due) => {
                created.inc_by(due.occurrences.len() as u64);
                updates.advance(task, cursor, due);
            }
            Err(error) => {
                tracing::warn!(%task, %error, "invalid schedule; the task does not run");
                updates.keep(cursor, Some(error));
            }
        }
        Ok(())
    }

    fn parse(&mut self, key: ScheduleKey) -> &Result<Schedule, String> {
        if self.parsed.len() > CACHE_MAX {
            self.parsed.clear();
        }
        self.parsed.entry(key).or_insert_with_key(|key| {
            let zone = key.timezone.parse().map_err(|_| format!("unknown time zone '{}'", key.timezone))?;
            Schedule::parse(key.kind, &key.expr, zone, key.created_at).map_err(|e| e.to_string())
        })
    }
}

/// A column of words; one that is not UTF-8 is an unknown word.
fn text(row: &Row, column: &str) -> Result<String, tokio_postgres::Error> {
    Ok(row.try_get::<_, RawText>(column)?.lossy().into_owned())
}

/// Waits for the next occurrence, an edit or the next poll.
async fn wait(row: &Row, notifications: &mut broadcast::Receiver<Channel>) {
    let seconds: Option<f64> = row.try_get("seconds").ok().flatten();
    let next = seconds.and_then(|s| Duration::try_from_secs_f64(s.max(0.001)).ok()).unwrap_or(POLL);
    let timer = tokio::time::sleep(next.min(POLL));
    tokio::pin!(timer);
    loop {
        tokio::select! {
            () = &mut timer => return,
            channel = notifications.recv() => if !matches!(channel, Ok(Channel::Due | Channel::Cancel | Channel::Event | Channel::Access)) {
                return;
            }
        }
    }
}

#[derive(Default)]
struct ScheduleUpdates {
    tasks: Vec<Uuid>,
    cursors: Vec<DateTime<Utc>>,
    changes: Vec<DateTime<Utc>>,
    new_cursors: Vec<DateTime<Utc>>,
    nexts: Vec<Option<DateTime<Utc>>>,
    errors: Vec<Option<String>>,
    occurrence_tasks: Vec<Uuid>,
    occurrence_times: Vec<DateTime<Utc>>,
    occurrence_ids: Vec<Uuid>,
}

impl ScheduleUpdates {
    /// An error may quote a character that the database cannot store; its code point is stored then.
    async fn write(&self, session: &SchedulerSession) -> Result<Row, tokio_postgres::Error> {
        let mut last = char::MAX;
        loop {
            match self.try_write(session, last).await {
                Err(e) => last = keep_less(last, &e).ok_or(e)?,
                done => return done,
            }
        }
    }

    async fn try_write(&self, session: &SchedulerSession, last: char) -> Result<Row, tokio_postgres::Error> {
        let errors: Vec<Option<Cow<'_, str>>> =
            self.errors.iter().map(|e| e.as_deref().map(|e| code_points(e, last))).collect();
        let values: [&(dyn ToSql + Sync); 9] = [
            &self.tasks,
            &self.cursors,
            &self.changes,
            &self.new_cursors,
            &self.nexts,
            &errors,
            &self.occurrence_tasks,
            &self.occurrence_times,
            &self.occurrence_ids,
        ];
        session.session.query_one(&session.statements.advance, &values).await
    }

    fn keep(&mut self, cursor: DateTime<Utc>, error: Option<String>) {
        self.new_cursors.push(cursor);
        self.nexts.push(None);
        self.errors.push(error);
    }

    fn advance(&mut self, task: Uuid, cursor: DateTime<Utc>, due: Due) {
        // The grace period may start before the cursor, which never moves back.
        self.new_cursors.push(due.cursor.max(cursor));
        self.nexts.push(due.next);
        self.errors.push(None);
        for at in due.occurrences {
            self.occurrence_tasks.push(task);
            self.occurrence_times.push(at);
            self.occurrence_ids.push(occurrence_id(task, at));
        }
    }
}

/// The id of a scheduled occurrence: the same on every node, and sortable by time. A UUID version 8
/// (RFC 9562): milliseconds, then a digest of the task and the microsecond.
pub fn occurrence_id(task: Uuid, at: DateTime<Utc>) -> Uuid {
    let micros = at.timestamp_micros();
    let digest = Uuid::new_v5(&task, &micros.to_be_bytes()).as_u128();
    let millis = u128::from(at.timestamp_millis().cast_unsigned()) << 80;
    uuid::Builder::from_u128(millis | (digest & ((1 << 80) - 1)))
        .with_version(uuid::Version::Custom)
        .into_uuid()
}
