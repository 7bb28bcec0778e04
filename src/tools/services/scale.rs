//! `service.scale`: brings a service to a number of running containers. New ones are made after one
//! that is there and are ready before it is done; the highest numbers go first, each told to end and
//! given the time that it asks for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::settings::Service;
use crate::clients::platform;
use crate::clients::platform::{Change, ManagedService, Platform};
use crate::model::{Effect, Finding, Status};
use crate::tools::services;
use crate::tools::services::{Beats, Readiness, Sign, Stopping, managed};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct ServiceScale;

/// What it is given: one of `to`, `by` and `emergency`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The service.
    pub(crate) service: String,
    /// So many in all.
    #[serde(default)]
    pub(crate) to: Option<u32>,
    /// So many more, or fewer.
    #[serde(default)]
    pub(crate) by: Option<i32>,
    /// As many as may be: the service's `max`, or 8.
    #[serde(default)]
    pub(crate) emergency: bool,
    /// Which way it may go.
    #[serde(default)]
    pub(crate) direction: Direction,
    /// When each new one is ready.
    #[serde(default)]
    pub(crate) ready: Readiness,
}

/// Which way the number may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Direction {
    /// Up or down.
    #[default]
    Any,
    /// Never down.
    Up,
    /// Never up.
    Down,
}

#[derive(Debug, Serialize)]
pub(crate) struct Scaled {
    /// The service.
    pub(crate) service: String,
    /// How many ran before.
    pub(crate) from: u32,
    /// How many run now.
    pub(crate) to: u32,
    /// Those that were made or started.
    pub(crate) added: Vec<String>,
    /// Those that were stopped and removed.
    pub(crate) removed: Vec<String>,
}

/// How many there are to be, or why there may not be. `same` are the parameters with which another command
/// means the same service.
fn target(params: &Params, running: u32, limits: &Service, same: &str) -> Result<u32, ToolError> {
    let service = &params.service;
    let to = match (params.to, params.by, params.emergency) {
        (Some(to), None, false) => to,
        (None, Some(by), false) => running.saturating_add_signed(by),
        (None, None, true) => limits.most(),
        _ => return Err(ToolError::Params("name one of to, by and emergency".to_owned())),
    };
    let refuse =
        |message: String, hint: &str| Err(ToolError::Refused { message, hint: Some(hint.to_owned()) });
    let up_only = params.direction == Direction::Up || params.emergency;
    if up_only && to < running {
        return refuse(
            format!("{running} of {service} run: {to} would be fewer"),
            &format!("to go down: ordctl scale down {to}{same}"),
        );
    }
    if params.direction == Direction::Down && to > running {
        return refuse(
            format!("{running} of {service} run: {to} would be more"),
            &format!("to go up: ordctl scale up {to}{same}"),
        );
    }
    if to < limits.min() {
        return refuse(
            format!("{service} must have {} at least, not {to}", limits.min()),
            &format!("services.{service}.min in ordctl.yaml says so; without it, it is 1"),
        );
    }
    match limits.max {
        // From above the maximum it may go down in steps.
        Some(max) if to > max && to > running => refuse(
            format!("{service} may have {max} at most, not {to}"),
            &format!("services.{service}.max in ordctl.yaml says so"),
        ),
        _ => Ok(to),
    }
}

/// From how many to how many, by which changes, and of what.
struct Way {
    from: u32,
    to: u32,
    changes: Vec<Change>,
    /// The service, where it changes as a whole.
    whole: Option<ManagedService>,
}

async fn way(params: &Params, ctx: &ToolContext) -> Result<Way, ToolError> {
    let whole = managed::changeable(ctx, &params.service, false).await?;
    let from = match &whole {
        Some(whole) => whole.wanted,
        None => {
            let found = services::some_members(ctx, &params.service).await?;
            u32::try_from(found.iter().filter(|i| i.is_running()).count()).unwrap_or(u32::MAX)
        }
    };
    let limits = ctx.settings.services.get(&params.service).cloned().unwrap_or_default();
    let same = services::same(ctx, &params.service, params.ready.sign);
    let to = target(params, from, &limits, &same)?;
    if to > from {
        params.ready.check(ctx, &params.service)?;
    }
    let changes = ctx.clients.platform()?.plan_resize(&params.service, to).await?;
    Ok(Way { from, to, changes, whole })
}

