//! When an instance is ready: it runs, its own health check (if it has one) says that it is well, and
//! the sign of its kind is there. That is waited for, never for a time; a time is only the limit.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{ToolContext, ToolError};
use super::Beats;
use crate::base::units::{Span, duration};
use crate::clients::ClientError;
use crate::clients::http::{self, Get};
use crate::clients::platform::Health;
use crate::clients::platform::{Instance, Platform};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(200);
/// How long one question of a sign may take.
const QUESTION: Duration = Duration::from_secs(5);

/// The sign that an instance is ready.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Sign {
    /// It has run for a while without ending.
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
    /// As it is written.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Heartbeat => "heartbeat",
            Self::Endpoint => "endpoint",
            Self::Ping => "ping",
            Self::Query => "query",
        }
    }
}

/// How it is told that an instance is ready.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Readiness {
    /// The sign.
    #[serde(default)]
    pub(crate) sign: Sign,
    /// How long each may take to be ready.
    #[serde(default = "within")]
    pub(crate) within: Span,
    /// Without a health check of its own: how long it must have run, but no longer than half of `within`.
    /// A heartbeat is its own; whatever else answers may be another instance, or the one before.
    #[serde(default = "steady")]
    pub(crate) steady: Span,
    /// For the sign `endpoint`: its name under `endpoints` in ordctl.yaml; default: the service's.
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

/// Why an instance is not ready.
enum NotReady {
    /// Not yet.
    Yet(String),
    /// It will not be.
    Never(String, String),
}

/// Since when each has run without being started anew.
type Since = HashMap<String, (Option<DateTime<Utc>>, Instant)>;

impl Readiness {
    /// Whether the sign can be looked for at all.
    pub(crate) fn check(&self, ctx: &ToolContext, service: &str) -> Result<(), ToolError> {
        let configured = match self.sign {
            Sign::Running => Ok(()),
            Sign::Heartbeat | Sign::Query => ctx.clients.postgres().map(|_| ()),
            Sign::Ping => ctx.clients.redis().map(|_| ()),
            Sign::Endpoint => {
                let known = ctx.settings.endpoints.contains_key(self.endpoint(service));
                known
                    .then_some(())
                    .ok_or(ClientError::NotConfigured { system: "its endpoint", setting: "endpoints" })
            }
        };
        configured.map_err(|e| ToolError::Refused {
            message: format!("it cannot be told when {service} is ready: {e}"),
            hint: Some(
                "configure it, or be content with the sign running: see the runbook's parameters".to_owned(),
            ),
        })
    }

    fn endpoint<'a>(&'a self, service: &'a str) -> &'a str {
        self.endpoint.as_deref().unwrap_or(service)
    }

    /// The heartbeats there are, to tell later ones from; nothing for other signs.
    pub(crate) async fn mark(&self, ctx: &ToolContext) -> Result<Beats, ToolError> {
        match self.sign {
            Sign::Heartbeat => in_time(Beats::ask(ctx)).await,
            _ => Ok(Beats::default()),
        }
    }

    /// Whether the mark can be made, where something is about to be started.
    pub(crate) async fn markable(&self, ctx: &ToolContext, service: &str) -> Result<(), ToolError> {
        self.mark(ctx).await.map(drop).map_err(|e| ToolError::Refused {
            message: format!("it cannot be told when {service} is ready: {e}"),
            hint: e.hint(),
        })
    }

