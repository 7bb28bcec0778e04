//! The work of the scheduler: what waits, who runs it, and how it ended.

pub(crate) mod depth;
pub(crate) mod hold;
pub(crate) mod runs;
pub(crate) mod utilization;
pub(crate) mod utilization_check;
pub(crate) mod waits;
pub(crate) mod workers;
