//! Waits until an instance is ready: it is running, its health check (if any) passes, and its readiness sign is there.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{ToolContext, ToolError};
use super::Heartbeats;
use crate::base::units::{Span, duration};
use crate::clients::ClientError;
use crate::clients::http::{self, Get};
use crate::clients::platform::Health;
use crate::clients::platform::{Instance, Platform};

const POLL_INTERVAL: Duration = Duration::from_millis(200);
/// Time limit of one query.
const QUERY_TIMEOUT: Duration = Duration::from_secs(5);

/// The sign of a ready instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Sign {
    /// It keeps running.
    #[default]
    Running,
    /// A heartbeat in worker_heartbeat that is newer than its start.
    Heartbeat,
    /// Its health endpoint answers.
    Endpoint,
    /// Redis answers PING.
    Ping,
    /// PostgreSQL answers a query.
    Query,
}

impl Sign {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Heartbeat => "heartbeat",
            Self::Endpoint => "endpoint",
            Self::Ping => "ping",
            Self::Query => "query",
        }
    }

    /// The system that gives the sign.
    const fn system(self) -> &'static str {
        match self {
            Self::Running => "the platform",
            Self::Heartbeat | Self::Query => "PostgreSQL",
            Self::Endpoint => "its endpoint",
            Self::Ping => "Redis",
        }
    }
}

/// When an instance counts as ready.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Readiness {
    #[serde(default)]
    pub(crate) sign: Sign,
    /// Time limit for each instance.
    #[serde(default = "within")]
    pub(crate) within: Span,
    /// Minimum uptime of an instance without a health check, at most half of `within`. Not used with the sign
    /// `heartbeat`.
    #[serde(default = "steady")]
    pub(crate) steady: Span,
    /// For the sign `endpoint`: a name under `endpoints` in ordctl.yaml [default: the service's name].
    #[serde(default)]
    pub(crate) endpoint: Option<String>,
}

impl Default for Readiness {
    fn default() -> Self {
        Self { sign: Sign::default(), within: within(), steady: steady(), endpoint: None }
    }
}

fn within() -> Span {
    Span::seconds(120)
}

fn steady() -> Span {
    Span::seconds(5)
}

enum NotReady {
    Pending(String),
    /// Name of the instance and cause.
    Failed(String, String),
}

/// Start time of each instance, and when it was first seen running.
type RunningSince = HashMap<String, (Option<DateTime<Utc>>, Instant)>;

impl Readiness {
    /// Refuses a sign whose system is not configured.
    pub(crate) fn check_configured(&self, ctx: &ToolContext, service: &str) -> Result<(), ToolError> {
        let configured = match self.sign {
            Sign::Running => Ok(()),
            Sign::Heartbeat | Sign::Query => ctx.clients.postgres().map(|_| ()),
            Sign::Ping => ctx.clients.redis().map(|_| ()),
            Sign::Endpoint => {
                let exists = ctx.settings.endpoints.contains_key(self.endpoint(service));
                exists.then_some(()).ok_or(ClientError::not_configured("its endpoint", "endpoints"))
            }
        };
        configured.map_err(|e| ToolError::Refused {
            message: format!("cannot check {service} readiness: {e}"),
            hint: Some(
                "configure it, or use the readiness sign `running` (see the parameters of the runbook)"
                    .to_owned(),
            ),
        })
    }

    fn endpoint<'a>(&'a self, service: &'a str) -> &'a str {
        self.endpoint.as_deref().unwrap_or(service)
    }

    /// The current heartbeats, to compare later ones with; none for other signs.
    pub(crate) async fn heartbeats(&self, ctx: &ToolContext) -> Result<Heartbeats, ToolError> {
        match self.sign {
            Sign::Heartbeat => with_timeout("PostgreSQL", Heartbeats::read(ctx)).await,
            _ => Ok(Heartbeats::default()),
        }
    }

    /// Refuses if heartbeats are needed and cannot be read.
    pub(crate) async fn check_heartbeats(&self, ctx: &ToolContext, service: &str) -> Result<(), ToolError> {
        self.heartbeats(ctx).await.map(drop).map_err(|e| ToolError::Refused {
            message: format!("cannot check {service} readiness: {e}"),
            hint: e.hint(),
        })
    }

