//! The logs of the system's services: reading, merging, folding and judging them.

pub(crate) mod check;
pub(crate) mod log_files;
pub(crate) mod tail;
