//! Tools that neither check nor act on the system: what a task is made of.

pub mod event_publish;
pub mod http_request;
pub mod log;
pub mod noop;
pub mod shell_exec;
pub mod sql_query;
pub mod transform;
pub mod wait;
