//! Tools that change something. Each says beforehand exactly what it would do.

pub mod analyze;
