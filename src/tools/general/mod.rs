//! General-purpose tools for tasks, which neither check nor change a specific system.

pub(crate) mod event_publish;
pub(crate) mod http_request;
pub(crate) mod log;
pub(crate) mod noop;
pub(crate) mod shell_exec;
pub(crate) mod sql_query;
pub(crate) mod transform;
pub(crate) mod wait;
