//! Prometheus metrics under the names that Ordinaut's dashboards and alerts use. Every gauge exists from
//! the start with a real value; no label contains an id.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use prometheus::{
    Encoder, Gauge, GaugeVec, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry,
    TextEncoder, core::Collector,
};

use crate::base::lock::lock;
use crate::store::{Store, StoreError};

/// Minimum time between two reads of the database's gauges.
const REFRESH_INTERVAL: Duration = Duration::from_secs(2);
/// Buckets in seconds for requests.
const SHORT: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Buckets in seconds for background work.
const LONG: &[f64] = &[0.001, 0.01, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0];

macro_rules! metrics {
    ($($(#[doc = $help:literal])+ $field:ident : $kind:ident [$($label:literal),*] $(= $buckets:expr)?;)*) => {
        /// All metrics. The doc comment of a field is its help text.
        pub(crate) struct Metrics {
            registry: Registry,
            refreshed_at: Mutex<Option<Instant>>,
            $($(#[doc = $help])+ pub $field: metrics!(@type $kind),)*
        }

        impl Metrics {
            pub(crate) fn new() -> Result<Self, prometheus::Error> {
                let registry = Registry::new();
                $(let $field = {
                    let opts = Opts::new(concat!("orchestrator_", stringify!($field)), concat!($($help),+).trim());
                    register(&registry, metrics!(@make $kind opts [$($label),*] $($buckets)?)?)?
                };)*
                let all = Self { registry, refreshed_at: Mutex::new(None), $($field),* };
                all.init_labels();
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
    /// Time spent answering HTTP requests.
    http_request_duration_seconds: histograms ["method", "endpoint"] = SHORT;
    /// Time spent running steps.
    step_duration_seconds: histograms ["tool_addr", "success"] = LONG;
    /// Time spent running tasks.
    task_duration_seconds: histograms ["success"] = LONG;
    /// Time spent calling external systems.
    external_tool_duration_seconds: histograms ["tool_address", "method"] = LONG;
    /// Time from the lease of a task to its outcome.
    lease_duration_seconds: histogram [] = LONG;
    /// Seconds since a loop of this node last succeeded.
    loop_seconds_since_success: gauges ["loop"];
    /// Age of the oldest event that is not in the stream.
    event_outbox_age_seconds: gauge [];
    /// Delay of the most overdue schedule.
    scheduler_lag_seconds: gauge [];
    /// Number of due tasks that wait for a worker.
    due_work_queue_depth: gauges ["priority"];
    /// Number of workers with a heartbeat in the last minute.
    active_workers: gauge [];
    /// Number of database connections.
    database_connections: gauges ["pool", "state"];
    /// Number of tasks.
    tasks_total: gauges ["status"];
    /// Number of HTTP requests.
    http_requests_total: counters ["method", "endpoint", "status_code"];
    /// Number of finished runs.
    runs_total: counters ["status"];
    /// Number of tasks created.
    tasks_created_total: counters ["schedule_kind"];
    /// Number of steps that succeeded.
    step_success_total: counters ["tool_addr"];
    /// Number of steps that failed.
    step_failure_total: counters ["tool_addr", "error_type"];
    /// Number of calls to external systems.
    external_tool_calls_total: counters ["tool_address", "status_code"];
    /// Number of scheduler iterations.
    scheduler_ticks_total: counters ["result"];
    /// Number of occurrences that the scheduler queued.
    scheduler_jobs_created_total: counters ["schedule_kind"];
    /// Number of worker heartbeats sent.
    worker_heartbeat_total: counter [];
    /// Number of Redis operations.
    redis_operations_total: counters ["operation", "result"];
    /// Number of authentication attempts.
    authentication_attempts_total: counters ["method", "result"];
    /// Number of requests rejected by the rate limit.
    rate_limit_violations_total: counter [];
    /// Number of security events.
    security_events_total: counters ["event_type", "severity"];
}

fn register<C: Collector + Clone + 'static>(registry: &Registry, metric: C) -> Result<C, prometheus::Error> {
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

impl Metrics {
    /// Creates every label value that is known in advance.
    fn init_labels(&self) {
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

    /// Reads the database's gauges if they are outdated. After an error they keep their last values.
    pub(crate) async fn refresh(&self, store: &Store) -> Result<(), StoreError> {
        {
            let mut refreshed_at = lock(&self.refreshed_at);
            if refreshed_at.is_some_and(|at| at.elapsed() < REFRESH_INTERVAL) {
                return Ok(());
            }
            *refreshed_at = Some(Instant::now());
        }
        let gauges = store.gauges().await?;
        self.scheduler_lag_seconds.set(gauges.lag_seconds);
        self.event_outbox_age_seconds.set(gauges.outbox_seconds);
        self.active_workers.set(gauges.active_workers);
        for (priority, depth) in (1..=9).zip(gauges.depth) {
            self.due_work_queue_depth.with_label_values(&[&priority.to_string()]).set(depth);
        }
        for (status, count) in
            [("active", gauges.active), ("paused", gauges.paused), ("canceled", gauges.canceled)]
        {
            self.tasks_total.with_label_values(&[status]).set(count);
        }
        let (size, available) = store.postgres().connections();
        self.database_connections.with_label_values(&["api", "idle"]).set(available as f64);
        self.database_connections.with_label_values(&["api", "in_use"]).set((size - available) as f64);
        Ok(())
    }

    /// All metrics in the Prometheus text format 0.0.4.
    pub(crate) fn text(&self) -> Result<String, prometheus::Error> {
        let mut out = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut out)?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }
}
