//! Tools that look: each asks one system and returns findings.

pub mod data_dir;
pub mod pooler;
pub mod postgres;
pub mod postgres_rights;
pub mod query;
pub mod queue;
pub mod workers;
