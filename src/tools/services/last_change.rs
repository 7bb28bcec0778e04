//! Finds the last change of the number of a service's instances, from three sources: the runs recorded in the
//! database, a file on this machine, and the platform. Autoscaling waits for its cool-down after this change, also
//! across processes and machines.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::atomic;
use crate::base::layout::{Layout, fingerprint};
use crate::base::plain_file;
use crate::clients::platform::{Instance, ManagedService};
pub(crate) use crate::store::operations::ScaleChange;
use crate::tools::{ToolContext, ToolError};

/// The record on this machine, for databases without ordctl's migrations.
#[derive(Serialize, Deserialize)]
struct LocalRecord {
    at: DateTime<Utc>,
    from: u32,
    to: u32,
}

/// One file for each service of a target.
fn record_path(ctx: &ToolContext, service: &str) -> PathBuf {
    let settings = &ctx.settings;
    let database = ctx.clients.postgres().ok().map(|p| p.target());
    let platform = ctx.clients.platform().ok().map(|p| p.address().to_owned());
    let project = &settings.docker.project;
    let key = json!([settings.environment, database, platform, project, service]).to_string();
    let name = format!("{:016x}.json", fingerprint(key.as_bytes()));
    Layout::new(settings.data_dir()).scaling().join(name)
}

/// Records on this machine that the number is about to change.
pub(crate) fn record_locally(ctx: &ToolContext, service: &str, from: u32, to: u32) -> Result<(), ToolError> {
    let path = record_path(ctx, service);
    let write = || -> std::io::Result<()> {
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory)?;
        }
        let record = LocalRecord { at: ctx.clock.now(), from, to };
        atomic::write(&path, json!(record).to_string().as_bytes())
    };
    write().map_err(|e| ToolError::Refused {
        message: format!("cannot record the scaling of {service} in {}: {e}", path.display()),
        hint: Some("set --data-dir or $ORDCTL_DATA_DIR to a writable directory".to_owned()),
    })
}

/// Instances created within this time belong to one deployment.
const DEPLOYMENT: TimeDelta = TimeDelta::minutes(1);

/// Maximum clock difference between machines. Times further in the future come from a wrong clock and are ignored, so
/// that they do not block scaling until then.
const MAX_SKEW: TimeDelta = TimeDelta::minutes(1);

/// The last change; none if no source has any.
pub(crate) async fn last_change(
    ctx: &ToolContext,
    service: &str,
    managed: Option<&ManagedService>,
    all: &[Instance],
) -> Result<Option<ScaleChange>, ToolError> {
    let from_database = from_database(ctx, service).await?;
    let from_file = from_file(ctx, service)?;
    let from_platform = match managed {
        Some(_) => {
            let at = ctx.clients.platform()?.resized_at(service).await?;
            at.map(|at| (at, "by the platform".to_owned()))
        }
        None => last_added(all).map(|(at, instance)| (at, format!("{} created", instance.name))),
    };
    let from_platform = from_platform.and_then(|(at, by)| {
        Some(ScaleChange { seconds_ago: age(ctx.clock.now(), at)?, by, from: None, to: None })
    });
    // For the same age the first source wins: a recorded run says most.
    let all = [from_database, from_file, from_platform].into_iter().flatten();
    Ok(all.min_by(|a, b| a.seconds_ago.total_cmp(&b.seconds_ago)))
}

/// The last added instance and its creation time. A replacement, which has the number of an older instance, and a
/// deployment of all instances do not change the number.
fn last_added(all: &[Instance]) -> Option<(DateTime<Utc>, &Instance)> {
    let last = all.iter().filter(|i| i.is_running()).max_by_key(|i| i.number)?;
    let at = last.created_at?;
    let older = |i: &Instance| i.created_at.is_some_and(|created| created + DEPLOYMENT < at);
    all.iter().any(older).then_some((at, last))
}

async fn from_database(ctx: &ToolContext, service: &str) -> Result<Option<ScaleChange>, ToolError> {
    Ok(ctx.store()?.last_scale_change(service).await?)
}

fn from_file(ctx: &ToolContext, service: &str) -> Result<Option<ScaleChange>, ToolError> {
    let path = record_path(ctx, service);
    let fail = |e: String| ToolError::failed(format!("{}: {e}", path.display()));
    let bytes = match plain_file::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(fail(e.to_string())),
    };
    let record: LocalRecord = serde_json::from_slice(&bytes).map_err(|e| fail(e.to_string()))?;
    let by = "a run on this machine".to_owned();
    let age = age(ctx.clock.now(), record.at);
    Ok(age.map(|seconds_ago| ScaleChange { seconds_ago, by, from: Some(record.from), to: Some(record.to) }))
}

/// Seconds since `at`; 0 for a time slightly in the future, none beyond [`MAX_SKEW`].
fn age(now: DateTime<Utc>, at: DateTime<Utc>) -> Option<f64> {
    (at - now < MAX_SKEW).then(|| (now - at).as_seconds_f64().max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn instances(minutes: &[i64]) -> Vec<Instance> {
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
    fn only_an_added_instance_changes_the_number() {
        for (what, minutes, wanted) in [
            ("two added", &[0, 0, 30, 30][..], Some(30)),
            ("the first one replaced", &[40, 0, 30], Some(30)),
            ("a deployment", &[50, 50, 50], None),
            ("the only one", &[0], None),
            ("none", &[], None),
        ] {
            let instances = instances(minutes);
            assert_eq!(last_added(&instances).map(|(at, _)| at), wanted.map(at), "{what}");
        }
    }

    #[test]
    fn a_time_far_in_the_future_is_ignored() {
        assert_eq!(age(at(10), at(9)), Some(60.0));
        assert_eq!(age(at(10), at(10) + TimeDelta::seconds(59)), Some(0.0));
        assert_eq!(age(at(10), at(11)), None);
    }
}
