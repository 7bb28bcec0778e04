//! ordctl operates a PostgreSQL-backed task scheduler. This page is the map.
//!
//! # The idea
//!
//! Everything is a **step** that names a **tool**. A **pipeline** is a list of steps, a **runbook**
//! is a pipeline in a YAML file, and a **command** picks a runbook and shows its report.
//!
//! # The layers
//!
//! Imports only run downward; `tests/architecture.rs` enforces this table.
//!
//! | layer | is | may import |
//! |---|---|---|
//! | [`base`] | settings, exit codes, faults, secrets, units, expressions | – |
//! | [`model`] | plain data | base |
//! | [`clients`] | one module for each outside system | model, base |
//! | [`store`] | named queries and their typed rows | clients::postgres, model, base |
//! | [`tools`] | the registry, checks, actions and general tools | store, clients, model, base |
//! | [`pipeline`] | templates, conditions, the executor | tools, model, base |
//! | [`runbook`] | finding, checking and running runbooks | pipeline, store, clients::postgres, model, base |
//! | [`engine`] | migrations, the embedded PostgreSQL, scheduler and worker | pipeline, store, clients, model, base |
//! | [`render`] | the only place that prints | model, base |
//! | [`commands`] | the command line | everything above |
//!
//! # Where to add what
//!
//! | to add | write |
//! |---|---|
//! | a numeric check | a file in `queries/` and one line of YAML in a runbook |
//! | a query | a `.sql` or `.promql` file in `queries/`; its first comment line is the question |
//! | a runbook | a YAML file in `runbooks/`; its path is its name |
//! | a check that needs code | a file in `src/tools/checks/` and a line in `src/tools/registry.rs` |
//! | an action | a file in `src/tools/actions/` and a line in `src/tools/registry.rs` |
//! | a tool that neither checks nor acts on the system | a file in `src/tools/general/` and a line in `src/tools/registry.rs` |
//! | an outside system | a module in `src/clients/` and a field of `Clients` |
//! | a route | a function in its resource's file in `src/engine/api/`, a line in `routes` there, its statement in `queries/engine/api/` |
//! | a migration | the next number in `queries/engine/migrations/` |
//! | a setting | a field in `src/base/settings/`; its variable in `src/base/env.rs` |
//! | an output format | a file in `src/render/` and a line in its `Format` and `report` |
//! | a command | a file in `src/commands/` and a line in its `Command` |

pub mod base;
pub mod clients;
pub mod commands;
pub mod engine;
pub mod model;
pub mod pipeline;
pub mod render;
pub mod runbook;
pub mod store;
pub mod tools;