    /// Waits until instances of a service are ready. `earlier`: heartbeats from before their start. `restarted`: their
    /// workers may use their old names again.
    pub(crate) async fn wait(
        &self,
        ctx: &ToolContext,
        service: &str,
        names: &[String],
        earlier: &Heartbeats,
        restarted: bool,
    ) -> Result<(), ToolError> {
        let platform = ctx.clients.platform()?;
        let deadline = Instant::now() + self.within.duration();
        let mut since = RunningSince::new();
        loop {
            let state = self.check_once(ctx, service, names, earlier, restarted, &mut since);
            let pending = match with_timeout(self.sign.system(), state).await {
                Ok(None) => return Ok(()),
                Ok(Some(NotReady::Failed(name, cause))) => {
                    let hint = Some(platform.commands().logs(&name));
                    return Err(ToolError::Failed { message: format!("container {name}: {cause}"), hint });
                }
                Ok(Some(NotReady::Pending(cause))) => cause,
                Err(e) => e.to_string(),
            };
            if Instant::now() >= deadline {
                let message = format!("not ready within {}: {pending}", self.within);
                let hint = names.first().map(|name| platform.commands().logs(name));
                return Err(ToolError::Failed { message, hint });
            }
            ctx.progress(0, None, pending);
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    async fn check_once(
        &self,
        ctx: &ToolContext,
        service: &str,
        names: &[String],
        earlier: &Heartbeats,
        restarted: bool,
        since: &mut RunningSince,
    ) -> Result<Option<NotReady>, ToolError> {
        let platform: &dyn Platform = ctx.clients.platform()?;
        let all = platform.instances(Some(service)).await?;
        let mut own = Vec::new();
        let mut issues = Vec::new();
        for name in names {
            let Some(instance) = all.iter().find(|i| i.name == *name) else {
                return Ok(Some(NotReady::Failed(name.clone(), "no longer exists".to_owned())));
            };
            // Checks all of them, so that each minimum uptime is measured at the same time.
            issues.extend(self.instance_issue(instance, since));
            own.push(instance);
        }
        issues.sort_by_key(|issue| matches!(issue, NotReady::Pending(_)));
        if let Some(first) = issues.into_iter().next() {
            return Ok(Some(first));
        }
        let pending = |text: String| Ok(Some(NotReady::Pending(text)));
        match self.sign {
            Sign::Running => {}
            Sign::Heartbeat => {
                let heartbeats = Heartbeats::read(ctx).await?;
                if let Some(first) = heartbeats.silent_since(&own, &all, earlier, restarted).first() {
                    return pending(format!("no heartbeat from {} since its start", first.name));
                }
            }
            Sign::Endpoint => {
                if let Some(issue) = endpoint_issue(ctx, self.endpoint(service)).await? {
                    return pending(issue);
                }
            }
            Sign::Ping => drop(ctx.clients.redis()?.ping().await?),
            Sign::Query => drop(ctx.store()?.postgres_server().await?),
        }
        Ok(None)
    }

    fn min_uptime(&self) -> Duration {
        self.steady.duration().min(self.within.duration() / 2)
    }

    fn instance_issue(&self, instance: &Instance, since: &mut RunningSince) -> Option<NotReady> {
        let name = &instance.name;
        let started = instance.started_at;
        let (start, first) = since.entry(name.clone()).or_insert_with(|| (started, Instant::now()));
        if *start != started || !instance.is_running() {
            (*start, *first) = (started, Instant::now());
        }
        match instance.state.as_str() {
            "running" => {}
            "exited" | "dead" => {
                let cause = format!("exited with code {}", instance.exit_code);
                return Some(NotReady::Failed(name.clone(), cause));
            }
            state => return Some(NotReady::Pending(format!("{name} is {state}"))),
        }
        match instance.health {
            Some(Health::Healthy) => None,
            Some(Health::Starting) => Some(NotReady::Pending(format!("{name} is starting"))),
            Some(Health::Unhealthy) => Some(NotReady::Pending(format!("{name} is unhealthy"))),
            None if self.sign != Sign::Heartbeat && first.elapsed() < self.min_uptime() => {
                let age = duration(first.elapsed().as_secs_f64());
                Some(NotReady::Pending(format!("{name} has run for only {age}")))
            }
            None => None,
        }
    }
}

async fn endpoint_issue(ctx: &ToolContext, name: &str) -> Result<Option<String>, ToolError> {
    let Some(endpoint) = ctx.settings.endpoints.get(name) else {
        return Ok(Some(format!("endpoint {name} is not configured")));
    };
    let answer = ctx.clients.http.get(Get::new(http::SYSTEM, &endpoint.url, QUERY_TIMEOUT)).await?;
    let is_expected = endpoint.expect.map_or(answer.is_success(), |code| code == answer.status);
    Ok((!is_expected).then(|| format!("{} returned {}", endpoint.url, answer.status)))
}

/// Fails a query of a system after [`QUERY_TIMEOUT`].
pub(crate) async fn with_timeout<T>(
    system: &str,
    query: impl Future<Output = Result<T, ToolError>>,
) -> Result<T, ToolError> {
    tokio::time::timeout(QUERY_TIMEOUT, query).await.unwrap_or_else(|_| {
        let limit = duration(QUERY_TIMEOUT.as_secs_f64());
        Err(ToolError::failed(format!("{system} did not answer in {limit}")))
    })
}
