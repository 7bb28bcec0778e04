//! The deadline of a command: no command waits for ever for a system that does not answer.
//!
//! It runs from the start of every command, so that a new command has it without further ado. A loop renews it
//! for each round. Where something else bounds the work, it is lifted: the steps of a runbook have limits of
//! their own, and so have the changes that [`act`](super::act::act) makes and the migrations.

use std::sync::OnceLock;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::base::cli_error::CliError;
use crate::base::units;
use crate::clients::ClientError;

/// Without `--timeout`.
pub(crate) const DEFAULT_LIMIT: Duration = Duration::from_secs(10);
/// The error of the server or the client that missed the limit says more, and comes first.
const MARGIN: Duration = Duration::from_secs(1);

pub(crate) struct Deadline {
    limit: Duration,
    end: watch::Sender<Option<Instant>>,
    system: OnceLock<&'static str>,
}

impl Deadline {
    pub(crate) fn new(limit: Duration) -> Self {
        let end = watch::Sender::new(None);
        let deadline = Self { limit, end, system: OnceLock::new() };
        deadline.renew();
        deadline
    }

    /// Names the system that the command depends on, for the error.
    pub(crate) fn waits_for(&self, system: &'static str) {
        self.system.get_or_init(|| system);
    }

    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    pub(crate) fn renew(&self) {
        self.end.send_replace(Instant::now().checked_add(self.limit + MARGIN));
    }

    pub(crate) fn lift(&self) {
        self.end.send_replace(None);
    }

    /// Awaits the command until its deadline.
    pub(crate) async fn enforce<T>(
        &self,
        command: impl Future<Output = Result<T, CliError>>,
    ) -> Result<T, CliError> {
        tokio::select! {
            biased;
            result = command => result,
            () = self.passed() => Err(self.error()),
        }
    }

    async fn passed(&self) {
        let mut ends = self.end.subscribe();
        loop {
            let end = *ends.borrow_and_update();
            let passed = async {
                match end {
                    Some(end) => sleep_until(end).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = passed => return,
                // The sender lives as long as `self`.
                _ = ends.changed() => {}
            }
        }
    }

    fn error(&self) -> CliError {
        let message = format!("no answer within {}", units::duration(self.limit.as_secs_f64()));
        match self.system.get() {
            Some(system) => ClientError::unreachable(system, message).fault(),
            None => CliError::unknown(message).hint("ordctl doctor"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_deadline_passes_unless_it_is_renewed_or_lifted() {
        let begin = Instant::now();
        let deadline = Deadline::new(DEFAULT_LIMIT);
        deadline.waits_for("postgresql");
        let error = deadline.enforce(std::future::pending::<Result<(), _>>()).await.unwrap_err();
        assert_eq!(error.to_string(), "PostgreSQL is unreachable: no answer within 10 s");
        assert_eq!(begin.elapsed(), DEFAULT_LIMIT + MARGIN);
        for with in [Deadline::renew, Deadline::lift] {
            let deadline = Deadline::new(DEFAULT_LIMIT);
            let command = async {
                for _ in 0..3 {
                    with(&deadline);
                    tokio::time::sleep(DEFAULT_LIMIT).await;
                }
                Ok(())
            };
            deadline.enforce(command).await.unwrap();
        }
    }
}
