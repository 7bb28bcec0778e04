//! This machine: disks, memory, and the directory that ordctl writes to.

pub(crate) mod data_dir;
pub(crate) mod disk;
pub(crate) mod memory;
