//! Tools that neither check nor act on the system: what a task is made of.

pub(crate) mod event_publish;
pub(crate) mod http_request;
pub(crate) mod log;
pub(crate) mod noop;
pub(crate) mod shell_exec;
pub(crate) mod sql_query;
pub(crate) mod transform;
pub(crate) mod wait;
