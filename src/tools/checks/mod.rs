//! Tools that look: each asks one system and returns findings.

pub mod alerts;
pub mod containers;
pub mod disk;
pub mod docker_df;
pub mod endpoints;
pub mod latency;
pub mod logs;
pub mod memory;
pub mod promql;
pub mod query;
pub mod redis;
