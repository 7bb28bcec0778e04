//! How every command that changes something gets consent: one set of flags, one prompt, one way to record.

use std::sync::Arc;

use clap::Args;

use super::Context;
use super::signals::stop_on_signals;
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::model::{ConsentFlags, Consented};
use crate::pipeline::Executor;
use crate::render::{self, Progress, Style, TerminalPrompt, stdio};
use crate::runbook::{self, Change, Outcome};

/// Flags of every command that acts.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ActFlags {
    /// Only print the plan; see --show-statements
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Show the exact statements and calls of the plan, in a dry run and at the prompt
    #[arg(long, hide_short_help = true)]
    pub(crate) show_statements: bool,
    /// Consent without a prompt
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Consent to a high-impact action in environment NAME
    #[arg(long, value_name = "NAME")]
    pub(crate) confirm: Option<String>,
    /// Record why, in the journal and the audit log
    #[arg(long, alias = "because", value_name = "TEXT")]
    pub(crate) reason: Option<String>,
}

impl ActFlags {
    pub(crate) fn consent(&self) -> ConsentFlags {
        ConsentFlags { yes: self.yes, confirm: self.confirm.clone(), reason: self.reason.clone() }
    }
}

/// Makes one change: plan, consent, journal. None after a dry run, whose plan is printed.
pub(crate) async fn act<T>(
    context: &Context,
    executor: &Executor,
    change: Change,
    flags: &ActFlags,
    apply: impl AsyncFnOnce(&Consented) -> Result<T, CliError>,
) -> Result<Option<T>, CliError> {
    // A prompt waits for a person; the change itself has a limit.
    context.deadline.lift();
    let mut stop = stop_on_signals()?;
    let prompt = TerminalPrompt::new(Arc::new(Progress::new(false)), flags.show_statements, stop.clone());
    let name = change.name;
    // A change that is interrupted gets its end in the journal.
    let apply = async |consented: &Consented| {
        tokio::select! {
            biased;
            result = apply(consented) => result,
            Ok(_) = stop.wait_for(|stop| *stop) => {
                Err(CliError::interrupted("interrupted; the change may still take effect"))
            }
        }
    };
    match runbook::change(executor, change, &flags.consent(), flags.dry_run, &prompt, apply).await? {
        Outcome::DryRun(report) => {
            let report = context.qualified(*report);
            let style = Style { statements: flags.show_statements, ..context.style() };
            stdio::data(&render::report(&report, context.flags.output, style)?)?;
            Ok(None)
        }
        Outcome::Done { result, warning } => {
            context.set_outcome(format!("{name} is done"), exit::OK);
            if let Some(warning) = warning {
                stdio::note(&format!("warning: {warning}\n"));
            }
            Ok(Some(result))
        }
    }
}
