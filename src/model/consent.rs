//! Consent: every change requires the consent of a user or of the configuration.
//!
//! Every function that changes state takes a [`Consented`]. Its fields are private and this module is the
//! only one that builds it, so code elsewhere cannot forge one. Each way to get one demands its evidence:
//!
//! * [`ask`]: an answer at the prompt, `--yes`, or `--confirm NAME`;
//! * [`Consented::from_configuration`]: a setting that allows the change;
//! * [`Consented::from_api_caller`]: a caller whose credentials were checked;
//! * [`Consented::from_task`]: a stored task, which an authenticated caller created.
//!
//! A test in `tests/architecture.rs` lists the only files that may call the last three.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::prompt::Answer;
use super::{Effect, Plan, Prompt};
use crate::base::cli_error::CliError;
use crate::base::discovery::DiscoveryScope;
use crate::base::env;
use crate::base::shell;

/// Proof of consent, with who acts and why. It cannot be built outside of this module:
///
/// ```compile_fail,E0451
/// let forged = ordctl::model::Consented { by: todo!(), reason: None, effect: todo!(), calls: None };
/// ```
#[derive(Clone, Debug)]
pub struct Consented {
    by: ActingParty,
    reason: Option<String>,
    /// The gravest effect that it covers.
    effect: Effect,
    /// The calls that it covers; None where a plan could not list them.
    calls: Option<Arc<[String]>>,
}

#[derive(Clone, Debug)]
enum ActingParty {
    /// The user at the command line.
    User(String),
    /// The setting that allows it.
    Configuration(&'static str),
    /// The authenticated agent.
    Agent(String),
    /// The occurrence of a task.
    Task(String),
}

/// A caller of the HTTP API whose credentials were checked.
pub(crate) trait AuthenticatedCaller {
    fn agent_name(&self) -> &str;
}

/// The consent flags of the command line.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConsentFlags {
    pub(crate) yes: bool,
    pub(crate) confirm: Option<String>,
    pub(crate) reason: Option<String>,
}

impl ConsentFlags {
    /// Whether a plan of this effect needs no question.
    pub(crate) fn is_given(&self) -> bool {
        self.yes || self.confirm.is_some()
    }
}

impl Consented {
    /// Consent by a setting, such as `engine.runbooks`.
    pub fn from_configuration(setting: &'static str) -> Self {
        Self::without_plan(ActingParty::Configuration(setting))
    }

    pub(crate) fn from_api_caller(caller: &impl AuthenticatedCaller) -> Self {
        Self::without_plan(ActingParty::Agent(caller.agent_name().to_owned()))
    }

    /// Consent by whoever created the task.
    pub(crate) fn from_task(occurrence: &str) -> Self {
        Self::without_plan(ActingParty::Task(occurrence.to_owned()))
    }

    /// No plan was shown, so it covers no high-impact action: these need a person who names the target.
    fn without_plan(by: ActingParty) -> Self {
        Self { by, reason: None, effect: Effect::Change, calls: None }
    }

    /// The same consent with the reason that was given for it.
    #[must_use]
    pub(crate) fn because(self, reason: Option<String>) -> Self {
        Self { reason, ..self }
    }

    /// The same consent, limited to the calls that a step's plan listed. It never covers more than before.
    /// None: the calls could not be planned beforehand.
    #[must_use]
    pub(crate) fn for_calls(&self, calls: Option<&[String]>) -> Self {
        let calls = match (&self.calls, calls) {
            (all, None) => all.clone(),
            (None, Some(some)) => Some(some.into()),
            (Some(all), Some(some)) => Some(some.iter().filter(|c| all.contains(c)).cloned().collect()),
        };
        Self { calls, ..self.clone() }
    }

    pub(crate) fn covers(&self, effect: Effect) -> bool {
        effect <= self.effect
    }

    /// The calls that the plan listed, where it could.
    pub(crate) fn calls(&self) -> Option<&[String]> {
        self.calls.as_deref()
    }

    /// Who acts, for a journal or a person.
    pub(crate) fn acting_user(&self) -> &str {
        match &self.by {
            ActingParty::User(name) | ActingParty::Agent(name) | ActingParty::Task(name) => name,
            ActingParty::Configuration(setting) => setting,
        }
    }

