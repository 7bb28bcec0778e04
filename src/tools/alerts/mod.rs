//! Alertmanager and Prometheus checks.

pub(crate) mod active;
pub(crate) mod promql;
