//! Tools: what a step can use. A tool is a small type with a name, typed parameters, a typed
//! result and an effect; it returns data and never prints.
//!
//! A check and an action on one subject are neighbours. To add a tool, write its file in the folder of
//! its subject and add one line to [`registry`].

mod cleanup;
mod context;
mod error;
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

use crate::model::{Effect, Finding};

pub(crate) use cleanup::CleanupSet;
pub(crate) use context::ToolContext;
pub(crate) use error::ToolError;
pub(crate) use registry::Registry;

/// The named queries that tools ask.
pub(crate) use crate::store::Library as Queries;

/// A tool. Every future may be dropped at any await, when the step times out.
pub(crate) trait Tool: Send + Sync + 'static {
    /// What `with` holds.
    type Params: DeserializeOwned + JsonSchema + Send + Sync;
    /// What later steps can read under `steps.<save_as>`.
    type Result: Serialize;

    /// Its name in `uses`.
    const NAME: &'static str;
    /// What it does, in a sentence.
    const HELP: &'static str;
    /// The system that its findings come from, such as `postgresql`.
    const SOURCE: &'static str;

    /// What it does to the world.
    fn effect(&self, _params: &Self::Params) -> Effect {
        Effect::Look
    }

    /// What is wrong with parameters as they were written, as far as it can be known before their
    /// templates are rendered and beyond what their types tell.
    fn review(&self, _with: &Map<String, Value>, _queries: &Queries) -> Vec<ParamIssue> {
        Vec::new()
    }

    /// For a tool that changes something: checks every precondition that can be checked, changes
    /// nothing, and returns the exact statements or calls that [`Tool::run`] would make.
    fn plan(
        &self,
        _params: &Self::Params,
        _ctx: &ToolContext,
    ) -> impl Future<Output = Result<Vec<String>, ToolError>> + Send {
        std::future::ready(Ok(Vec::new()))
    }

    fn run(
        &self,
        params: Self::Params,
        ctx: &ToolContext,
    ) -> impl Future<Output = Result<Output<Self::Result>, ToolError>> + Send;
}

/// Something wrong with a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ParamIssue {
    /// The parameter.
    pub(crate) key: &'static str,
    pub(crate) message: String,
}

/// What a tool gives back.
#[derive(Clone, Debug)]
pub(crate) struct Output<T> {
    /// What it found, for the report.
    pub(crate) findings: Vec<Finding>,
    /// What it found, for later steps.
    pub(crate) result: T,
}

impl<T> Output<T> {
    /// Findings and a result.
    pub(crate) fn new(findings: Vec<Finding>, result: T) -> Self {
        Self { findings, result }
    }
}

/// A tool without its types, as the executor handles it.
#[async_trait]
pub(crate) trait AnyTool: Send + Sync {
    /// Its name in `uses`.
    fn name(&self) -> &'static str;
    /// What it does, in a sentence.
    fn help(&self) -> &'static str;
    /// The system that its findings come from.
    fn source(&self) -> &'static str;
    /// The JSON Schema of its parameters.
    fn schema(&self) -> Schema;
    /// What it does to the world with these parameters.
    fn effect(&self, with: &Value) -> Result<Effect, ToolError>;
    /// See [`Tool::review`].
    fn review(&self, with: &Map<String, Value>, queries: &Queries) -> Vec<ParamIssue>;
    /// See [`Tool::plan`].
    async fn plan(&self, with: Value, ctx: &ToolContext) -> Result<Vec<String>, ToolError>;
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

    fn schema(&self) -> Schema {
        schemars::schema_for!(T::Params)
    }

    fn effect(&self, with: &Value) -> Result<Effect, ToolError> {
        Ok(Tool::effect(self, &params::<T>(with.clone())?))
    }

    fn review(&self, with: &Map<String, Value>, queries: &Queries) -> Vec<ParamIssue> {
        Tool::review(self, with, queries)
    }

    async fn plan(&self, with: Value, ctx: &ToolContext) -> Result<Vec<String>, ToolError> {
        Tool::plan(self, &params::<T>(with)?, ctx).await
    }

    async fn run(&self, with: Value, ctx: &ToolContext) -> Result<Output<Value>, ToolError> {
        let output = Tool::run(self, params::<T>(with)?, ctx).await?;
        let result = serde_json::to_value(output.result)
            .map_err(|e| ToolError::failed(format!("its result is no JSON: {e}")))?;
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
