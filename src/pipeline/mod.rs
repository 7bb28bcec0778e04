//! Pipelines: templates, conditions, and the one executor of steps.
//!
//! The executor runs steps concurrently (looking) or in order (acting), each within its
//! time-out, with retries in place. It tells an [`Observer`](crate::model::Observer) what
//! happens and never prints. It knows nothing of runbooks, journals or the engine: a [`Gate`]
//! lets them stand between the steps. [`check`] finds what is wrong with
//! steps before they run.

mod attempt;
pub mod check;
mod executor;
#[cfg(test)]
mod executor_tests;
mod mask;
pub mod scope;
pub mod template;
mod world;

pub use attempt::{Ready, State, StepOutcome, prepare};
pub use executor::{Gate, OpenGate, Pass, Stop, concurrently, in_order, rests_on};
pub use scope::Scope;
pub use world::{DEFAULT_TIMEOUT, World};

// Conditions and templates are made of these; the tool `transform` is, too.
pub use crate::base::expression;
// Who runs pipelines handles tools without importing their layer.
pub use crate::tools::{AnyTool, Cleanups, Output, Registry, Tool, ToolContext, ToolError};
