//! Tools that change something. Each says beforehand exactly what it would do.

pub mod analyze;
pub mod probe;
pub mod prune;
pub mod reindex;
pub mod service_restart;
pub mod service_scale;
pub mod service_start;
pub mod service_stop;
mod session;
pub mod vacuum;
