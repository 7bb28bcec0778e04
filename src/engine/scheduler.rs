//! The scheduler: queues what the schedules ask for.
//!
//! # The promises
//!
//! * Queuing an occurrence and moving the task's cursor past it is one statement, a compare and
//!   swap: whoever finds the cursor moved, or the task edited, since it was read, does nothing.
//!   So any number of schedulers may run, and one that stalls or dies between any two instructions
//!   leaves both or neither.
//! * An edit is seen at once when it came through ordctl (a notice), within [`POLL`] when another
//!   program wrote the table (a trigger marks the task's schedule).
//! * What was missed because nothing ran is caught up as the task's `catch_up` says.
//! * A schedule that cannot be followed is marked with the reason, and keeps no other waiting.
//!
//! It holds nothing between two turns: there is no leader, and nothing to lose.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{broadcast, watch};
use tokio_postgres::{Row, Statement};
use uuid::Uuid;

use super::metrics::Metrics;
use super::notice::{Notices, Subject};
use super::prepared;
use super::schedule::{CatchUp, Due, Schedule, ScheduleKind, due};
use crate::clients::ClientError;
use crate::clients::postgres::{Postgres, Session, explain};
use crate::model::TaskStatus;

/// How often it looks by itself.
pub(crate) const POLL: Duration = Duration::from_millis(250);
/// So many tasks a turn.
const BATCH: i32 = 500;
/// So many parsed schedules are kept.
const KEPT: usize = 20_000;
/// How long to wait after an error.
const AGAIN_AFTER: Duration = Duration::from_millis(500);
/// A new `once` task may lie so far in the past and still run.
const GRACE: TimeDelta = TimeDelta::seconds(60);

