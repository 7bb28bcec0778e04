//! Condition tasks: queued when a condition turns true (promises 1, 2 and 5).
//!
//! # Syntax
//!
//! ```text
//! CONDITION = CHECK [ "every" SPAN ] [ "for" SPAN ]
//! CHECK     = "query:" NAME OP NUMBER          the first row's `value` of a named SQL query
//!           | "promql:" NAME OP NUMBER         the first sample of a named PromQL query
//!           | "runbook:" NAME "is" VERDICT     the verdict of a runbook that `engine.runbooks` allows
//! OP        = ">" | ">=" | "<" | "<=" | "==" | "!="
//! VERDICT   = "ok" | "warn" | "crit" | "unknown"
//! SPAN      = 30s, 5m, 1h30m …
//! ```
//!
//! `every` is the evaluation interval (default 60 s, minimum 1 s). `for` is how long the condition must
//! hold before it fires (default 0 s). Example: `query: tasks_active > 100 every 30s for 5m`.
//!
//! # Guarantees
//!
//! * **A read-only step.** The check is a step with its tool, timeout and secrets; it changes nothing.
//! * **Fires once per true period.** A task is queued when its condition has held for its `for` time,
//!   and again only after an evaluation was false. Time without evaluations (no scheduler ran, the task
//!   was paused) does not count: the `for` time restarts afterwards.
//! * **Unknown changes nothing.** An error, a timeout, a missing number or a runbook that could not
//!   check is neither true nor false. `ordctl.condition` and `ordctl task show` contain the error.
//! * **An edit resets the state**, also one by another program (by a trigger). A paused task is not
//!   evaluated and keeps its state, except for the `for` time.
//! * **Slow systems are isolated.** SQL, PromQL and runbook checks have separate slots on each node.
//! * **Any number of nodes.** A node claims an evaluation by compare-and-swap, with a new token, for a
//!   minute. One statement finds the row by the token and writes the result and the due work. A node
//!   that dies is replaced, and one that is late writes nothing. The occurrence id is derived from the
//!   time at which the condition turned true.
//!
//! The pipeline can use `event.condition`, `event.value` and `event.since`.
//! While the engine is on hold, nothing is evaluated: a restored database calls no other system.

mod check;
mod evaluator;
mod parse;
mod state;

pub(crate) use check::validate;
pub(crate) use evaluator::run_evaluator;
pub(crate) use parse::{Condition, ParseError};
