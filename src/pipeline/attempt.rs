//! One step: its condition, parameters, attempts within its timeout, and outcome.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::expression::{Expression, LimitError, Meter, is_true, size};
use super::template::TemplateError;
use super::{Executor, TemplateContext, mask, secret_use, template};
use crate::base::secrets::Secrets;
use crate::base::shorten::shorten;
use crate::base::{suggest, units};
use crate::model::{Effect, Event, Finding, Reclaimed, Status, Step, StepPlan};
use crate::tools::{AnyTool, Output, ToolContext, ToolError, compute, evaluation_error, present_name};

/// The pause between attempts doubles from the first to the second of these.
const MIN_BACKOFF: Duration = Duration::from_millis(200);
const MAX_BACKOFF: Duration = Duration::from_secs(5);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Done,
    /// It did not run and did not have to.
    Skipped,
    /// It ran and failed, or could not run.
    Failed,
    /// A precondition failed; nothing was changed.
    Refused,
    Interrupted,
    NotReached,
}

#[derive(Clone, Debug)]
pub(crate) struct StepOutcome {
    pub(crate) id: String,
    pub(crate) state: State,
    /// For the report. Their ids start with the step's name.
    pub(crate) findings: Vec<Finding>,
    /// The tool's result. After a sequential run only saved results are left.
    pub(crate) result: Option<Arc<Value>>,
    pub(crate) reclaimed: Option<Reclaimed>,
    pub(crate) error: Option<String>,
    pub(crate) elapsed: Duration,
}

impl StepOutcome {
    /// The outcome of a step that did not run.
    pub(crate) fn not_run(step: &Step, state: State, reason: &str) -> Self {
        let status = if state == State::Skipped { Status::Skipped } else { Status::Crit };
        let status = if state == State::NotReached { Status::Skipped } else { status };
        let summary = format!("{}: {reason}", step.title());
        Self {
            id: step.name().to_owned(),
            state,
            findings: vec![Finding::new(step.name(), "ordctl", status, summary)],
            result: None,
            reclaimed: None,
            error: None,
            elapsed: Duration::ZERO,
        }
    }

    /// Whether the next step may run.
    pub(crate) fn allows_next(&self, step: &Step) -> bool {
        match self.state {
            State::Done | State::Skipped => true,
            State::Failed | State::Refused => step.optional,
            State::Interrupted | State::NotReached => false,
        }
    }

    pub(crate) fn status(&self) -> Status {
        Status::worst(self.findings.iter().map(|f| f.status))
    }
}

/// A step whose condition holds, with rendered parameters.
pub(crate) struct PreparedStep<'a> {
    tool: &'a dyn AnyTool,
    /// Rendered parameters hold secrets in clear, so they stay private.
    with: Value,
    pub(crate) effect: Effect,
}

impl PreparedStep<'_> {
    /// Refuses a change that nobody consented to, or that a task may make only through a runbook.
    fn check_permission(&self, uses: &str, ctx: &ToolContext) -> Result<(), ToolError> {
        if self.effect == Effect::Look {
            return Ok(());
        }
        if !ctx.consented.as_ref().is_some_and(|consented| consented.covers(self.effect)) {
            return Err(ToolError::refused("no consent to this change"));
        }
        if self.tool.tasks_may_change() { Ok(()) } else { ctx.refuse_in_task(&format!("use {uses}")) }
    }

    /// See [`Tool::plan`](crate::tools::Tool::plan). Secrets are masked.
    pub(crate) async fn plan(self, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        let planned = ctx.while_answering(self.tool.source(), self.tool.plan(self.with, ctx)).await;
        let StepPlan { text, calls, deletes, idle } = planned.map_err(|e| e.masked(&ctx.secrets))?;
        let mask = |text: &str| ctx.secrets.mask(text);
        Ok(StepPlan {
            text: mask(&text),
            calls: calls.iter().map(|call| mask(call)).collect(),
            deletes: deletes.map(|what| mask(&what)),
            idle,
        })
    }

    async fn run(&self, ctx: &ToolContext) -> Result<Output<Value>, ToolError> {
        let answering = match self.effect {
            Effect::Look => ctx.answering.clone(),
            _ => ctx.answering.of_action(),
        };
        let call = self.tool.run(self.with.clone(), ctx);
        match answering.guard(&ctx.clients, self.tool.source(), call).await {
            Ok(output) => Ok(mask::output(&ctx.secrets, output)),
            Err(error) => Err(error.masked(&ctx.secrets)),
        }
    }
}

