//! Privileges in PostgreSQL, and the audit log.

pub(crate) mod access;
pub(crate) mod audit;
pub(crate) mod events;
