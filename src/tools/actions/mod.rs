//! Tools that change something. Each says beforehand exactly what it would do.

pub mod analyze;
pub mod analyze_all;
pub mod backup_config;
pub mod backup_create;
pub mod backup_prune;
pub mod backup_publish;
pub mod backup_verify;
pub mod docker_clean;
pub mod prune;
pub mod reindex;
pub mod service_restart;
pub mod service_scale;
pub mod service_start;
pub mod service_stop;
mod session;
pub mod stats_reset;
pub mod vacuum;
