//! Tools that change something. Each says beforehand exactly what it would do.

pub(crate) mod analyze;
pub(crate) mod analyze_all;
pub(crate) mod backup_config;
pub(crate) mod backup_create;
pub(crate) mod backup_prune;
pub(crate) mod backup_publish;
pub(crate) mod backup_verify;
pub(crate) mod docker_clean;
pub(crate) mod probe;
pub(crate) mod prune;
pub(crate) mod reindex;
pub(crate) mod service_restart;
pub(crate) mod service_scale;
pub(crate) mod service_start;
pub(crate) mod service_stop;
mod session;
pub(crate) mod stats_reset;
pub(crate) mod vacuum;
