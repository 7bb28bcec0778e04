//! ordctl.
pub mod base;
pub mod clients;
pub mod engine;
pub mod model;
pub mod store;
pub mod tools;
