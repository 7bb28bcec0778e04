//! Pipelines: templates, conditions, and the one executor of steps.
//!
//! The executor runs steps concurrently (looking) or in order (acting), each within its
//! time-out, with retries in place. It tells an [`Observer`](crate::model::Observer) what
//! happens and never prints. It knows nothing of runbooks, journals or the engine: a [`Gate`]
//! lets them stand between the steps. [`check`] finds what is wrong with
//! steps before they run.

mod attempt;
pub(crate) mod check;
mod executor;
#[cfg(test)]
mod executor_tests;
mod mask;
pub(crate) mod scope;
pub(crate) mod template;
mod world;

pub(crate) use attempt::{State, StepOutcome, prepare};
pub(crate) use executor::{Gate, OpenGate, Pass, Stop, concurrently, in_order, rests_on};
pub(crate) use scope::Scope;
pub(crate) use world::{DEFAULT_TIMEOUT, World};

// Conditions and templates are made of these; the tool `transform` is, too.
pub(crate) use crate::base::expression;
// Who runs pipelines handles tools without importing their layer.
pub(crate) use crate::tools::{CleanupSet, Output, Registry, Tool, ToolContext, ToolError};
