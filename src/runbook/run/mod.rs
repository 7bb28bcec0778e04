//! Running a runbook from its request to its report.

mod record;

pub(crate) use record::{RECORD_LIMIT, no_journal};

use std::collections::BTreeMap;
use std::time::Instant;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::act::{AsPlanned, Recorder};
use super::journal::Ended;
use super::lock::{self, RunLock};
use super::plan::plan;
use super::sections::{ended, plan_section, reclaimed, refused, section, target};
use super::{Choice, params};
use crate::base::cli_error::CliError;
use crate::model::consent;
use crate::model::{
    ConsentFlags, Consented, DIAGNOSIS, Effect, Finding, Kind, Plan, Prompt, Report, ReportSection, Runbook,
    Status, Step, Target,
};
use crate::pipeline::{
    CleanupSet, OpenGate, Scope, State, StepOutcome, Stop, ToolError, World, concurrently, in_order,
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
                Err(CliError::refused("a grave action needs a person's consent; nothing was changed")
                    .hint(format!("ordctl run {} --confirm {}", plan.name, plan.target.environment)))
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
    /// Go on with the newest run that did not end.
    pub(crate) resume: bool,
    pub(crate) consent: Consent,
    /// How long to wait for another run that acts on the same target.
    pub(crate) wait: std::time::Duration,
}

pub(crate) async fn run(
    world: &World,
    request: &Request,
    prompt: &dyn Prompt,
    stop: Stop,
) -> Result<Report, CliError> {
    let begin = Instant::now();
    let runbook = &request.runbook;
    request.choice.check(runbook)?;
    let params = params::resolve(runbook, &world.ctx.settings, &request.params, request.resume)?;
    let mut world = world.clone();
    world.ctx.runbook = Some(runbook.name.clone());
    world.ctx.cleanups = CleanupSet::default();
    world.ctx.dry_run = request.dry_run;
    if let Some(limit) = runbook.timeout_seconds.and_then(|s| std::time::Duration::try_from_secs_f64(s).ok())
    {
        world.ctx.limit = limit;
    }
    let mut run = Run {
        scope: Scope::new(world.ctx.clock.now(), params.clone()),
        target: target(&world),
        params,
        choice: request.choice.clone(),
        sections: Vec::new(),
        unplanned: BTreeMap::new(),
        refused: false,
        world: &world,
        request,
    };
    let started = world.ctx.clock.now().with_timezone(&world.ctx.settings.time_zone).fixed_offset();
    let acts = !runbook.steps.is_empty() && !request.dry_run;
    if acts && !request.wait.is_zero() && !request.consent.is_given() {
        // The lock is held from then on: nobody is kept waiting by one who reads a plan.
        return Err(CliError::usage("--wait needs --yes, or --confirm")
            .hint("see what it would do with --dry-run, then consent with --yes"));
    }
    // What is looked at and planned is what will be there when the other run has ended.
    let lock = match acts && !request.wait.is_zero() {
        true => Some(run.lock(stop.clone()).await?),
        false => None,
    };
    run.look().await;
    let kind = run.act(prompt, lock, stop).await?;
    let mut report = Report::new(&runbook.name, runbook.title(), kind, run.target, started, run.sections);
    report.refused = run.refused;
    report.duration_seconds = begin.elapsed().as_secs_f64();
    Ok(report)
}

struct Run<'a> {
    world: &'a World,
    request: &'a Request,
    params: Map<String, Value>,
    choice: Choice,
    scope: Scope,
    target: Target,
    sections: Vec<ReportSection>,
    /// Optional steps that could not be planned.
    unplanned: BTreeMap<usize, ToolError>,
    /// Whether a step was refused before anything was changed.
    refused: bool,
}

