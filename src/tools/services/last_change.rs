//! When the number of a service's instances was changed last, whoever did it: what runs have recorded in
//! the database, what was done from this machine, and what the platform shows of it. Whoever changes the
//! number by the load waits for a while after that, also where cron starts a new process each time and
//! where two machines do so.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::atomic;
use crate::base::layout::{Layout, fingerprint};
use crate::clients::platform::{Instance, ManagedService};
pub(crate) use crate::store::operations::ScaleChange as Change;
use crate::tools::{ToolContext, ToolError};

/// What is kept on this machine, where the database knows nothing of it.
#[derive(Serialize, Deserialize)]
struct Kept {
    at: DateTime<Utc>,
    from: u32,
    to: u32,
}

/// Where that lies: a file for each service of a target.
fn path(ctx: &ToolContext, service: &str) -> PathBuf {
    let settings = &ctx.settings;
    let database = ctx.clients.postgres().ok().map(|p| p.target());
    let platform = ctx.clients.platform().ok().map(|p| p.address().to_owned());
    let project = &settings.docker.project;
    let key = json!([settings.environment, database, platform, project, service]).to_string();
    let name = format!("{:016x}.json", fingerprint(key.as_bytes()));
    Layout::new(settings.data_dir()).scaling().join(name)
}

/// Keeps on this machine that the number is about to be changed, or was.
pub(crate) fn keep(ctx: &ToolContext, service: &str, from: u32, to: u32) -> Result<(), ToolError> {
    let path = path(ctx, service);
    let write = || -> std::io::Result<()> {
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory)?;
        }
        atomic::write(&path, json!(Kept { at: ctx.clock.now(), from, to }).to_string().as_bytes())
    };
    write().map_err(|e| ToolError::Refused {
        message: format!("cannot keep in {} when {service} was scaled: {e}", path.display()),
        hint: Some("name a directory that you may write to: --data-dir or $ORDCTL_DATA_DIR".to_owned()),
    })
}

/// Instances that were made together differ in age by less than this.
const TOGETHER: TimeDelta = TimeDelta::minutes(1);

/// So far the clocks of two machines may differ. What lies further ahead was written by a clock that was
/// wrong, and says nothing: it must not keep the number as it is until that time has come.
const SKEW: TimeDelta = TimeDelta::minutes(1);

/// The last change; none when nothing is known of any.
pub(crate) async fn change(
    ctx: &ToolContext,
    service: &str,
    whole: Option<&ManagedService>,
    all: &[Instance],
) -> Result<Option<Change>, ToolError> {
    let recorded = recorded(ctx, service).await?;
    let kept = kept(ctx, service)?;
    let shown = match whole {
        Some(_) => {
            let at = ctx.clients.platform()?.resized_at(service).await?;
            at.map(|at| (at, "as the swarm says".to_owned()))
        }
        None => added(all).map(|(at, instance)| (at, format!("{} was made", instance.name))),
    };
    let shown = shown.and_then(|(at, by)| {
        Some(Change { seconds_ago: age(ctx.clock.now(), at)?, by, from: None, to: None })
    });
    // Of the same change the record of the run tells most: it comes first where they are as old.
    let all = [recorded, kept, shown].into_iter().flatten();
    Ok(all.min_by(|a, b| a.seconds_ago.total_cmp(&b.seconds_ago)))
}

/// The instance that came last beside others, and when. One that was made in the place of another has
/// the other's number, and those that were all made together are a deployment: neither changes the number.
fn added(all: &[Instance]) -> Option<(DateTime<Utc>, &Instance)> {
    let last = all.iter().filter(|i| i.is_running()).max_by_key(|i| i.number)?;
    let at = last.created_at?;
    let older = |i: &Instance| i.created_at.is_some_and(|made| made + TOGETHER < at);
    all.iter().any(older).then_some((at, last))
}

async fn recorded(ctx: &ToolContext, service: &str) -> Result<Option<Change>, ToolError> {
    Ok(ctx.store()?.last_scale_change(service).await?)
}

fn kept(ctx: &ToolContext, service: &str) -> Result<Option<Change>, ToolError> {
    let path = path(ctx, service);
    let fail = |e: String| ToolError::failed(format!("{}: {e}", path.display()));
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(fail(e.to_string())),
    };
    let kept: Kept = serde_json::from_slice(&bytes).map_err(|e| fail(e.to_string()))?;
    let by = "a run on this machine".to_owned();
    let age = age(ctx.clock.now(), kept.at);
    Ok(age.map(|seconds_ago| Change { seconds_ago, by, from: Some(kept.from), to: Some(kept.to) }))
}

/// How many seconds ago that was: what a clock says that goes a little ahead of ours was now.
fn age(now: DateTime<Utc>, at: DateTime<Utc>) -> Option<f64> {
    (at - now < SKEW).then(|| (now - at).as_seconds_f64().max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn crew(minutes: &[i64]) -> Vec<Instance> {
        let one = |(place, minute): (usize, &i64)| Instance {
            name: format!("worker-{}", place + 1),
            number: u32::try_from(place + 1).ok(),
            state: "running".to_owned(),
            created_at: Some(at(*minute)),
            ..Instance::default()
        };
        minutes.iter().enumerate().map(one).collect()
    }

    #[test]
    fn only_one_more_is_a_change_of_the_number() {
        for (what, minutes, wanted) in [
            ("two more", &[0, 0, 30, 30][..], Some(30)),
            ("the first in a new container", &[40, 0, 30], Some(30)),
            ("all of a deployment", &[50, 50, 50], None),
            ("the only one", &[0], None),
            ("none", &[], None),
        ] {
            let crew = crew(minutes);
            assert_eq!(added(&crew).map(|(at, _)| at), wanted.map(at), "{what}");
        }
    }

    #[test]
    fn an_instant_far_ahead_says_nothing() {
        assert_eq!(age(at(10), at(9)), Some(60.0));
        assert_eq!(age(at(10), at(10) + TimeDelta::seconds(59)), Some(0.0));
        assert_eq!(age(at(10), at(11)), None);
    }
}
