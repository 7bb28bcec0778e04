//! The tool `runbook.run`: a step that runs a runbook. Configuration names the allowed runbooks, because
//! anyone with `tasks:write` can create a task. It is part of this layer because tools may not import it.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Choice, Consent, Library, Request, run};
use crate::base::cli_error::CliError;
use crate::model::prompt::Answer;
use crate::model::{Consented, Effect, Finding, Kind, Plan, Prompt, Status};
use crate::pipeline::{Executor, Output, Registry, Tool, ToolContext, ToolError};

pub(crate) struct RunbookRun {
    library: Library,
    registry: Registry,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The runbook's name; `engine.runbooks` must list it.
    runbook: String,
    /// The runbook's parameters.
    #[serde(default)]
    params: Map<String, Value>,
}

#[derive(Debug, Serialize)]
pub(crate) struct RunbookResult {
    status: Status,
    exit_code: u8,
    duration_seconds: f64,
}

impl RunbookRun {
    /// Runs runbooks of this library with these tools, which do not include itself.
    pub(crate) fn new(library: Library, registry: Registry) -> Self {
        Self { library, registry }
    }

    fn parse(&self, name: &str) -> Result<crate::model::Runbook, ToolError> {
        let fault = |f: CliError| ToolError::Params(f.to_string());
        self.library.find(name).and_then(|entry| entry.parse()).map_err(fault)
    }
}

/// A task has no terminal.
struct NoTerminal;

impl Prompt for NoTerminal {
    fn show(&self, _: &Plan) {}

    fn confirm(&self, _: &str) -> Answer {
        Answer::Nobody
    }

    fn confirm_name(&self, _: &str, _: &str) -> Answer {
        Answer::Nobody
    }
}

impl Tool for RunbookRun {
    type Params = Params;
    type Result = RunbookResult;

    const NAME: &'static str = "runbook.run";
    const HELP: &'static str = "Run a runbook from engine.runbooks";
    const SOURCE: &'static str = "ordctl";
    const TASKS_MAY_CHANGE: bool = true;

    fn effect(&self, params: &Params) -> Effect {
        match self.parse(&params.runbook) {
            Ok(runbook) if runbook.steps.is_empty() => Effect::Look,
            _ => Effect::Change,
        }
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<RunbookResult>, ToolError> {
        let allowed = &ctx.settings.engine.runbooks;
        if !allowed.contains(&params.runbook) {
            return Err(ToolError::Refused {
                message: format!("runbook '{}' is not allowed for tasks", params.runbook),
                hint: Some(format!("add {} to engine.runbooks in ordctl.yaml", params.runbook)),
            });
        }
        let runbook = super::load_valid(&self.library, &self.registry, &ctx.library, &params.runbook)
            .map_err(|f| ToolError::Refused { message: f.to_string(), hint: f.hint })?;
        let request = Request {
            runbook,
            params: params.params.into_iter().collect::<IndexMap<_, _>>(),
            choice: Choice::default(),
            dry_run: false,
            resume: false,
            consent: Consent::Configuration(Consented::from_configuration("engine.runbooks")),
            wait: std::time::Duration::ZERO,
        };
        let executor = Executor { registry: self.registry.clone(), ctx: ctx.clone() };
        // Stopping the task drops this future.
        let (_sender, stop) = tokio::sync::watch::channel(false);
        let report = run(&executor, &request, &NoTerminal, stop)
            .await
            .map_err(|f| ToolError::Refused { message: f.to_string(), hint: f.hint.clone() })?;
        let (status, exit_code) = (report.status, report.exit_code());
        let findings: Vec<Finding> = report.sections.into_iter().flat_map(|s| s.findings).collect();
        if report.kind == Kind::Act && exit_code > 1 {
            let worst = findings.iter().find(|f| f.status == Status::Crit);
            let why = worst.map_or_else(String::new, |f| format!(": {}", f.summary));
            return Err(ToolError::rejected(format!("the runbook '{}' failed{why}", params.runbook)));
        }
        let result = RunbookResult { status, exit_code, duration_seconds: report.duration_seconds };
        Ok(Output::new(findings, result))
    }
}
