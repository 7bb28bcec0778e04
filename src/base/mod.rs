//! What every layer may use: settings, exit codes, faults, secrets, units, the clock,
//! JMESPath.
//!
//! Nothing here talks to an outside system, and nothing here prints.

pub mod aim;
pub mod clock;
pub mod day;
pub mod env;
pub mod exit;
pub mod expression;
pub mod fault;
pub mod layout;
pub mod moment;
pub mod month;
pub mod pattern;
pub mod secret;
pub mod secrets;
pub mod settings;
pub mod size;
pub mod suggest;
pub mod units;
pub mod yaml;
