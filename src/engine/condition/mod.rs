//! Condition tasks: queued when something turns true.
//!
//! # The notation
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
//! It is evaluated every 60 s, or every so often (1 s at least), and must have been true for 0 s, or
//! for so long. White space between words is free: `query: tasks_active > 100 every 30s for 5m`.
//!
//! # The promises
//!
//! * **A step.** The check is a step like any other, with its tool, time-out and secrets. It only looks.
//! * **Once for each truth.** A task is queued when its condition has been seen true for the hold
//!   time, and not again until it has been seen false. Time in which nobody looked (no scheduler ran, the
//!   task was paused) does not count: what was true before it and is true after it begins anew.
//! * **Unknown changes nothing.** An error, a time-out, no number, or a runbook that could not ask is
//!   neither true nor false. The error stands in `ordctl.condition` and in `ordctl task show`.
//! * **An edit starts afresh**, also one by another program: a trigger forgets what was seen. A
//!   task that is paused is not evaluated, and what was seen of it stays, but for the hold time.
//! * **Nobody waits for another's system.** Queries, PromQL and runbooks have slots of their own on a node.
//! * **Any number of nodes.** An evaluation is taken on by a compare and swap, with a new token, for
//!   a minute. Writing down what it saw, with the due work if that fires, is one statement
//!   that finds its row by the token. So a node that dies is replaced, and one that comes late writes
//!   nothing. The occurrence is named after the instant of turning true.
//!
//! The pipeline reads `event.condition`, `event.value` and `event.since`.
//! While the engine is held nothing is evaluated, as no schedule is followed: a restored database asks nobody.

mod check;
mod parse;
mod standing;
mod watch;

pub(crate) use check::review;
pub(crate) use parse::{Condition, ParseError};
pub(crate) use watch::watch;