impl Tool for ServiceScale {
    type Params = Params;
    type Result = Scaled;

    const NAME: &'static str = "service.scale";
    const HELP: &'static str = "brings a service to a number of running containers";
    const SOURCE: &'static str = platform::SYSTEM;

    fn effect(&self, params: &Params) -> Effect {
        if params.emergency { Effect::Grave } else { Effect::Change }
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<Vec<String>, ToolError> {
        let way = way(params, ctx).await?;
        if way.to > way.from && !way.changes.is_empty() {
            params.ready.markable(ctx, &params.service).await?;
        }
        Ok(services::calls(ctx.clients.platform()?, &way.changes))
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Scaled>, ToolError> {
        services::may_act(ctx)?;
        let way = way(&params, ctx).await?;
        let (from, to) = (way.from, way.to);
        services::consented(ctx, &services::calls(ctx.clients.platform()?, &way.changes))?;
        let service = params.service.clone();
        let mut scaled = Scaled { service, from, to, added: Vec::new(), removed: Vec::new() };
        let mut hard = Vec::new();
        if !way.changes.is_empty() {
            services::last_change::keep(ctx, &params.service, from, to)?;
        }
        let stopping = Stopping::default();
        let work = go(&params, ctx, &way, &mut scaled, &mut hard, &stopping);
        services::telling(ctx, &params.service, &stopping, work).await?;
        let mut findings = vec![Finding::new("", Self::SOURCE, Status::Ok, summary(&scaled))];
        findings.extend(services::say_killed(&hard));
        let drains = params.ready.sign == Sign::Heartbeat && to < from;
        findings.extend(way.whole.filter(|_| drains).and_then(|whole| managed::short_grace(ctx, &whole)));
        Ok(Output::new(findings, scaled))
    }
}

fn summary(scaled: &Scaled) -> String {
    let Scaled { service, from, to, added, removed } = scaled;
    match (added.as_slice(), removed.as_slice()) {
        ([], []) => format!("{service}: {to} run already"),
        (added, []) => format!("{service}: {to} run, was {from}; new and ready: {}", added.join(", ")),
        (_, removed) => format!("{service}: {to} run, was {from}; gone: {}", removed.join(", ")),
    }
}

/// A failure says what was done before it.
async fn go(
    params: &Params,
    ctx: &ToolContext,
    way: &Way,
    scaled: &mut Scaled,
    killed: &mut Vec<String>,
    stopping: &Stopping,
) -> Result<(), ToolError> {
    let gone = match &way.whole {
        Some(_) => go_whole(params, ctx, &way.changes, scaled).await,
        None => go_by_one(params, ctx, &way.changes, scaled, killed, stopping).await,
    };
    gone.map_err(|error| {
        let done: Vec<&str> = scaled.added.iter().chain(&scaled.removed).map(String::as_str).collect();
        let done = if done.is_empty() { "nothing".to_owned() } else { done.join(", ") };
        let (from, to) = (way.from, way.to);
        let message = format!("from {from} to {to}: {error}; started or removed before: {done}");
        ToolError::Failed { message, hint: error.hint() }
    })
}

async fn go_whole(
    params: &Params,
    ctx: &ToolContext,
    changes: &[Change],
    scaled: &mut Scaled,
) -> Result<(), ToolError> {
    let difference = managed::change(ctx, &params.service, changes, &params.ready).await?;
    (scaled.added, scaled.removed) = (difference.new, difference.gone);
    Ok(())
}

async fn go_by_one(
    params: &Params,
    ctx: &ToolContext,
    changes: &[Change],
    scaled: &mut Scaled,
    killed: &mut Vec<String>,
    stopping: &Stopping,
) -> Result<(), ToolError> {
    let platform: &dyn Platform = ctx.clients.platform()?;
    let grows = changes.iter().any(|c| matches!(c, Change::Start(_)));
    let mark = if grows { params.ready.mark(ctx).await? } else { Beats::default() };
    for (place, change) in changes.iter().enumerate() {
        ctx.progress(place as u64, Some(changes.len() as u64), platform.calls(change).join("; "));
        stopping.apply(platform, change, ctx.consent()?).await?;
        match change {
            Change::Start(name) => scaled.added.push(name.clone()),
            Change::Remove(name) => scaled.removed.push(name.clone()),
            Change::Add(_) | Change::Service(_) => {}
            Change::Stop(name) => {
                killed.extend(services::killed(ctx, &params.service, std::slice::from_ref(name)).await?);
            }
        }
    }
    if scaled.added.is_empty() {
        return Ok(());
    }
    params.ready.wait(ctx, &params.service, &scaled.added, &mark, false).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(to: u32, direction: Direction) -> Params {
        Params { service: "worker".into(), to: Some(to), direction, ..Params::default() }
    }

    fn limits(min: Option<u32>, max: Option<u32>) -> Service {
        Service { min, max, ..Service::default() }
    }

    fn target(params: &Params, running: u32, limits: &Service) -> Result<u32, ToolError> {
        super::target(params, running, limits, " -p service=importer")
    }

    #[test]
    fn a_hint_means_the_same_service() {
        let hint = |to, direction| target(&asked(to, direction), 3, &limits(None, None)).unwrap_err().hint();
        let wanted = |text: &str| Some(text.to_owned());
        assert_eq!(hint(2, Direction::Up), wanted("to go down: ordctl scale down 2 -p service=importer"));
        assert_eq!(hint(4, Direction::Down), wanted("to go up: ordctl scale up 4 -p service=importer"));
    }

    #[test]
    fn up_never_goes_down_and_down_never_up() {
        let free = limits(None, None);
        for (to, direction, wanted) in [
            (4, Direction::Up, Some(4)),
            (3, Direction::Up, Some(3)),
            (2, Direction::Up, None),
            (2, Direction::Down, Some(2)),
            (4, Direction::Down, None),
            (9, Direction::Any, Some(9)),
            (1, Direction::Any, Some(1)),
        ] {
            assert_eq!(target(&asked(to, direction), 3, &free).ok(), wanted, "{to} {direction:?}");
        }
    }

    #[test]
    fn limits_hold_for_every_way_to_say_it() {
        let none = target(&asked(0, Direction::Any), 3, &limits(None, None));
        assert!(none.unwrap_err().to_string().contains("1 at least"));
        assert_eq!(target(&asked(0, Direction::Any), 3, &limits(Some(0), None)).ok(), Some(0));
        assert!(target(&asked(1, Direction::Any), 3, &limits(Some(2), None)).is_err());
        assert!(target(&asked(7, Direction::Up), 3, &limits(None, Some(6))).is_err());
        assert_eq!(target(&asked(7, Direction::Any), 8, &limits(None, Some(4))).ok(), Some(7));
        let by = |n| Params { service: "worker".into(), by: Some(n), ..Params::default() };
        assert_eq!(target(&by(2), 3, &limits(None, None)).ok(), Some(5));
        assert_eq!(target(&by(-2), 3, &limits(None, None)).ok(), Some(1));
        assert!(target(&by(-3), 3, &limits(None, None)).is_err());
        let both = Params { by: Some(1), ..asked(4, Direction::Any) };
        assert!(matches!(target(&both, 3, &limits(None, None)), Err(ToolError::Params(_))));
    }

    #[test]
    fn an_emergency_is_the_maximum_and_never_fewer() {
        let now = Params { service: "worker".into(), emergency: true, ..Params::default() };
        assert_eq!(target(&now, 3, &limits(None, None)).ok(), Some(8));
        assert_eq!(target(&now, 3, &limits(None, Some(5))).ok(), Some(5));
        assert_eq!(target(&now, 8, &limits(None, None)).ok(), Some(8));
        assert!(target(&now, 9, &limits(None, None)).is_err());
    }
}
