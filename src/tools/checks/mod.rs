//! Tools that look: each asks one system and returns findings.

pub mod query;
