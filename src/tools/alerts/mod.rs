//! Alertmanager and Prometheus.

pub(crate) mod active;
pub(crate) mod promql;
