//! Tools that look: each asks one system and returns findings.

pub mod postgres;
pub mod query;
pub mod queue;
pub mod workers;
