//! The Docker engine itself: its version, the disk it uses, and unused objects. Services are in [`super::services`].

pub(crate) mod clean;
pub(crate) mod disk_usage;
pub(crate) mod engine;
