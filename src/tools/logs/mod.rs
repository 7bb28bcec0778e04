//! Service logs: reading, merging by time, folding into patterns, and checking.

pub(crate) mod check;
pub(crate) mod log_files;
pub(crate) mod tail;
