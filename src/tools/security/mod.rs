//! Who may do what, and what the audit log records about it.

pub(crate) mod access;
pub(crate) mod audit;
pub(crate) mod events;
