//! Tools: the building blocks of steps. A tool is a type with a name, typed parameters, a typed result and an
//! effect. It returns data and never prints.
//!
//! Checks and actions are grouped by subject. To add a tool, add a file to the folder of its subject and a line
//! to [`registry`].

mod answering;
mod cleanup;
mod compute;
mod context;
mod error;
mod judge;
mod registry;
mod scalar;

pub(crate) mod alerts;
pub(crate) mod backup;
pub(crate) mod baseline;
pub(crate) mod docker;
pub(crate) mod general;
pub(crate) mod host;
pub(crate) mod logs;
pub(crate) mod postgres;
pub(crate) mod queue;
pub(crate) mod redis;
pub(crate) mod security;
pub(crate) mod services;

use async_trait::async_trait;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::model::{Effect, Finding, StepPlan};

pub(crate) use answering::Answering;
pub(crate) use cleanup::CleanupSet;
pub(crate) use compute::{compute, evaluation_error};
pub(crate) use context::ToolContext;
pub(crate) use error::ToolError;
pub(crate) use registry::{Registry, present_name};

/// The named queries of tools.
pub(crate) use crate::store::Library as Queries;

/// A tool. Every future may be dropped at any await, when the step times out.
pub(crate) trait Tool: Send + Sync + 'static {
    /// The content of `with`.
    type Params: DeserializeOwned + JsonSchema + Send + Sync;
    /// Available to later steps as `steps.<save_as>`.
    type Result: Serialize;

    /// Its name in `uses`.
    const NAME: &'static str;
    /// One imperative sentence.
    const HELP: &'static str;
    /// The system that its findings come from, such as `postgresql`.
    const SOURCE: &'static str;
    /// Whether a task may change something with it directly. The right to create tasks does not include the right
    /// to change the system: every other change needs a runbook from `engine.runbooks`.
    const TASKS_MAY_CHANGE: bool = false;
    /// The parameters that a step may fill with `${secret:NAME}`. The tool hands their values to nobody else, and
    /// returns none of them.
    const SECRET_PARAMS: &'static [&'static str] = &[];

    /// Where secrets go, for `secrets.bind`: `host:port` or a program.
    fn secret_target(&self, _params: &Self::Params) -> Option<String> {
        None
    }

    fn effect(&self, _params: &Self::Params) -> Effect {
        Effect::Look
    }

    /// Checks unrendered parameters beyond what their types express.
    fn review(&self, _with: &Map<String, Value>, _queries: &Queries) -> Vec<ParamIssue> {
        Vec::new()
    }

    /// Checks the preconditions and returns what [`Tool::run`] will do, as a sentence and as its exact statements or
    /// calls, without changes.
    fn plan(
        &self,
        _params: &Self::Params,
        _ctx: &ToolContext,
    ) -> impl Future<Output = Result<StepPlan, ToolError>> + Send {
        std::future::ready(Ok(StepPlan::default()))
    }

    fn run(
        &self,
        params: Self::Params,
        ctx: &ToolContext,
    ) -> impl Future<Output = Result<Output<Self::Result>, ToolError>> + Send;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ParamIssue {
    /// The parameter.
    pub(crate) key: &'static str,
    pub(crate) message: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Output<T> {
    /// For the report.
    pub(crate) findings: Vec<Finding>,
    /// For later steps.
    pub(crate) result: T,
}

impl<T> Output<T> {
    pub(crate) fn new(findings: Vec<Finding>, result: T) -> Self {
        Self { findings, result }
    }
}

/// A tool with JSON parameters and result, for dynamic dispatch.
#[async_trait]
pub(crate) trait AnyTool: Send + Sync {
    /// Its name in `uses`.
    fn name(&self) -> &'static str;
    fn help(&self) -> &'static str;
    /// The system that its findings come from.
    fn source(&self) -> &'static str;
    /// See [`Tool::TASKS_MAY_CHANGE`].
    fn tasks_may_change(&self) -> bool;
    /// See [`Tool::SECRET_PARAMS`].
    fn secret_params(&self) -> &'static [&'static str];
    /// See [`Tool::secret_target`].
    fn secret_target(&self, with: &Value) -> Result<Option<String>, ToolError>;
    /// The JSON Schema of its parameters.
    fn schema(&self) -> Schema;
    /// The effect with these parameters.
    fn effect(&self, with: &Value) -> Result<Effect, ToolError>;
    /// See [`Tool::review`].
    fn review(&self, with: &Map<String, Value>, queries: &Queries) -> Vec<ParamIssue>;
    /// See [`Tool::plan`].
    async fn plan(&self, with: Value, ctx: &ToolContext) -> Result<StepPlan, ToolError>;
    /// See [`Tool::run`].
    async fn run(&self, with: Value, ctx: &ToolContext) -> Result<Output<Value>, ToolError>;
}

#[async_trait]
impl<T: Tool> AnyTool for T {
    fn name(&self) -> &'static str {
        T::NAME
    }

    fn help(&self) -> &'static str {
        T::HELP
    }

    fn source(&self) -> &'static str {
        T::SOURCE
    }

    fn tasks_may_change(&self) -> bool {
        T::TASKS_MAY_CHANGE
    }

    fn secret_params(&self) -> &'static [&'static str] {
        T::SECRET_PARAMS
    }

    fn secret_target(&self, with: &Value) -> Result<Option<String>, ToolError> {
        Ok(Tool::secret_target(self, &params::<T>(with.clone())?))
    }

    fn schema(&self) -> Schema {
        schemars::schema_for!(T::Params)
    }

    fn effect(&self, with: &Value) -> Result<Effect, ToolError> {
        Ok(Tool::effect(self, &params::<T>(with.clone())?))
    }

    fn review(&self, with: &Map<String, Value>, queries: &Queries) -> Vec<ParamIssue> {
        Tool::review(self, with, queries)
    }

    async fn plan(&self, with: Value, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        Tool::plan(self, &params::<T>(with)?, ctx).await
    }

    async fn run(&self, with: Value, ctx: &ToolContext) -> Result<Output<Value>, ToolError> {
        let output = Tool::run(self, params::<T>(with)?, ctx).await?;
        let result = serde_json::to_value(output.result)
            .map_err(|e| ToolError::failed(format!("the result cannot be serialized: {e}")))?;
        Ok(Output { findings: output.findings, result })
    }
}

fn params<T: Tool>(with: Value) -> Result<T::Params, ToolError> {
    serde_json::from_value(with).map_err(|e| {
        let near = crate::base::yaml::suggest_key(&e.to_string());
        let near = near.map_or_else(String::new, |hint| format!(" ({hint})"));
        ToolError::Params(format!("{}: {e}{near}", T::NAME))
    })
}
