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
//! After adding a file, name it in its folder's `mod.rs`. `make bless` writes anew what is made from
//! the program: completions, the manual page, the JSON Schema of runbooks.
//!
//! | to add | write |
//! |---|---|
//! | a numeric check | a file in `queries/` and one line of YAML in a runbook |
//! | a query | a `.sql` or `.promql` file in `queries/`; its first comment line is the question; `-- bind:` names its values, `-- task: yes` lets tasks ask it |
//! | a runbook | a YAML file in `runbooks/`; its path is its name; one that acts gets a row in `tests/rehearsal.rs` |
//! | a check that needs code | a file in `src/tools/checks/` and a line in `src/tools/registry.rs` |
//! | an action | a file in `src/tools/actions/` that says its `effect` and its `plan`, a line in `src/tools/registry.rs`; a statement that names tables or indexes is made in `src/store/statements.rs` |
//! | a measurement | a file in `src/tools/measures/`, whose findings carry a figure, and a line in `src/tools/registry.rs` |
//! | a tool that neither checks nor acts on the system | a file in `src/tools/general/` and a line in `src/tools/registry.rs` |
//! | what several tools share | a module of its own in `src/tools/`, as `services/` (containers), `backup/` (dumps) and `tail/` (logs) are |
//! | what services run on | an implementation of `Platform` in `src/clients/platform.rs` |
//! | an outside system | a module in `src/clients/`; a field of `Clients`, set in its constructor, with an accessor and a line in `Clients::check` |
//! | a route | a thin function in its resource's file in `src/engine/api/` and a row in `routes.rs` there, which says who may ask; what it does, its audit row and its notice in `src/engine/tasks/`, `agents/` or `events/`; its statement in `queries/engine/`; a row in `tests/api/rights.rs` |
//! | a migration | the next number in `queries/engine/migrations/` |
//! | a setting | a field in `src/base/settings/`; its variable in `src/base/env.rs` |
//! | what a step reclaimed, in the report's summary | a field `reclaimed` of the tool's result: [`model::Reclaimed`] |
//! | an output format | a file in `src/render/` and a line in its `Format` and `report` |
//! | a command | a file in `src/commands/`; a variant and an arm in `src/commands/cli.rs`; a row in README's table |
//! | a loop that every node runs | a module in `src/engine/`, started in `node.rs`; its SQL in a folder of `queries/engine/` |
//! | a test of one of the engine's promises | `tests/engine/<theme>.rs`, on the nodes and tables of `tests/support/engine.rs` |

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
