//! Lists and converts cron tasks of Ordinaut's that ordctl runs at other instants.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::{MigrationError, Origin};
use crate::engine::schedule::upstream::{self, Difference, Reading};
use crate::model::Consented;
use crate::store::Store;
use crate::store::migrations::{CronTask, ScheduleChange};

/// A cron task whose expression ordctl reads differently than Ordinaut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShiftedTask {
    #[serde(flatten)]
    pub task: CronTask,
    #[serde(flatten)]
    pub difference: Difference,
}

/// The tasks of a database that Ordinaut created, as long as nobody edited their schedules since the adoption.
pub async fn shifted_tasks(
    store: &Store,
    origin: Origin,
    now: DateTime<Utc>,
) -> Result<Vec<ShiftedTask>, MigrationError> {
    let tasks = match origin {
        Origin::Empty => Vec::new(),
        Origin::Upstream => store.upstream_cron_tasks().await?,
        Origin::Ordctl => store.adopted_cron_tasks().await?,
    };
    let mut shifted = Vec::new();
    for task in tasks {
        let difference = match task.timezone.parse::<Tz>() {
            Ok(zone) => upstream::compare(&task.expr, zone, now),
            Err(_) => Some(unknown_zone(&task.timezone)),
        };
        shifted.extend(difference.map(|difference| ShiftedTask { task, difference }));
        // Lets a deadline end the loop.
        tokio::task::yield_now().await;
    }
    Ok(shifted)
}

fn unknown_zone(name: &str) -> Difference {
    let reason = format!("unknown time zone '{name}'");
    Difference {
        ordinaut: Reading::Invalid(reason.clone()),
        ordctl: Reading::Invalid(reason.clone()),
        conversion: Err(reason),
    }
}

/// Converts those of these tasks that have a conversion, in one transaction, with an audit row each. Skips tasks
/// that were edited since they were listed; returns the others.
pub async fn convert(
    store: &Store,
    listed: &[ShiftedTask],
    consented: &Consented,
) -> Result<Vec<Uuid>, MigrationError> {
    let changes: Vec<ScheduleChange<'_>> = listed
        .iter()
        .filter_map(|ShiftedTask { task, difference }| {
            let to = difference.conversion.as_ref().ok()?;
            Some(ScheduleChange { id: task.id, was: &task.expr, kind: to.kind, expr: &to.expr })
        })
        .collect();
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    Ok(store.convert_schedules(&changes, &json!(consented.audit())).await?)
}
