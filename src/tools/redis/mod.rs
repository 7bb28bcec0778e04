//! Redis.

pub(crate) mod server;
