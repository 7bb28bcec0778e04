//! Runs a runbook from its request to its report.

use std::collections::BTreeMap;
use std::time::Instant;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::journal::{EndStatus, JournalGate, PlanGate};
use super::lock::{self, RunLock};
use super::plan::plan;
use super::sections::{ended, plan_section, reclaimed, refused, section, target};
use super::{Choice, params};
use crate::base::cli_error::CliError;
use crate::base::shell;
use crate::model::consent;
use crate::model::{
    ConsentFlags, Consented, DIAGNOSIS, Effect, Finding, Kind, Plan, Prompt, Report, ReportSection, Runbook,
    STEPS, Status, Step, Target,
};
use crate::pipeline::{
    CleanupSet, Executor, NoGate, State, StepOutcome, Stop, TemplateContext, ToolError, run_concurrent,
    run_sequential,
};

/// Where the consent to a run's plan comes from.
#[derive(Clone, Debug)]
pub(crate) enum Consent {
    /// The flags of the command line, or the prompt.
    CommandLine(ConsentFlags),
    /// A setting. Grave actions still need a person.
    Configuration(Consented),
}

impl Consent {
    fn is_given(&self) -> bool {
        match self {
            Self::CommandLine(flags) => flags.is_given(),
            Self::Configuration(_) => true,
        }
    }

    fn obtain(&self, plan: &Plan, prompt: &dyn Prompt) -> Result<Consented, CliError> {
        match self {
            Self::CommandLine(flags) => consent::ask(plan, flags, prompt),
            Self::Configuration(_) if plan.effect() == Effect::Grave => {
                let flags = format!("--confirm {}", shell::word(&plan.target.environment));
                let message = "no consent: a high-impact action needs --confirm; nothing was changed";
                Err(CliError::refused(message).hint(shell::run(&plan.name, &flags)))
            }
            Self::Configuration(consented) => Ok(consented.clone()),
        }
    }
}

/// What to run, and how.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) runbook: Runbook,
    pub(crate) params: IndexMap<String, Value>,
    pub(crate) choice: Choice,
    pub(crate) dry_run: bool,
    /// Continue the newest unfinished run.
    pub(crate) resume: bool,
    pub(crate) consent: Consent,
    /// How long to wait for another run that acts on the same target.
    pub(crate) wait: std::time::Duration,
}

pub(crate) async fn run(
    executor: &Executor,
    request: &Request,
    prompt: &dyn Prompt,
    stop: Stop,
) -> Result<Report, CliError> {
    let begin = Instant::now();
    let runbook = &request.runbook;
    request.choice.check(runbook)?;
    let params = params::resolve(runbook, &executor.ctx.settings, &request.params, request.resume)?;
    let mut executor = executor.clone();
    executor.ctx.runbook = Some(runbook.name.clone());
    executor.ctx.cleanups = CleanupSet::default();
    // A task's own consent does not reach into the runbook that it runs: each step gets that of the plan.
    executor.ctx.consented = None;
    executor.ctx.dry_run = request.dry_run;
    executor.ctx.answering = executor.ctx.answering.anew();
    if let Some(limit) = runbook.timeout_seconds.and_then(|s| std::time::Duration::try_from_secs_f64(s).ok())
    {
        executor.ctx.limit = limit;
    }
    let mut run = Run {
        scope: TemplateContext::new(executor.ctx.clock.now(), params.clone()),
        target: target(&executor),
        params,
        choice: request.choice.clone(),
        sections: Vec::new(),
        unplanned: BTreeMap::new(),
        refused: false,
        plan_summary: Vec::new(),
        executor: &executor,
        request,
    };
    let started = executor.ctx.clock.now().with_timezone(&executor.ctx.settings.time_zone).fixed_offset();
    let waits = !runbook.steps.is_empty() && !request.dry_run && !request.wait.is_zero();
    if waits && !request.consent.is_given() {
        // The run lock would stay taken while somebody reads the plan.
        return Err(CliError::usage("--wait needs --yes or --confirm")
            .hint("add --dry-run to preview, or consent with --yes"));
    }
    // Diagnosis and plan must see the state after the other run.
    let lock = if waits { Some(run.lock(stop.clone()).await?) } else { None };
    run.look().await;
    let kind = run.act(prompt, lock, stop).await?;
    let mut report = Report::new(&runbook.name, runbook.title(), kind, run.target, started, run.sections);
    report.refused = run.refused;
    report.plan_summary = if kind == Kind::DryRun { run.plan_summary } else { Vec::new() };
    report.duration_seconds = begin.elapsed().as_secs_f64();
    Ok(report)
}

