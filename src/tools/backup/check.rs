//! `check.backup`: whether there is a dump, how old and how large the newest is.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::base::settings;
use crate::base::units::{bytes, duration};
use crate::clients::ClientError;
use crate::clients::host::SYSTEM;
use crate::model::{Finding, Status, Threshold};
use crate::tools::backup::dir;
use crate::tools::backup::dumps::{Dump, dumps};
use crate::tools::{Output, Tool, ToolContext, ToolError};

/// How long the directory may take: it may lie on a server that is gone.
const PATIENCE: Duration = Duration::from_secs(4);
/// A dump that is smaller than this share of the one before it is suspicious.
const SHRUNK: f64 = 0.5;

pub(crate) struct Backup;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

impl Tool for Backup {
    type Params = Params;
    type Result = Option<Dump>;

    const NAME: &'static str = "check.backup";
    const HELP: &'static str = "whether there is a dump, how old and how large the newest is";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, _: Params, ctx: &ToolContext) -> Result<Output<Option<Dump>>, ToolError> {
        let settings = &ctx.settings.backup;
        let Some(dir) = &settings.dir else {
            return Err(ClientError::NotConfigured { system: "backup", setting: "backup.dir" }.into());
        };
        let Ok(found) = tokio::time::timeout(PATIENCE, dumps(dir, prefix(ctx))).await else {
            let summary = format!("{} does not answer", dir.display());
            return Err(ClientError::unreachable(SYSTEM, summary).into());
        };
        let found = found?;
        let findings = findings(&found, dir, settings, ctx.clock.now());
        Ok(Output::new(findings, found.into_iter().next()))
    }
}

/// What the names of this database's dumps begin with, where ordctl made them.
fn prefix(ctx: &ToolContext) -> Option<String> {
    let postgres = ctx.clients.postgres().ok()?;
    Some(dir::prefix(postgres.database()?, &ctx.settings.environment))
}

fn findings(found: &[Dump], dir: &Path, settings: &settings::Backup, now: DateTime<Utc>) -> Vec<Finding> {
    let list = format!("ls -lht '{}' | head", dir.display());
    let Some(newest) = found.first() else {
        let summary = format!("there is no dump in {}", dir.display());
        return vec![Finding::new("age", SYSTEM, Status::Crit, summary).hint(list)];
    };
    let age = (now - newest.modified).as_seconds_f64().max(0.0);
    let max = settings.max_age.as_secs_f64();
    let name = newest.path.strip_prefix(dir).unwrap_or(&newest.path).display();
    let summary = format!("newest dump: {name}, {} old", duration(age));
    let threshold = Threshold::above(Some(max), Some(2.0 * max));
    let age = Finding::measured("age", SYSTEM, summary, age, Some("s"), threshold)
        .hint(list.clone())
        .details(json!(newest));
    // Another's size says nothing of ours, which may be compressed otherwise.
    let before = found.iter().skip(1).find(|dump| dump.ours == newest.ours);
    [age, size(newest, before).hint(list)].into_iter().chain(verified(found, dir, now)).collect()
}

/// What is known of dumps that were restored to prove them: said where one is not, and where the newest
/// dump is not of ours. How often one has to be is not judged here.
fn verified(found: &[Dump], dir: &Path, now: DateTime<Utc>) -> Option<Finding> {
    let newest = found.first()?;
    let last = found.iter().find(|dump| dump.ours).unwrap_or(newest);
    let name = |dump: &Dump| dump.path.strip_prefix(dir).unwrap_or(&dump.path).display().to_string();
    if last.verified == Some(false) {
        let text = format!("{} is not verified: it may not be restorable", name(last));
        let again = "ordctl maintain monthly --only verify; a new one: ordctl maintain monthly";
        return Some(Finding::new("verified", SYSTEM, Status::Crit, text).hint(again));
    }
    let proven = found.iter().find(|dump| dump.verified == Some(true))?;
    let age = (now - proven.modified).as_seconds_f64().max(0.0);
    let summary = format!("newest verified: {}, {} old", name(proven), duration(age));
    let finding = Finding::measured("verified", SYSTEM, summary, age, Some("s"), Threshold::NONE);
    (proven != newest).then(|| finding.details(json!(proven)))
}

