//! Checks of this machine: disks, memory and the data directory.

pub(crate) mod data_dir;
pub(crate) mod disk;
pub(crate) mod memory;
