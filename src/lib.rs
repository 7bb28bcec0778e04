//! ordctl.
pub mod base;
pub mod clients;
pub mod model;
pub mod pipeline;
pub mod render;
pub mod runbook;
pub mod store;
pub mod tools;
