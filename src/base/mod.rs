//! What every layer may use: settings, exit codes, faults, secrets, units, the clock,
//! JMESPath.
//!
//! Nothing here talks to an outside system, and nothing here prints.

pub(crate) mod aim;
pub(crate) mod cli_error;
pub(crate) mod clock;
pub mod day;
pub(crate) mod env;
pub mod exit;
pub(crate) mod expression;
pub mod layout;
pub(crate) mod moment;
pub(crate) mod month;
pub(crate) mod pattern;
pub mod secret;
pub(crate) mod secrets;
pub mod settings;
pub(crate) mod size;
pub(crate) mod suggest;
pub(crate) mod units;
pub mod yaml;
