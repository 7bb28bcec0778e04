//! Notices that a system has stopped answering while a step waits for it.
//!
//! A step that takes long by design, such as counting the rows that a clean-up deletes, keeps its own limit:
//! it goes on for as long as its system answers a ping. Once a system is silent, all steps of the command that
//! wait for it fail together.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::{ToolContext, ToolError};
use crate::base::cli_error::CliError;
use crate::base::lock::lock;
use crate::base::units;
use crate::clients::{ClientError, Clients};

/// A refused connection fails sooner: the system is down, and the step itself reports it or waits for it.
const ACTIVE_REFUSAL: Duration = Duration::from_millis(500);
/// Parts of the limit. Together they are less, because the step's own limit, which may be the same, says less.
const PING_AFTER: f64 = 0.4;
const PING_LIMIT: f64 = 0.5;
/// An action is worth more patience than a look.
const ACTION_LIMIT_MIN: Duration = Duration::from_secs(60);

/// An error that may say that a system did not answer.
pub(crate) trait MaybeSilence {
    fn unreachable(&self) -> Option<&ClientError>;
}

impl MaybeSilence for ClientError {
    fn unreachable(&self) -> Option<&ClientError> {
        matches!(self, Self::Unreachable { .. }).then_some(self)
    }
}

impl MaybeSilence for ToolError {
    fn unreachable(&self) -> Option<&ClientError> {
        match self {
            Self::Client(error) => error.unreachable(),
            _ => None,
        }
    }
}

/// Commands end at their first error.
impl MaybeSilence for CliError {
    fn unreachable(&self) -> Option<&ClientError> {
        None
    }
}

/// The limit, and the systems that are silent. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answering {
    limit: Option<Duration>,
    silent: Arc<Mutex<BTreeMap<&'static str, ClientError>>>,
}

impl Answering {
    pub(crate) fn within(limit: Duration) -> Self {
        Self { limit: Some(limit), silent: Arc::default() }
    }

    /// With the same limit, and without the systems that were silent in an earlier round of `--watch`.
    #[must_use]
    pub(crate) fn anew(&self) -> Self {
        Self { limit: self.limit, silent: Arc::default() }
    }

    /// How long a command waits for a silent system. None in tasks, whose steps have their own limits.
    pub(crate) fn limit(&self) -> Option<Duration> {
        self.limit
    }

    /// The same for steps that act.
    #[must_use]
    pub(crate) fn of_action(&self) -> Self {
        Self { limit: self.limit.map(|limit| limit.max(ACTION_LIMIT_MIN)), silent: self.silent.clone() }
    }

    pub(crate) fn is_silent(&self, system: &str) -> bool {
        self.silent().contains_key(system)
    }

    fn silent(&self) -> MutexGuard<'_, BTreeMap<&'static str, ClientError>> {
        lock(&self.silent)
    }

    /// Awaits a call to a system, unless the system stops answering.
    pub(crate) async fn guard<T, E: From<ClientError> + MaybeSilence>(
        &self,
        clients: &Clients,
        system: &'static str,
        call: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let Some(limit) = self.limit else { return call.await };
        if let Some(error) = self.silent().get(system).cloned() {
            return Err(error.into());
        }
        let begin = Instant::now();
        tokio::select! {
            biased;
            result = call => {
                if let Some(error) = result.as_ref().err().and_then(MaybeSilence::unreachable)
                    && begin.elapsed() > ACTIVE_REFUSAL
                {
                    self.silent().insert(system, error.clone());
                }
                result
            }
            error = self.silence(clients, system, limit) => Err(error.into()),
        }
    }

    /// Completes when the system has not answered for this long.
    async fn silence(&self, clients: &Clients, system: &'static str, limit: Duration) -> ClientError {
        loop {
            sleep(limit.mul_f64(PING_AFTER)).await;
            if let Some(error) = self.silent().get(system).cloned() {
                return error;
            }
            if !answers(clients, system, limit.mul_f64(PING_LIMIT)).await {
                let limit = units::duration(limit.as_secs_f64());
                let error = ClientError::unreachable(system, format!("no answer within {limit}"));
                self.silent().insert(system, error.clone());
                return error;
            }
        }
    }
}

/// Whether a system answers a ping, or actively refuses it, within the limit.
async fn answers(clients: &Clients, system: &str, limit: Duration) -> bool {
    let end = Instant::now() + limit;
    loop {
        let begin = Instant::now();
        match timeout_at(end, clients.ping(system)).await {
            Err(_) => return false,
            Ok(Err(ClientError::Unreachable { .. })) if begin.elapsed() > ACTIVE_REFUSAL => {}
            Ok(_) => return true,
        }
    }
}

impl ToolContext {
    /// Awaits a call to a system, unless the system stops answering.
    pub(crate) async fn while_answering<T, E: From<ClientError> + MaybeSilence>(
        &self,
        system: &'static str,
        call: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        self.answering.guard(&self.clients, system, call).await
    }
}
