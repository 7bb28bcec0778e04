//! ordctl operates a PostgreSQL-backed task scheduler. This page is the map.
//!
//! # The idea
//!
//! Everything ordctl does is a **step** that names a **tool**. A **pipeline** is a list of steps, a
//! **runbook** is a pipeline in a YAML file, and a **command** selects a runbook and prints its report.
//!
//! # The layers
//!
//! Imports point downward only; `tests/architecture.rs` enforces this table.
//!
//! | layer | contains | may import |
//! |---|---|---|
//! | [`base`] | settings, exit codes, errors, secrets, units, expressions | - |
//! | [`model`] | plain data | base |
//! | [`clients`] | one module per outside system; [`clients::platform`] is the neutral view of Docker | model, base |
//! | [`store`] | typed queries by subject | clients::postgres, model, base |
//! | [`tools`] | checks and actions by subject, and the registry | store, clients, model, base |
//! | [`pipeline`] | templates, conditions, the executor | tools, model, base |
//! | [`runbook`] | finding, checking and running runbooks | pipeline, store, clients::postgres, model, base |
//! | [`engine`] | migrations, embedded PostgreSQL, scheduler, worker, HTTP API | pipeline, store, clients, model, base |
//! | [`render`] | all output | model, base |
//! | [`commands`] | the command line | everything above |
//!
//! # Where to add what
//!
//! Add a new file to its folder's `mod.rs`. `make bless` writes everything that is generated from the
//! program: completions, the manual page, the JSON Schema of runbooks, the transcripts.
//!
//! | to add | write |
//! |---|---|
//! | a numeric check | a file in `queries/` and one line of YAML in a runbook |
//! | a query | a `.sql` or `.promql` file in `queries/`; its first comment line states the question, `-- bind:` names its values, `-- task: yes` allows it in tasks |
//! | a runbook | a YAML file in `runbooks/`; its path is its name; one that acts gets a row in `tests/dry_runs.rs` |
//! | a tool (check, action or measurement) | a file in the folder of its subject in `src/tools/` and a line in `src/tools/registry.rs`; an action declares its `effect` and `plan` |
//! | a tool for tasks that touches no operated system | a file in `src/tools/general/` and a line in `src/tools/registry.rs` |
//! | a platform for services | an implementation of `Platform` in a folder of `src/clients/platform/`; `Clients` in `src/clients/mod.rs` holds the one in use |
//! | an outside system | a module in `src/clients/`; a field of `Clients` with an accessor and a line in `Clients::check` |
//! | a statement that names tables or indexes | a function in `src/store/statements.rs` |
//! | an API route | a handler in its resource's file in `src/engine/api/` and a row in its `routes.rs`; the logic in `src/engine/tasks/`, `agents/` or `events/`; the statement in `queries/engine/` and its typed function in `src/store/`; a row in `tests/api/scopes.rs` |
//! | a migration | the next number in `queries/engine/migrations/` |
//! | a setting | a field in `src/base/settings/`; its variable in `src/base/env.rs` |
//! | reclaimed rows or bytes in a report's summary | a field `reclaimed` of the tool's result: [`model::Reclaimed`] |
//! | an output format | a file in `src/render/` and a line in its `Format` and `report` |
//! | a command | a file in `src/commands/`; a variant and an arm in `src/commands/cli.rs`; a case in `tests/transcripts/systems.rs` |
//! | a command that changes the engine (as `hold` and `task` do) | a function in `src/engine/` that demands `Consented`, its statement in `src/store/`, and a call of `act` in `src/commands/act.rs`, which shows the plan, asks and keeps the journal |
//! | a page of the web console | nothing yet: there is no console. Every view and button will be an API route first |
//! | a documentation page | a file in `docs/` and a row in README's table |
//! | a loop on every node | a module in `src/engine/`, started in `node.rs`; its SQL in a folder of `queries/engine/`, prepared by a struct in `src/store/prepared.rs` |
//! | a test of an engine guarantee | `tests/engine/<theme>.rs`, with the nodes and tables of `tests/support/engine.rs` |

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