fn size(newest: &Dump, before: Option<&Dump>) -> Finding {
    let now = newest.size as f64;
    let mut summary = format!("its size: {}", bytes(now));
    let mut status = Status::Ok;
    if let Some(before) = before {
        summary.push_str(&format!(", the one before it {}", bytes(before.size as f64)));
        if now < SHRUNK * before.size as f64 {
            status = Status::Warn;
        }
    }
    if newest.broken {
        summary.push_str("; its beginning is not that of a dump");
        status = Status::Crit;
    }
    if newest.size == 0 {
        summary.push_str("; it is empty");
        status = Status::Crit;
    }
    Finding::measured("size", SYSTEM, summary, now, Some("bytes"), Threshold::NONE).at_least(status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn judged(dumps: &[(i64, u64, bool)]) -> Vec<Status> {
        let now: DateTime<Utc> = "2026-01-10T12:00:00Z".parse().unwrap();
        let dump = |(hours, size, broken): &(i64, u64, bool)| {
            let modified = now - TimeDelta::hours(*hours);
            let path = "/backups/a.dump".into();
            Dump { path, size: *size, modified, broken: *broken, ours: false, verified: None }
        };
        let dumps: Vec<Dump> = dumps.iter().map(dump).collect();
        let found = findings(&dumps, Path::new("/backups"), &settings::Backup::default(), now);
        found.iter().map(|f| f.status).collect()
    }

    #[test]
    fn what_ordctl_made_long_ago_hides_no_other_dump_and_is_said_apart() {
        let now: DateTime<Utc> = "2026-01-30T12:00:00Z".parse().unwrap();
        let dump = |name: &str, hours: i64, size, ours, verified| {
            let (path, modified) = (Path::new("/backups").join(name), now - TimeDelta::hours(hours));
            Dump { path, size, modified, broken: false, ours, verified }
        };
        let said = |dumps: &[Dump]| -> Vec<(Status, String)> {
            let found = findings(dumps, Path::new("/backups"), &settings::Backup::default(), now);
            found.into_iter().map(|f| (f.status, f.summary)).collect()
        };
        let mut dumps = vec![
            dump("o-2026-01-30.dump", 1, 10, false, None),
            dump("o@prod.dump", 480, 100, true, Some(true)),
            dump("o-2026-01-09.dump", 500, 11, false, None),
        ];
        let found = said(&dumps);
        assert_eq!(found[0], (Status::Ok, "newest dump: o-2026-01-30.dump, 1h old".to_owned()));
        assert_eq!(found[1], (Status::Ok, "its size: 10 B, the one before it 11 B".to_owned()));
        assert_eq!(found[2], (Status::Ok, "newest verified: o@prod.dump, 20d old".to_owned()));
        // One of ours that is not verified is none, however new another's is.
        dumps[1].verified = Some(false);
        assert_eq!(said(&dumps)[2].0, Status::Crit);
        dumps.remove(0);
        assert_eq!(said(&dumps)[0].0, Status::Crit);
        // The newest is the verified one: there is nothing more to say.
        dumps[0].verified = Some(true);
        assert_eq!(said(&dumps).len(), 2);
    }

    #[test]
    fn a_missing_old_empty_broken_or_shrunken_dump_is_noticed() {
        use Status::{Crit, Ok, Warn};
        assert_eq!(judged(&[]), [Crit]);
        assert_eq!(judged(&[(1, 100, false)]), [Ok, Ok]);
        assert_eq!(judged(&[(26, 100, false)]), [Warn, Ok]);
        assert_eq!(judged(&[(50, 100, false)]), [Crit, Ok]);
        assert_eq!(judged(&[(1, 0, false), (25, 100, false)]), [Ok, Crit]);
        assert_eq!(judged(&[(1, 100, true)]), [Ok, Crit]);
        assert_eq!(judged(&[(1, 49, false), (25, 100, false)]), [Ok, Warn]);
        assert_eq!(judged(&[(1, 50, false), (25, 100, false)]), [Ok, Ok]);
    }
}
