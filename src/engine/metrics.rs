//! Metrics under the names that dashboards and alerts of the field use. Every gauge is there from the
//! start with a real value; no label holds an id.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use prometheus::{
    Encoder, Gauge, GaugeVec, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry,
    TextEncoder, core::Collector,
};
use serde::Deserialize;

use crate::store::{Store, StoreError};

/// The gauges of the database are asked for at most this often.
const FRESH: Duration = Duration::from_secs(2);
/// Seconds, for what a person waits for.
const QUICK: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Seconds, for what runs by itself.
const LONG: &[f64] = &[0.001, 0.01, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0];

macro_rules! metrics {
    ($($(#[doc = $help:literal])+ $field:ident : $kind:ident [$($label:literal),*] $(= $buckets:expr)?;)*) => {
        /// Everything that is counted. The documentation of a field is its help text.
        pub(crate) struct Metrics {
            registry: Registry,
            asked: Mutex<Option<Instant>>,
            $($(#[doc = $help])+ pub $field: metrics!(@type $kind),)*
        }

        impl Metrics {
            /// All of them, at zero.
            ///
            /// # Errors
            /// When two have the same name; a test keeps that from happening.
            pub(crate) fn new() -> Result<Self, prometheus::Error> {
                let registry = Registry::new();
                $(let $field = {
                    let opts = Opts::new(concat!("orchestrator_", stringify!($field)), concat!($($help),+).trim());
                    keep(&registry, metrics!(@make $kind opts [$($label),*] $($buckets)?)?)?
                };)*
                let all = Self { registry, asked: Mutex::new(None), $($field),* };
                all.begin();
                Ok(all)
            }
        }
    };
    (@type counters) => { IntCounterVec };
    (@type counter) => { IntCounter };
    (@type gauges) => { GaugeVec };
    (@type gauge) => { Gauge };
    (@type histograms) => { HistogramVec };
    (@type histogram) => { prometheus::Histogram };
    (@make counters $opts:ident [$($label:literal),*]) => { IntCounterVec::new($opts, &[$($label),*]) };
    (@make counter $opts:ident []) => { IntCounter::with_opts($opts) };
    (@make gauges $opts:ident [$($label:literal),*]) => { GaugeVec::new($opts, &[$($label),*]) };
    (@make gauge $opts:ident []) => { Gauge::with_opts($opts) };
    (@make histograms $opts:ident [$($label:literal),*] $buckets:expr) => {
        HistogramVec::new(HistogramOpts::from($opts).buckets($buckets.to_vec()), &[$($label),*])
    };
    (@make histogram $opts:ident [] $buckets:expr) => {
        prometheus::Histogram::with_opts(HistogramOpts::from($opts).buckets($buckets.to_vec()))
    };
}

metrics! {
    /// How long requests took.
    http_request_duration_seconds: histograms ["method", "endpoint"] = QUICK;
    /// How long steps took.
    step_duration_seconds: histograms ["tool_addr", "success"] = LONG;
    /// How long runs took.
    task_duration_seconds: histograms ["success"] = LONG;
    /// How long calls to outside systems took.
    external_tool_duration_seconds: histograms ["tool_address", "method"] = LONG;
    /// How long leases were held.
    lease_duration_seconds: histogram [] = LONG;
    /// How late the most overdue schedule is.
    scheduler_lag_seconds: gauge [];
    /// Due work that waits.
    due_work_queue_depth: gauges ["priority"];
    /// Workers that have sent a sign of life within a minute.
    active_workers: gauge [];
    /// Connections of the pools.
    database_connections: gauges ["pool", "state"];
    /// Tasks there are.
    tasks_total: gauges ["status"];
    /// Requests answered.
    http_requests_total: counters ["method", "endpoint", "status_code"];
    /// Runs that have ended.
    runs_total: counters ["status"];
    /// Tasks made.
    tasks_created_total: counters ["schedule_kind"];
    /// Steps that worked.
    step_success_total: counters ["tool_addr"];
    /// Steps that did not.
    step_failure_total: counters ["tool_addr", "error_type"];
    /// Calls to outside systems.
    external_tool_calls_total: counters ["tool_address", "status_code"];
    /// Looks of the scheduler.
    scheduler_ticks_total: counters ["result"];
    /// Occurrences queued by the scheduler.
    scheduler_jobs_created_total: counters ["schedule_kind"];
    /// Signs of life sent.
    worker_heartbeat_total: counter [];
    /// Calls to Redis.
    redis_operations_total: counters ["operation", "result"];
    /// Attempts to prove who one is.
    authentication_attempts_total: counters ["method", "result"];
    /// Requests refused because there were too many.
    rate_limit_violations_total: counter [];
    /// What concerns security.
    security_events_total: counters ["event_type", "severity"];
}

fn keep<C: Collector + Clone + 'static>(registry: &Registry, metric: C) -> Result<C, prometheus::Error> {
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

/// The gauges that the database knows.
#[derive(Debug, Deserialize)]
struct Gauges {
    lag_seconds: f64,
    active_workers: f64,
    depth: Vec<f64>,
    active: f64,
    paused: f64,
    canceled: f64,
}

impl Metrics {
    /// Every label value that is known beforehand is there from the start.
    fn begin(&self) {
        for priority in 1..=9 {
            self.due_work_queue_depth.with_label_values(&[&priority.to_string()]).set(0.0);
        }
        for status in ["active", "paused", "canceled"] {
            self.tasks_total.with_label_values(&[status]).set(0.0);
        }
        for state in ["idle", "in_use"] {
            self.database_connections.with_label_values(&["api", state]).set(0.0);
        }
        for status in ["success", "failure", "retry", "canceled"] {
            self.runs_total.with_label_values(&[status]).inc_by(0);
        }
        for result in ["success", "error"] {
            self.scheduler_ticks_total.with_label_values(&[result]).inc_by(0);
        }
        for kind in ["cron", "rrule", "once"] {
            self.scheduler_jobs_created_total.with_label_values(&[kind]).inc_by(0);
        }
    }

    /// Asks the database for its gauges, unless that was done just now.
    ///
    /// # Errors
    /// When it does not answer; the gauges keep their last values.
    pub(crate) async fn refresh(&self, store: &Store) -> Result<(), StoreError> {
        {
            let mut asked = self.asked.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if asked.is_some_and(|at| at.elapsed() < FRESH) {
                return Ok(());
            }
            *asked = Some(Instant::now());
        }
        let found: Gauges = store.one("engine/api/gauges").await?;
        self.scheduler_lag_seconds.set(found.lag_seconds);
        self.active_workers.set(found.active_workers);
        for (priority, depth) in (1..=9).zip(found.depth) {
            self.due_work_queue_depth.with_label_values(&[&priority.to_string()]).set(depth);
        }
        for (status, count) in
            [("active", found.active), ("paused", found.paused), ("canceled", found.canceled)]
        {
            self.tasks_total.with_label_values(&[status]).set(count);
        }
        let (size, available) = store.postgres().connections();
        self.database_connections.with_label_values(&["api", "idle"]).set(available as f64);
        self.database_connections.with_label_values(&["api", "in_use"]).set((size - available) as f64);
        Ok(())
    }

    /// All of them in the text format 0.0.4.
    ///
    /// # Errors
    /// When a metric cannot be written.
    pub(crate) fn text(&self) -> Result<String, prometheus::Error> {
        let mut out = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut out)?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }
}
