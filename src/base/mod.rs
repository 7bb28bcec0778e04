//! Shared by every layer: settings, exit codes, errors, secrets, units, the clock, JMESPath.
//!
//! This layer connects to no outside system and prints nothing.

pub(crate) mod atomic;
pub(crate) mod clean;
pub(crate) mod cli_error;
pub(crate) mod clock;
pub(crate) mod conninfo;
pub mod day;
pub mod discovery;
pub(crate) mod env;
pub mod exit;
pub(crate) mod expression;
pub mod layout;
pub(crate) mod locale;
pub(crate) mod lock;
pub(crate) mod moment;
pub(crate) mod month;
pub(crate) mod pattern;
pub(crate) mod plain_file;
pub(crate) mod sanitize;
pub mod secret;
pub(crate) mod secrets;
pub mod settings;
pub(crate) mod shell;
pub(crate) mod short_time;
pub(crate) mod shorten;
pub(crate) mod size;
mod spellings;
pub(crate) mod suggest;
pub(crate) mod target_flags;
pub(crate) mod typed;
pub(crate) mod units;
pub mod yaml;
