//! The tool `runbook.run`: a step that runs a runbook. What it may run is named by configuration,
//! because a task is made by whoever may make tasks.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Choice, Consent, Library, Request, run};
use crate::base::cli_error::CliError;
use crate::model::prompt::Answer;
use crate::model::{Consented, Effect, Finding, Kind, Plan, Prompt, Status};
use crate::pipeline::{Output, Registry, Tool, ToolContext, ToolError, World};

/// Runs a runbook.
pub(crate) struct RunbookRun {
    library: Library,
    registry: Registry,
}

/// Which, and with what.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Its name; one of `engine.runbooks`.
    runbook: String,
    /// Its parameters.
    #[serde(default)]
    params: Map<String, Value>,
}

/// What it said.
#[derive(Debug, Serialize)]
pub(crate) struct Said {
    status: Status,
    exit_code: u8,
    duration_seconds: f64,
}

impl RunbookRun {
    /// A tool that runs runbooks of this library with these tools, itself not among them.
    pub(crate) fn new(library: Library, registry: Registry) -> Self {
        Self { library, registry }
    }

    fn parse(&self, name: &str) -> Result<crate::model::Runbook, ToolError> {
        let fault = |f: CliError| ToolError::Params(f.to_string());
        self.library.find(name).and_then(|entry| entry.parse()).map_err(fault)
    }
}

/// Nobody sits at a task: what asks is refused.
struct Nobody;

impl Prompt for Nobody {
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
    type Result = Said;

    const NAME: &'static str = "runbook.run";
    const HELP: &'static str = "runs a runbook that `engine.runbooks` allows";
    const SOURCE: &'static str = "ordctl";

    fn effect(&self, params: &Params) -> Effect {
        match self.parse(&params.runbook) {
            Ok(runbook) if runbook.steps.is_empty() => Effect::Look,
            _ => Effect::Change,
        }
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Said>, ToolError> {
        let allowed = &ctx.settings.engine.runbooks;
        if !allowed.contains(&params.runbook) {
            return Err(ToolError::Refused {
                message: format!("the runbook '{}' is not allowed to tasks", params.runbook),
                hint: Some("name it in engine.runbooks".to_owned()),
            });
        }
        let request = Request {
            runbook: self.parse(&params.runbook)?,
            params: params.params.into_iter().collect::<IndexMap<_, _>>(),
            choice: Choice::default(),
            dry_run: false,
            resume: false,
            consent: Consent::Configuration(Consented::from_configuration("engine.runbooks")),
            wait: std::time::Duration::ZERO,
        };
        let world = World { registry: self.registry.clone(), ctx: ctx.clone() };
        // Whoever stops the task drops this future.
        let (_go, stop) = tokio::sync::watch::channel(false);
        let report = run(&world, &request, &Nobody, stop)
            .await
            .map_err(|f| ToolError::Refused { message: f.to_string(), hint: f.hint.clone() })?;
        let (status, exit_code) = (report.status, report.exit_code());
        let findings: Vec<Finding> = report.sections.into_iter().flat_map(|s| s.findings).collect();
        if report.kind == Kind::Act && exit_code > 1 {
            let worst = findings.iter().find(|f| f.status == Status::Crit);
            let why = worst.map_or_else(String::new, |f| format!(": {}", f.summary));
            return Err(ToolError::rejected(format!("the runbook '{}' failed{why}", params.runbook)));
        }
        let said = Said { status, exit_code, duration_seconds: report.duration_seconds };
        Ok(Output::new(findings, said))
    }
}
