//! The progress of a node's loops: each loop records its successes and failures here, and a reporter
//! writes them to `ordctl.loop_progress`, which every verdict about the engine reads.
//!
//! A loop is judged by its last success, not by whether its task is alive: a loop that waits forever for
//! an answer stops reporting successes. The reporter uses the database like every other loop, so a node
//! that cannot write is missing from the table after 20 seconds.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::metrics::Metrics;
use crate::base::lock::lock;
use crate::clients::outage::Outage;
use crate::model::EngineLoop;
use crate::store::Store;
use crate::store::progress::LoopReport;

/// How often a node reports at least.
const INTERVAL_MAX: Duration = Duration::from_secs(5);
/// A loop with minutes between two attempts is overdue after this time.
const RARE_LIMIT: Duration = Duration::from_secs(30 * 60);
/// Time limit of a report.
const REPORT_TIMEOUT: Duration = Duration::from_secs(4);
/// Maximum characters of an error in a report.
const ERROR_MAX: usize = 300;

/// The loops of one node.
pub(crate) struct Progress {
    /// How long a loop may go without a success.
    limit: Duration,
    loops: Mutex<Vec<Arc<LoopProgress>>>,
}

/// One loop's successes and failures.
pub(crate) struct LoopProgress {
    kind: EngineLoop,
    limit: Duration,
    started_at: Instant,
    state: Mutex<State>,
    outage: Mutex<Outage>,
}

#[derive(Default)]
struct State {
    succeeded_at: Option<Instant>,
    /// The error of the last attempt.
    error: Option<String>,
}

impl Progress {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit, loops: Mutex::default() }
    }

    /// Adds a loop, which must succeed within the limit from now on.
    pub(crate) fn register(&self, kind: EngineLoop) -> Arc<LoopProgress> {
        self.register_at_least(kind, Duration::ZERO)
    }

    /// Adds a loop whose successes lie up to `interval` apart.
    pub(crate) fn register_at_least(&self, kind: EngineLoop, interval: Duration) -> Arc<LoopProgress> {
        let limit = if kind.is_rare() { RARE_LIMIT } else { self.limit.max(interval) };
        let outage = Mutex::new(Outage::new(kind.title()));
        let (started_at, state) = (Instant::now(), Mutex::default());
        let progress = Arc::new(LoopProgress { kind, limit, started_at, state, outage });
        lock(&self.loops).push(progress.clone());
        progress
    }

    /// One report per kind of loop: the worst of its instances.
    pub(crate) fn reports(&self, node: &str) -> Vec<LoopReport> {
        let mut reports: Vec<LoopReport> = Vec::new();
        for progress in lock(&self.loops).iter() {
            let report = progress.report(node);
            match reports.iter_mut().find(|r| r.kind == report.kind) {
                Some(worst) if worst.is_ok && !report.is_ok => *worst = report,
                Some(_) => {}
                None => reports.push(report),
            }
        }
        reports
    }

    /// Sets the metric of every loop.
    pub(crate) fn measure(&self, metrics: &Metrics) {
        for progress in lock(&self.loops).iter() {
            let seconds = progress.since_success().as_secs_f64();
            metrics.loop_seconds_since_success.with_label_values(&[progress.kind.name()]).set(seconds);
        }
    }

    /// Writes the reports within `limit`: proves that this node can write.
    pub(crate) async fn write_report(
        &self,
        store: &Store,
        node: &str,
        limit: Duration,
    ) -> Result<(), String> {
        let reports = self.reports(node);
        match tokio::time::timeout(limit, store.report_progress(node, &reports)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("no answer within {} s", limit.as_secs())),
        }
    }
}

impl LoopProgress {
    /// The loop did its work. Ends an outage.
    pub(crate) fn succeed(&self) {
        lock(&self.outage).ended();
        self.stand_by();
    }

    /// Another node does the work. An outage that this node saw may go on.
    pub(crate) fn stand_by(&self) {
        *lock(&self.state) = State { succeeded_at: Some(Instant::now()), error: None };
    }

    /// Returns the delay before the next attempt. The first failure of an outage is logged.
    pub(crate) fn fail(&self, error: impl std::fmt::Display) -> Duration {
        let delay = lock(&self.outage).failed(&error);
        let error: String = error.to_string().chars().take(ERROR_MAX).collect();
        lock(&self.state).error = Some(error);
        delay
    }

    fn since_success(&self) -> Duration {
        lock(&self.state).succeeded_at.unwrap_or(self.started_at).elapsed()
    }

    fn report(&self, node: &str) -> LoopReport {
        let since_success = self.since_success();
        let state = lock(&self.state);
        let has_failed = self.kind.is_rare() && state.error.is_some();
        LoopReport {
            node: node.to_owned(),
            kind: self.kind,
            is_ok: since_success <= self.limit && !has_failed,
            age_seconds: state.succeeded_at.map(|at| at.elapsed().as_secs_f64()),
            error: state.error.clone(),
        }
    }
}

/// Reports until `stop` turns true, then removes the node's rows.
pub(crate) async fn run_reporter(
    progress: Arc<Progress>,
    store: Store,
    node: String,
    mut stop: watch::Receiver<bool>,
) {
    let own = progress.register(EngineLoop::Reporter);
    let interval = (progress.limit / 3).min(INTERVAL_MAX);
    loop {
        match progress.write_report(&store, &node, REPORT_TIMEOUT).await {
            Ok(()) => own.succeed(),
            Err(error) => _ = own.fail(error),
        }
        if tokio::time::timeout(interval, stop.wait_for(|s| *s)).await.is_ok() {
            break;
        }
    }
    drop(tokio::time::timeout(Duration::from_secs(2), store.leave_progress(&node)).await);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_loop_is_judged_by_its_last_success_and_a_rare_one_by_its_last_attempt() {
        let progress = Progress::new(Duration::ZERO);
        let lanes = [
            progress.register(EngineLoop::Lane),
            progress.register_at_least(EngineLoop::Lane, Duration::from_secs(600)),
        ];
        let retention = progress.register(EngineLoop::Retention);
        let is_ok = |kind| progress.reports("n").iter().find(|r| r.kind == kind).is_some_and(|r| r.is_ok);
        lanes[1].succeed();
        assert!(!is_ok(EngineLoop::Lane), "one lane without a success within its limit decides");
        retention.succeed();
        assert!(is_ok(EngineLoop::Retention));
        retention.fail("permission denied");
        assert!(!is_ok(EngineLoop::Retention));
        retention.succeed();
        assert!(is_ok(EngineLoop::Retention));
        lanes[1].fail("once");
        assert_eq!(progress.reports("n").iter().filter(|r| r.kind == EngineLoop::Lane).count(), 1);
    }
}