/// Schedules until `stop` turns true.
pub(crate) async fn schedule(
    postgres: Arc<Postgres>,
    notices: Notices,
    metrics: Arc<Metrics>,
    mut stop: watch::Receiver<bool>,
) {
    let mut scheduler = Scheduler { notices, metrics, parsed: HashMap::new() };
    loop {
        let error = tokio::select! {
            biased;
            _ = stop.wait_for(|s| *s) => return,
            error = scheduler.session(&postgres) => error,
        };
        scheduler.metrics.scheduler_ticks_total.with_label_values(&["error"]).inc();
        tracing::warn!(%error, "the scheduler's session is lost");
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

struct Scheduler {
    notices: Notices,
    metrics: Arc<Metrics>,
    parsed: HashMap<Rule, Result<Schedule, String>>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Rule {
    kind: ScheduleKind,
    expr: String,
    timezone: String,
    created_at: DateTime<Utc>,
}

struct Desk {
    session: Session,
    due: Statement,
    advance: Statement,
    next: Statement,
}

impl Desk {
    async fn open(postgres: &Postgres) -> Result<Self, ClientError> {
        let session = postgres.session().await?;
        let statement = async |name: &str| prepared(&session, &format!("schedule/{name}")).await;
        Ok(Self {
            due: statement("due").await?,
            advance: statement("advance").await?,
            next: statement("next").await?,
            session,
        })
    }
}

impl Scheduler {
    /// Works over one session until it breaks.
    async fn session(&mut self, postgres: &Postgres) -> ClientError {
        let mut heard = self.notices.hear();
        let desk = match Desk::open(postgres).await {
            Ok(desk) => desk,
            Err(e) => return e,
        };
        loop {
            match self.turn(&desk).await {
                Ok(seen) if seen >= BATCH as usize => {}
                Ok(_) => match desk.session.query_one(&desk.next, &[]).await {
                    Ok(row) => rest(&row, &mut heard).await,
                    Err(e) => return explain(&e),
                },
                Err(e) => return explain(&e),
            }
        }
    }

    /// Looks at what is due or edited, and moves it on. Returns how many tasks it saw.
    async fn turn(&mut self, desk: &Desk) -> Result<usize, tokio_postgres::Error> {
        let rows = desk.session.query(&desk.due, &[&BATCH]).await?;
        self.metrics.scheduler_ticks_total.with_label_values(&["success"]).inc();
        if rows.is_empty() {
            return Ok(0);
        }
        let mut moves = Moves::default();
        for row in &rows {
            self.plan(row, &mut moves)?;
        }
        let m = &moves;
        let done = desk
            .session
            .query_one(
                &desk.advance,
                &[
                    &m.tasks,
                    &m.cursors,
                    &m.changes,
                    &m.new_cursors,
                    &m.nexts,
                    &m.errors,
                    &m.of,
                    &m.instants,
                    &m.names,
                ],
            )
            .await?;
        if done.try_get::<_, i64>("queued")? > 0 {
            self.notices.tell(Subject::Due);
        }
        Ok(rows.len())
    }

    /// What becomes of one task's schedule.
    fn plan(&mut self, row: &Row, moves: &mut Moves) -> Result<(), tokio_postgres::Error> {
        let (task, cursor): (Uuid, DateTime<Utc>) = (row.try_get("task_id")?, row.try_get("cursor_at")?);
        let now: DateTime<Utc> = row.try_get("at")?;
        let created_at: DateTime<Utc> = row.try_get("created_at")?;
        let kind: Option<ScheduleKind> = row.try_get::<_, String>("kind")?.parse().ok();
        let active = row.try_get::<_, String>("status")? == TaskStatus::Active.name();
        moves.tasks.push(task);
        moves.cursors.push(cursor);
        moves.changes.push(row.try_get("changed_at")?);
        let Some(kind) = kind.filter(|kind| kind.is_timed() && active) else {
            moves.rest(cursor, None);
            return Ok(());
        };
        // A cursor that is where the task began has dealt with nothing before it.
        let fresh = kind == ScheduleKind::Once && (cursor - created_at).abs() <= TimeDelta::seconds(1);
        let from = if fresh { cursor - GRACE } else { cursor };
        let catch_up = row.try_get::<_, String>("catch_up")?.parse().unwrap_or(CatchUp::Once);
        let rule = Rule {
            kind,
            expr: row.try_get::<_, Option<String>>("expr")?.unwrap_or_default(),
            timezone: row.try_get("timezone")?,
            created_at,
        };
        let created = self.metrics.scheduler_jobs_created_total.with_label_values(&[rule.kind.name()]);
        let found = match self.parse(rule) {
            Ok(schedule) => due(schedule, from, now.max(from), catch_up).map_err(|e| e.to_string()),
            Err(e) => Err(e.clone()),
        };
        match found {
            Ok(found) => {
                created.inc_by(found.occurrences.len() as u64);
                moves.go(task, cursor, found);
            }
            Err(error) => {
                tracing::warn!(%task, %error, "its schedule cannot be followed");
                moves.rest(cursor, Some(error));
            }
        }
        Ok(())
    }

    fn parse(&mut self, rule: Rule) -> &Result<Schedule, String> {
        if self.parsed.len() > KEPT {
            self.parsed.clear();
        }
        self.parsed.entry(rule).or_insert_with_key(|rule| {
            let zone =
                rule.timezone.parse().map_err(|_| format!("there is no time zone '{}'", rule.timezone))?;
            Schedule::parse(rule.kind, &rule.expr, zone, rule.created_at).map_err(|e| e.to_string())
        })
    }
}

/// Waits for the next occurrence, an edit, or the time to look again.
async fn rest(row: &Row, heard: &mut broadcast::Receiver<Subject>) {
    let seconds: Option<f64> = row.try_get("seconds").ok().flatten();
    let next = seconds.and_then(|s| Duration::try_from_secs_f64(s.max(0.001)).ok()).unwrap_or(POLL);
    let clock = tokio::time::sleep(next.min(POLL));
    tokio::pin!(clock);
    loop {
        tokio::select! {
            () = &mut clock => return,
            subject = heard.recv() => if !matches!(subject, Ok(Subject::Due | Subject::Cancel | Subject::Event)) {
                return;
            }
        }
    }
}

#[derive(Default)]
struct Moves {
    tasks: Vec<Uuid>,
    cursors: Vec<DateTime<Utc>>,
    changes: Vec<DateTime<Utc>>,
    new_cursors: Vec<DateTime<Utc>>,
    nexts: Vec<Option<DateTime<Utc>>>,
    errors: Vec<Option<String>>,
    of: Vec<Uuid>,
    instants: Vec<DateTime<Utc>>,
    names: Vec<Uuid>,
}

impl Moves {
    fn rest(&mut self, cursor: DateTime<Utc>, error: Option<String>) {
        self.new_cursors.push(cursor);
        self.nexts.push(None);
        self.errors.push(error);
    }

    fn go(&mut self, task: Uuid, cursor: DateTime<Utc>, found: Due) {
        // It never moves back: what was granted before it is dealt with, too.
        self.new_cursors.push(found.cursor.max(cursor));
        self.nexts.push(found.next);
        self.errors.push(None);
        for at in found.occurrences {
            self.of.push(task);
            self.instants.push(at);
            self.names.push(occurrence(task, at));
        }
    }
}

/// The name of a scheduled occurrence: the same for everybody who computes it, and in the order of
/// time. It is laid out as a UUID of version 8 (RFC 9562): milliseconds, then a digest of the task and
/// the microsecond.
pub fn occurrence(task: Uuid, at: DateTime<Utc>) -> Uuid {
    let micros = at.timestamp_micros();
    let digest = Uuid::new_v5(&task, &micros.to_be_bytes()).as_u128();
    let millis = u128::from(at.timestamp_millis().cast_unsigned()) << 80;
    uuid::Builder::from_u128(millis | (digest & ((1 << 80) - 1)))
        .with_version(uuid::Version::Custom)
        .into_uuid()
}