/// Evaluates the condition and renders the parameters. None: the condition does not hold.
pub(crate) async fn prepare<'a>(
    executor: &'a Executor,
    step: &Step,
    context: &TemplateContext,
) -> Result<Option<PreparedStep<'a>>, ToolError> {
    let secrets = &executor.ctx.secrets;
    let tool = executor.registry.get(&step.uses);
    if let Some(tool) = tool {
        secret_use::check_places(&step.with, tool.as_ref())?;
    }
    let with = {
        let (condition, with) = (step.condition.clone(), Value::Object(step.with.clone()));
        let (context, secrets) = (context.clone(), secrets.clone());
        compute(&executor.ctx.settings.limits, move |meter| {
            let holds = condition.as_deref().map_or(Ok(true), |text| holds(text, &context, meter))?;
            if !holds {
                return Ok(None);
            }
            let rendered = render(&with, &context, &secrets, meter)?;
            let placeholders = Secrets::placeholders();
            secret_use::check_url(&with, &rendered, |url| render(url, &context, &placeholders, meter))?;
            Ok(Some(rendered))
        })
    };
    let Some(with) = with.await? else { return Ok(None) };
    let tool = tool.ok_or_else(|| {
        let hint = suggest::hint(&step.uses, &executor.registry.names());
        ToolError::Params(format!("unknown tool '{}' ({hint})", step.uses))
    })?;
    secret_use::check_binding(&step.with, &with, tool.as_ref(), &executor.ctx)
        .map_err(|e| e.masked(secrets))?;
    if let Some(present) = present_name(&step.uses) {
        tracing::warn!(tool = %step.uses, %present, "a step uses the former name of a tool");
    }
    let effect = tool.effect(&with).map_err(|e| e.masked(secrets))?;
    Ok(Some(PreparedStep { tool: tool.as_ref(), with, effect }))
}

fn holds(condition: &str, context: &TemplateContext, meter: &mut Meter) -> Result<bool, ToolError> {
    let expression = Expression::compile(condition).map_err(|e| ToolError::Params(format!("if: {e}")))?;
    let value = expression.evaluate(&context.item(), meter).map_err(|e| evaluation_error("if", e))?;
    Ok(is_true(&value))
}

fn render(
    with: &Value,
    context: &TemplateContext,
    secrets: &Secrets,
    meter: &mut Meter,
) -> Result<Value, ToolError> {
    let error = |e| match e {
        TemplateError::Evaluate(e) => evaluation_error("with", e),
        e => ToolError::Params(format!("with: {e}")),
    };
    template::render(with, context, secrets, meter).map_err(|e| error(e).masked(secrets))
}

/// The outcome of an action that failed before it could run.
pub(crate) fn failed(step: &Step, error: ToolError) -> StepOutcome {
    finish(step, "ordctl", Effect::Change, Err(error))
}