impl Run<'_> {
    /// Sections and diagnosis: everything that only looks, at once.
    async fn look(&mut self) {
        let choice = &self.choice;
        let runbook = &self.request.runbook;
        let mut groups: Vec<(&str, &str, Vec<&Step>)> = Vec::new();
        for section in &runbook.sections {
            let chosen = |s: &&Step| choice.leaves_out(&[&section.id, s.name()]).is_none();
            groups.push((&section.id, &section.title, section.steps.iter().filter(chosen).collect()));
        }
        // What the steps may rest on is asked unless it is left out by name.
        let chosen = |s: &&Step| match choice.leaves_out(&[DIAGNOSIS, s.name()]) {
            None => true,
            Some(_) => s.save_as.is_some() && !choice.skip.iter().any(|n| n == DIAGNOSIS || n == s.name()),
        };
        groups.push((DIAGNOSIS, "Diagnosis", runbook.diagnose.iter().filter(chosen).collect()));
        groups.retain(|(_, _, steps)| !steps.is_empty());
        let all: Vec<&Step> = groups.iter().flat_map(|(_, _, steps)| steps.iter().copied()).collect();
        let mut outcomes = concurrently(self.world, &all, &mut self.scope).await.into_iter();
        for (id, title, steps) in groups {
            let section = section(id, title, outcomes.by_ref().take(steps.len()));
            self.sections.push(section);
        }
    }

    /// The steps that act, if there are any; says what kind of report this becomes.
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
            // Nothing would change: there is nothing to lock or to record.
            let outcomes = in_order(self.world, &steps, &mut self.scope, &mut AsPlanned(&plan), stop).await;
            self.sections.push(section("steps", "Steps", outcomes.into_iter()));
            return Ok(Kind::Look);
        }
        let _lock = match lock {
            Some(lock) => lock,
            None => self.lock(stop.clone()).await?,
        };
        let mut recorder = self.recorder(past, done, plan, consented).await?;
        let outcomes = in_order(self.world, &steps, &mut self.scope, &mut recorder, stop.clone()).await;
        let ended = ended(&outcomes);
        let reached = outcomes.iter().zip(&steps).all(|(outcome, step)| outcome.lets_go_on(step));
        let reclaimed = reclaimed(&outcomes);
        // What the run that goes on here has done before stays done.
        self.refused = recorder.done.is_empty() && refused(&outcomes, &recorder.plan);
        self.sections.push(section("steps", "Steps", outcomes.into_iter()));
        self.tidy().await;
        if reached {
            self.verify(stop).await;
        }
        self.sections.extend(reclaimed);
        let closed = recorder.end(ended).await;
        self.close(ended, reached, closed, &recorder);
        Ok(Kind::Act)
    }

    async fn lock(&self, stop: Stop) -> Result<RunLock, CliError> {
        let Request { runbook, wait, .. } = self.request;
        lock::take(self.world, &self.target, &runbook.name, *wait, stop).await
    }

    async fn plan(&mut self, steps: &[&Step], done: &BTreeMap<usize, Value>) -> Result<Plan, CliError> {
        let runbook = &self.request.runbook;
        let names = (runbook.name.as_str(), runbook.title());
        let target = self.target.clone();
        let (plan, obstacles) = plan(self.world, names, target, steps, &self.scope, &self.choice, done).await;
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
            let hint = first.error.hint().unwrap_or_else(|| format!("ordctl run {} --dry-run", plan.name));
            return Err(fault.hint(hint));
        }
        Ok(plan)
    }

    /// Waits for what steps that were dropped half-way have to remove, as long as the target is locked.
    async fn tidy(&mut self) {
        let mut told = self.world.ctx.cleanups.wait().await;
        if !told.is_empty() {
            told.iter_mut().for_each(|f| f.id = format!("cleanup.{}", f.id));
            self.sections.push(ReportSection::new("cleanup", "Clean-up", told));
        }
    }

    /// Did it work? That is asked of the whole: a run of chosen steps leaves it out.
    async fn verify(&mut self, stop: Stop) {
        let steps: Vec<&Step> = self.request.runbook.verify.iter().collect();
        if steps.is_empty() {
            return;
        }
        let outcomes = if self.choice.is_everything() {
            in_order(self.world, &steps, &mut self.scope, &mut OpenGate, stop).await
        } else {
            let reason = "left out, since only some steps ran";
            steps.iter().map(|s| StepOutcome::idle(s, State::Skipped, reason)).collect()
        };
        self.sections.push(section("verification", "Verification", outcomes.into_iter()));
    }

    /// Says what remains to be known at the end of an acting run.
    fn close(&mut self, ended: Ended, reached: bool, closed: anyhow::Result<()>, recorder: &Recorder) {
        let mut findings = Vec::new();
        if ended != Ended::Done {
            let name = &self.request.runbook.name;
            let what = match (ended, reached) {
                (Ended::Interrupted, _) => "interrupted; the steps before it stay done",
                _ if self.refused => "refused, before anything was changed",
                (_, true) => "a step failed that the others do without; they are done",
                (_, false) => "stopped at the step that failed; the steps before it stay done",
            };
            let finding = Finding::new("resume", "ordctl", Status::Crit, what);
            findings.push(finding.hint(format!("ordctl run {name} --resume")));
        }
        if let Err(e) = closed {
            let summary = format!("the end of the run is not recorded: {e:#}");
            findings.push(Finding::new("journal", "ordctl", Status::Warn, summary));
        }
        if let Some(why) = &recorder.database.failure {
            let summary =
                format!("recorded in {} only; not in the database: {why}", recorder.file.path().display());
            // A system that was never migrated is well; only one that stopped recording is not.
            let status = if recorder.database.is_absent() { Status::Skipped } else { Status::Warn };
            findings.push(Finding::new("database", "ordctl", status, summary).hint("ordctl doctor"));
        }
        if !findings.is_empty() {
            self.sections.push(ReportSection::new("journal", "Journal", findings));
        }
    }
}
