//! How busy the workers are, for the tools that show it and that conclude from it.

use serde::{Deserialize, Serialize};

use crate::base::units::Span;
use crate::store::{Binds, Store, StoreError};
use crate::tools::postgres::samples::never_migrated;

/// The time that a report on workers looks back.
pub(crate) const HOUR: Span = Span::seconds(3600);

/// An active worker within a time that has just passed, or since it began.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Busy {
    pub(crate) worker: String,
    /// Runs it can do at once.
    pub(crate) slots: f64,
    /// Runs that it worked on.
    pub(crate) runs: f64,
    /// Seconds of all these runs within that time.
    pub(crate) busy_seconds: f64,
    /// Seconds that its slots had.
    pub(crate) slot_seconds: f64,
}

impl Busy {
    /// The share of its time that it was busy, from 0 to 1; none of a worker that has just begun.
    pub(crate) fn share(&self) -> Option<f64> {
        (self.slot_seconds >= 1.0).then(|| (self.busy_seconds / self.slot_seconds).clamp(0.0, 1.0))
    }
}

/// The active workers over the last `time`. None in a database that was never migrated, which does not tell.
pub(crate) async fn workers(store: &Store, time: Span) -> Result<Option<Vec<Busy>>, StoreError> {
    let seconds = Binds::from([("seconds".to_owned(), time.as_secs_f64().to_string())]);
    match store.rows_with("worker_shares", &seconds).await {
        Ok(rows) => Ok(Some(rows)),
        Err(e) if never_migrated(&e) => Ok(None),
        Err(e) => Err(e),
    }
}

/// The share of all workers together; none when nothing is known of any.
pub(crate) fn share(workers: &[Busy]) -> Option<f64> {
    let sum = |of: fn(&Busy) -> f64| workers.iter().map(of).sum::<f64>();
    let (busy, slots) = (sum(|w| w.busy_seconds), sum(|w| w.slot_seconds));
    (slots >= 1.0).then(|| (busy / slots).clamp(0.0, 1.0))
}
