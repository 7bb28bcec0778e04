//! Redis checks.

mod persistence;
pub(crate) mod server;
