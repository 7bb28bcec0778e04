//! Tools that look: each asks one system and returns findings.

pub mod alerts;
pub mod backup;
pub mod containers;
pub mod data_dir;
pub mod disk;
pub mod docker;
pub mod docker_df;
pub mod endpoints;
pub mod growth;
pub mod latency;
pub mod logs;
pub mod memory;
pub mod pooler;
pub mod postgres;
pub mod postgres_rights;
pub mod promql;
pub mod query;
pub mod queue;
pub mod redis;
pub mod runs;
pub mod scaling;
pub mod trend;
pub mod usage;
pub mod utilisation;
pub mod waits;
pub mod workers;
