//! Redis checks.

pub(crate) mod server;