/// Runs a step. `save` keeps its result, unless the run's context would become too large.
pub(crate) async fn run(
    executor: &Executor,
    step: &Step,
    context: &TemplateContext,
    save: impl FnOnce(&str, Arc<Value>) -> Result<(), LimitError>,
) -> StepOutcome {
    let begin = Instant::now();
    executor
        .ctx
        .observer
        .notice(Event::Started { id: step.name().to_owned(), title: step.title().to_owned() });
    let limit = executor.limit(step);
    let (mut source, mut effect) = ("ordctl", Effect::Look);
    let attempted = async {
        let Some(ready) = prepare(executor, step, context).await? else { return Ok(None) };
        (source, effect) = (ready.tool.source(), ready.effect);
        ready.check_permission(&step.uses, &executor.ctx)?;
        attempts(executor, step, &ready).await.map(Some)
    };
    let result = tokio::time::timeout(limit, attempted).await.unwrap_or_else(|_| Err(timed_out(limit)));
    let mut outcome = match result {
        Ok(None) => StepOutcome::not_run(step, State::Skipped, "condition is false"),
        Ok(Some(output)) => finish(step, source, effect, keep(executor, step, output, save)),
        Err(error) => finish(step, source, effect, Err(error)),
    };
    outcome.elapsed = begin.elapsed();
    executor.ctx.observer.notice(Event::Finished {
        id: step.name().to_owned(),
        status: outcome.status(),
        elapsed: outcome.elapsed,
    });
    outcome
}

/// Saves the result of a step that has a name for it.
fn keep(
    executor: &Executor,
    step: &Step,
    output: Output<Value>,
    save: impl FnOnce(&str, Arc<Value>) -> Result<(), LimitError>,
) -> Result<Output<Arc<Value>>, ToolError> {
    let result = Arc::new(output.result);
    if let Some(name) = &step.save_as {
        let limit = executor.ctx.settings.limits.value;
        let fits = if size(&result) > limit.bytes() { Err(LimitError::value(limit)) } else { Ok(()) };
        fits.and_then(|()| save(name, result.clone()))
            .map_err(|e| ToolError::Rejected { message: format!("save_as: {name}: {e}"), hint: e.hint() })?;
    }
    Ok(Output { findings: output.findings, result })
}

fn timed_out(limit: Duration) -> ToolError {
    ToolError::failed(format!("no answer within {}", units::duration(limit.as_secs_f64())))
}

async fn attempts(
    executor: &Executor,
    step: &Step,
    ready: &PreparedStep<'_>,
) -> Result<Output<Value>, ToolError> {
    let ctx = executor.context(step);
    let mut wait = MIN_BACKOFF;
    let mut attempt = 1;
    loop {
        let error = match ready.run(&ctx).await {
            Ok(output) => return Ok(output),
            Err(error) => error,
        };
        if !error.may_pass() || attempt > step.max_retries.unwrap_or(0) {
            return Err(error);
        }
        executor.ctx.observer.notice(Event::Retry {
            id: step.name().to_owned(),
            attempt: attempt + 1,
            error: error.to_string(),
        });
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(MAX_BACKOFF);
        attempt += 1;
    }
}

fn finish(
    step: &Step,
    source: &str,
    effect: Effect,
    result: Result<Output<Arc<Value>>, ToolError>,
) -> StepOutcome {
    let mut outcome = StepOutcome {
        id: step.name().to_owned(),
        state: State::Done,
        findings: Vec::new(),
        result: None,
        reclaimed: None,
        error: None,
        elapsed: Duration::ZERO,
    };
    match result {
        Ok(output) => {
            outcome.findings = output.findings;
            outcome.reclaimed = Reclaimed::of(&output.result);
            outcome.result = Some(output.result);
            for finding in &mut outcome.findings {
                finding.summary = shorten(std::mem::take(&mut finding.summary));
                finding.id = match finding.id.as_str() {
                    "" => step.name().to_owned(),
                    id => format!("{}.{id}", step.name()),
                };
            }
        }
        Err(error) => {
            let (state, status) = match (&error, effect) {
                (e, effect) if e.is_not_configured() && (effect == Effect::Look || step.optional) => {
                    (State::Skipped, Status::Skipped)
                }
                (ToolError::Refused { .. }, _) => (State::Refused, Status::Crit),
                (_, Effect::Look) => (State::Failed, Status::Unknown),
                _ => (State::Failed, Status::Crit),
            };
            outcome.state = state;
            let text = shorten(error.to_string());
            let summary = format!("{}: {text}", step.title());
            let finding = Finding::new(step.name(), source, status, summary);
            outcome.findings.push(match error.hint() {
                Some(hint) => finding.hint(hint),
                None => finding,
            });
            outcome.error = Some(text);
        }
    }
    outcome
}