pub(super) struct Run<'a> {
    pub(super) executor: &'a Executor,
    pub(super) request: &'a Request,
    pub(super) params: Map<String, Value>,
    pub(super) choice: Choice,
    pub(super) scope: TemplateContext,
    pub(super) target: Target,
    sections: Vec<ReportSection>,
    /// Optional steps that could not be planned.
    pub(super) unplanned: BTreeMap<usize, ToolError>,
    /// A step was refused before anything changed.
    refused: bool,
    plan_summary: Vec<String>,
}

impl Run<'_> {
    /// Runs the sections and the diagnosis, concurrently.
    async fn look(&mut self) {
        let choice = &self.choice;
        let runbook = &self.request.runbook;
        let mut groups: Vec<(&str, &str, Vec<&Step>)> = Vec::new();
        for section in &runbook.sections {
            let chosen = |s: &&Step| choice.skip_reason(&[&section.id, s.name()]).is_none();
            groups.push((&section.id, &section.title, section.steps.iter().filter(chosen).collect()));
        }
        // A diagnosis that steps read runs unless it is skipped by name.
        let chosen = |s: &&Step| match choice.skip_reason(&[DIAGNOSIS, s.name()]) {
            None => true,
            Some(_) => s.save_as.is_some() && !choice.skip.iter().any(|n| n == DIAGNOSIS || n == s.name()),
        };
        groups.push((DIAGNOSIS, "Diagnosis", runbook.diagnose.iter().filter(chosen).collect()));
        groups.retain(|(_, _, steps)| !steps.is_empty());
        let all: Vec<&Step> = groups.iter().flat_map(|(_, _, steps)| steps.iter().copied()).collect();
        let mut outcomes = run_concurrent(self.executor, &all, &mut self.scope).await.into_iter();
        for (id, title, steps) in groups {
            let section = section(runbook, id, title, outcomes.by_ref().take(steps.len()));
            self.sections.push(section);
        }
    }

    /// Runs the steps, if there are any. Returns the report's kind.
    async fn act(
        &mut self,
        prompt: &dyn Prompt,
        lock: Option<RunLock>,
        stop: Stop,
    ) -> Result<Kind, CliError> {
        let steps: Vec<&Step> = self.request.runbook.steps.iter().collect();
        if steps.is_empty() {
            return Ok(Kind::Look);
        }
        let past = self.past()?;
        let done = past.as_ref().map(|p| p.done.clone()).unwrap_or_default();
        let plan = self.plan(&steps, &done).await?;
        if self.request.dry_run {
            return Ok(Kind::DryRun);
        }
        let consented = self.request.consent.obtain(&plan, prompt)?;
        if plan.effect() == Effect::Look && past.is_none() {
            // Nothing would change, so there is nothing to lock or record.
            let outcomes =
                run_sequential(self.executor, &steps, &mut self.scope, &mut PlanGate(&plan), stop).await;
            self.sections.push(self.section(STEPS, "Steps", outcomes));
            return Ok(Kind::Look);
        }
        let _lock = match lock {
            Some(lock) => lock,
            None => self.lock(stop.clone()).await?,
        };
        let mut journal = self.open_journal(past, done, plan, consented).await?;
        let outcomes =
            run_sequential(self.executor, &steps, &mut self.scope, &mut journal, stop.clone()).await;
        let ended = ended(&outcomes);
        let reached = outcomes.iter().zip(&steps).all(|(outcome, step)| outcome.allows_next(step));
        let reclaimed = reclaimed(&outcomes);
        // A resumed run has changed something before.
        self.refused = journal.done.is_empty() && refused(&outcomes, &journal.plan);
        self.sections.push(self.section(STEPS, "Steps", outcomes));
        self.clean_up().await;
        if reached {
            self.verify(stop).await;
        }
        self.sections.extend(reclaimed);
        let closed = journal.end(ended).await;
        self.close(ended, reached, closed, &journal);
        Ok(Kind::Act)
    }

    fn section(&self, id: &str, title: &str, outcomes: Vec<StepOutcome>) -> ReportSection {
        section(&self.request.runbook, id, title, outcomes.into_iter())
    }

    async fn lock(&self, stop: Stop) -> Result<RunLock, CliError> {
        let Request { runbook, wait, .. } = self.request;
        lock::take(self.executor, &self.target, &runbook.name, *wait, stop).await
    }

    async fn plan(&mut self, steps: &[&Step], done: &BTreeMap<usize, Value>) -> Result<Plan, CliError> {
        let runbook = &self.request.runbook;
        let names = (runbook.name.as_str(), runbook.title());
        let target = self.target.clone();
        let (mut plan, obstacles) =
            plan(self.executor, names, target, steps, &self.scope, &self.choice, done).await;
        if self.choice.is_everything() {
            plan.verify = runbook.verify.iter().map(|step| step.subject().to_owned()).collect();
        }
        self.plan_summary = plan.summary();
        if self.request.dry_run {
            self.sections.push(plan_section(&plan, &obstacles));
            return Ok(plan);
        }
        let (optional, obstacles): (Vec<_>, Vec<_>) = obstacles.into_iter().partition(|o| o.optional);
        self.unplanned = optional.into_iter().map(|o| (o.position, o.error)).collect();
        if let Some(first) = obstacles.first() {
            let step = &plan.steps[first.position];
            let others = match obstacles.len() {
                1 => String::new(),
                n => format!(" (and {} more)", n - 1),
            };
            let fault = CliError::refused(format!("{}: {}{others}", step.title, first.error));
            let hint = first.error.hint().unwrap_or_else(|| shell::run(&plan.name, "--dry-run"));
            return Err(fault.hint(hint));
        }
        Ok(plan)
    }

    /// Waits for the clean-up of steps that were dropped, while the target is still locked.
    async fn clean_up(&mut self) {
        let mut findings = self.executor.ctx.cleanups.wait().await;
        if !findings.is_empty() {
            findings.iter_mut().for_each(|f| f.id = format!("cleanup.{}", f.id));
            self.sections.push(ReportSection::new("cleanup", "Clean-up", findings));
        }
    }

    /// Runs the verification. It covers all steps, so a run of selected steps skips it.
    async fn verify(&mut self, stop: Stop) {
        let steps: Vec<&Step> = self.request.runbook.verify.iter().collect();
        if steps.is_empty() {
            return;
        }
        let outcomes = if self.choice.is_everything() {
            run_sequential(self.executor, &steps, &mut self.scope, &mut NoGate, stop).await
        } else {
            let reason = "skipped, only some steps ran";
            steps.iter().map(|s| StepOutcome::not_run(s, State::Skipped, reason)).collect()
        };
        self.sections.push(self.section("verification", "Verification", outcomes));
    }

    /// Adds how to resume, and what could not be recorded.
    fn close(&mut self, ended: EndStatus, reached: bool, closed: anyhow::Result<()>, journal: &JournalGate) {
        let mut findings = Vec::new();
        if ended != EndStatus::Done {
            let name = &self.request.runbook.name;
            let what = match (ended, reached) {
                (EndStatus::Interrupted, _) => "interrupted; the steps before it are done",
                _ if self.refused => "refused before anything changed",
                (_, true) => "an optional step failed; the others are done",
                (_, false) => "stopped at the failed step; the steps before it are done",
            };
            let finding = Finding::new("resume", "ordctl", Status::Crit, what);
            findings.push(finding.hint(shell::run(name, "--resume")));
        }
        if let Err(e) = closed {
            let summary = format!("cannot record the end of the run: {e:#}");
            findings.push(Finding::new("journal", "ordctl", Status::Warn, summary));
        }
        if let Some(why) = &journal.database.failure {
            let summary =
                format!("recorded only in {}, not in the database: {why}", journal.file.path().display());
            // A database that is not migrated is no problem; one that stopped recording is.
            let status = if journal.database.is_absent() { Status::Skipped } else { Status::Warn };
            findings.push(Finding::new("database", "ordctl", status, summary).hint("ordctl doctor"));
        }
        if !findings.is_empty() {
            self.sections.push(ReportSection::new("journal", "Journal", findings));
        }
    }
}
