//! The Docker engine: version, disk usage and unused objects. For services see [`super::services`].

pub(crate) mod clean;
pub(crate) mod disk_usage;
pub(crate) mod engine;