    /// Waits until instances of a service are ready. `mark` was made before they were started;
    /// `reborn`: they are not new, so their workers may come back under their old names.
    pub(crate) async fn wait(
        &self,
        ctx: &ToolContext,
        service: &str,
        names: &[String],
        mark: &Beats,
        reborn: bool,
    ) -> Result<(), ToolError> {
        let platform = ctx.clients.platform()?;
        let end = Instant::now() + self.within.duration();
        let mut since = Since::new();
        loop {
            let look = self.look(ctx, service, names, mark, reborn, &mut since);
            let doubt = match in_time(look).await {
                Ok(None) => return Ok(()),
                Ok(Some(NotReady::Never(name, why))) => {
                    let hint = Some(platform.commands().logs(&name));
                    return Err(ToolError::Failed { message: format!("{name} {why}"), hint });
                }
                Ok(Some(NotReady::Yet(doubt))) => doubt,
                Err(e) => e.to_string(),
            };
            if Instant::now() >= end {
                let message = format!("not ready within {}: {doubt}", self.within);
                let hint = names.first().map(|name| platform.commands().logs(name));
                return Err(ToolError::Failed { message, hint });
            }
            ctx.progress(0, None, doubt);
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn look(
        &self,
        ctx: &ToolContext,
        service: &str,
        names: &[String],
        mark: &Beats,
        reborn: bool,
        since: &mut Since,
    ) -> Result<Option<NotReady>, ToolError> {
        let platform: &dyn Platform = ctx.clients.platform()?;
        let all = platform.instances(Some(service)).await?;
        let mut own = Vec::new();
        let mut doubts = Vec::new();
        for name in names {
            let Some(instance) = all.iter().find(|i| i.name == *name) else {
                return Ok(Some(NotReady::Never(name.clone(), "is gone".to_owned())));
            };
            // Of each, also after a doubt about one before it: their times go on beside each other.
            doubts.extend(self.state(instance, since));
            own.push(instance);
        }
        doubts.sort_by_key(|doubt| matches!(doubt, NotReady::Yet(_)));
        if let Some(first) = doubts.into_iter().next() {
            return Ok(Some(first));
        }
        let yet = |text: String| Ok(Some(NotReady::Yet(text)));
        match self.sign {
            Sign::Running => {}
            Sign::Heartbeat => {
                let beats = Beats::ask(ctx).await?;
                if let Some(first) = beats.unheard(&own, &all, mark, reborn).first() {
                    return yet(format!("no heartbeat of {} since it was started", first.name));
                }
            }
            Sign::Endpoint => {
                if let Some(doubt) = unhealthy(ctx, self.endpoint(service)).await? {
                    return yet(doubt);
                }
            }
            Sign::Ping => drop(ctx.clients.redis()?.ping().await?),
            Sign::Query => drop(ctx.store()?.postgres_server().await?),
        }
        Ok(None)
    }

    /// How long it must have run: always less than what it is given.
    fn steadiness(&self) -> Duration {
        self.steady.duration().min(self.within.duration() / 2)
    }

    /// What the instance's own state says.
    fn state(&self, instance: &Instance, since: &mut Since) -> Option<NotReady> {
        let name = &instance.name;
        let started = instance.started_at;
        let (of, first) = since.entry(name.clone()).or_insert_with(|| (started, Instant::now()));
        if *of != started || !instance.is_running() {
            (*of, *first) = (started, Instant::now());
        }
        match instance.state.as_str() {
            "running" => {}
            "exited" | "dead" => {
                let why = format!("ended with exit code {}", instance.exit_code);
                return Some(NotReady::Never(name.clone(), why));
            }
            state => return Some(NotReady::Yet(format!("{name} is {state}"))),
        }
        match instance.health {
            Some(Health::Healthy) => None,
            Some(Health::Starting) => Some(NotReady::Yet(format!("the health of {name} is not known yet"))),
            Some(Health::Unhealthy) => Some(NotReady::Yet(format!("{name} is unhealthy"))),
            None if self.sign != Sign::Heartbeat && first.elapsed() < self.steadiness() => {
                let age = duration(first.elapsed().as_secs_f64());
                Some(NotReady::Yet(format!("{name} has run for {age} only")))
            }
            None => None,
        }
    }
}

/// What is wrong with an endpoint.
async fn unhealthy(ctx: &ToolContext, name: &str) -> Result<Option<String>, ToolError> {
    let Some(endpoint) = ctx.settings.endpoints.get(name) else {
        return Ok(Some(format!("there is no endpoint {name}")));
    };
    let answer = ctx.clients.http.get(Get::new(http::SYSTEM, &endpoint.url, QUESTION)).await?;
    let well = endpoint.expect.map_or(answer.is_success(), |code| code == answer.status);
    Ok((!well).then(|| format!("{} answers {}", endpoint.url, answer.status)))
}

/// An answer, or that there was none in the time that one question may take.
pub(crate) async fn in_time<T>(question: impl Future<Output = Result<T, ToolError>>) -> Result<T, ToolError> {
    tokio::time::timeout(QUESTION, question).await.unwrap_or_else(|_| {
        Err(ToolError::failed(format!("no answer within {}", duration(QUESTION.as_secs_f64()))))
    })
}
