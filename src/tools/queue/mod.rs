//! The queue, its workers and their runs.

pub(crate) mod created;
pub(crate) mod depth;
pub(crate) mod engine;
pub(crate) mod runs;
pub(crate) mod utilization;
pub(crate) mod waits;
pub(crate) mod workers;
