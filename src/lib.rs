pub mod base;
pub mod clients;
pub mod model;
