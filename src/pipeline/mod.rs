//! Pipelines: templates, conditions, and the one executor of steps.
//!
//! The [`Executor`] runs steps concurrently (checks) or sequentially (actions), each within its timeout and
//! with in-place retries. It reports progress to an [`Observer`](crate::model::Observer) and never prints. It
//! does not know runbooks, journals or the engine: a [`StepGate`] lets them act before and after each step.
//! [`check`] finds problems before steps run.

mod attempt;
pub(crate) mod check;
mod executor;
#[cfg(test)]
mod executor_bounds_tests;
#[cfg(test)]
mod executor_tests;
mod mask;
mod secret_use;
pub(crate) mod template;
pub(crate) mod template_context;

pub(crate) use attempt::{State, StepOutcome, prepare};
pub(crate) use executor::{
    DEFAULT_TIMEOUT, Decision, Executor, NoGate, StepGate, Stop, dependencies, run_concurrent, run_sequential,
};
pub(crate) use template_context::TemplateContext;

// Conditions, templates and the tool `transform` evaluate these.
pub(crate) use crate::base::expression;
// The layers above use tools through this one.
pub(crate) use crate::tools::{CleanupSet, Output, Registry, Tool, ToolContext, ToolError, present_name};