    pub(crate) fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Who acts and why, as the details of an audit row.
    pub(crate) fn audit(&self) -> Map<String, Value> {
        let (key, value) = match &self.by {
            ActingParty::User(name) => ("os_user", name.as_str()),
            ActingParty::Configuration(setting) => ("setting", *setting),
            ActingParty::Agent(name) => ("agent", name.as_str()),
            ActingParty::Task(occurrence) => ("task_occurrence", occurrence.as_str()),
        };
        let mut details = Map::from_iter([(key.to_owned(), Value::from(value))]);
        if matches!(self.by, ActingParty::Configuration(_)) {
            details.insert("os_user".to_owned(), acting_user().into());
        }
        details.extend(self.reason.clone().map(|reason| ("reason".to_owned(), Value::from(reason))));
        details
    }
}

/// Asks for consent to a plan, as strictly as its gravest step demands.
pub(crate) fn ask(plan: &Plan, flags: &ConsentFlags, prompt: &dyn Prompt) -> Result<Consented, CliError> {
    let name = &plan.target.environment;
    let typed = shell::word(name);
    if let Some(given) = flags.confirm.as_ref().filter(|given| *given != name) {
        return Err(CliError::refused(format!(
            "--confirm names '{given}', but the environment is '{name}'; nothing was changed"
        ))
        .hint(format!("consent with --confirm {typed}")));
    }
    let is_discovered = plan.changes_discovered();
    if is_discovered {
        check_known(plan)?;
    }
    match plan.effect() {
        Effect::Look => {}
        Effect::Change | Effect::Grave if is_discovered && flags.confirm.is_none() => {
            prompt.show(plan);
            let question =
                format!("This system was discovered. Type the environment's name ({name}) to continue");
            let answer = prompt.confirm_name(&question, name);
            if answer == Answer::Nobody {
                return Err(CliError::refused(
                    "no consent: this system was discovered, not configured; nothing was changed",
                )
                .hint(format!(
                    "name it with --confirm {typed}, or write its configuration with `ordctl init`"
                )));
            }
            check(answer, &format!("--confirm {typed}"))?;
        }
        Effect::Change if flags.is_given() => {}
        Effect::Change => {
            prompt.show(plan);
            check(prompt.confirm(&format!("Continue on {name}?")), "--yes")?;
        }
        Effect::Grave if flags.confirm.is_some() => {}
        Effect::Grave => {
            prompt.show(plan);
            let question = format!("This is hard to undo. Type the environment's name ({name}) to continue");
            check(prompt.confirm_name(&question, name), &format!("--confirm {typed}"))?;
        }
    }
    Ok(Consented {
        by: ActingParty::User(acting_user()),
        reason: flags.reason.clone(),
        effect: plan.effect(),
        calls: plan.calls().map(Into::into),
    })
}

/// Refuses to guess which of several discovered databases is meant.
fn check_known(plan: &Plan) -> Result<(), CliError> {
    if plan.target.discovered != Some(DiscoveryScope::Ambiguous) {
        return Ok(());
    }
    Err(CliError::refused(
        "several databases were discovered, and none of them is configured; nothing was changed",
    )
    .hint("ordctl init"))
}

fn check(answer: Answer, flag: &str) -> Result<(), CliError> {
    match answer {
        Answer::Yes => Ok(()),
        Answer::No => Err(CliError::refused("not confirmed; nothing was changed")),
        Answer::Interrupted => Err(CliError::interrupted("interrupted at the question; nothing was changed")),
        Answer::Nobody => {
            Err(CliError::refused("no consent: standard input is not a terminal; nothing was changed")
                .hint(format!("add --dry-run to preview, or consent with {flag}")))
        }
    }
}

/// The operating system's user who acts: the owner of the process. The environment could name anybody.
pub(crate) fn acting_user() -> String {
    let uid = nix::unistd::getuid();
    let name = nix::unistd::User::from_uid(uid).ok().flatten().map(|user| user.name);
    let name = name.unwrap_or_else(|| {
        format!("uid {uid}@{}", rustix::system::uname().nodename().to_string_lossy().into_owned())
    });
    with_sudo(name, uid.is_root(), env::read(env::SUDO_USER))
}

/// Only root may have come from sudo, and only the environment tells who called it.
fn with_sudo(name: String, is_root: bool, sudo_user: Option<String>) -> String {
    match sudo_user.filter(|_| is_root) {
        Some(caller) => format!("{name} (sudo: {caller})"),
        None => name,
    }
}

#[cfg(test)]
#[path = "consent_tests.rs"]
mod tests;
