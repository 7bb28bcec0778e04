//! `check.backup`: age, size and verification of the newest dump.

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
use crate::tools::backup::dir::names;
use crate::tools::backup::dump_files::{self, DumpFile};
use crate::tools::{Output, Tool, ToolContext, ToolError, backup};

/// The directory may be on a network filesystem that does not answer.
const TIMEOUT: Duration = Duration::from_secs(4);
/// A dump smaller than this fraction of the previous one is suspicious.
const SHRUNK: f64 = 0.5;

pub(crate) struct Backup;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

impl Tool for Backup {
    type Params = Params;
    type Result = Option<DumpFile>;

    const NAME: &'static str = "check.backup";
    const HELP: &'static str = "Check age, size and verification of the newest dump";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, _: Params, ctx: &ToolContext) -> Result<Output<Option<DumpFile>>, ToolError> {
        let settings = &ctx.settings.backup;
        let Some(dir) = &settings.dir else {
            return Err(backup::not_configured().into());
        };
        let Ok(found) = tokio::time::timeout(TIMEOUT, dump_files::list(dir, prefix(ctx))).await else {
            let message = format!("{}: no answer within {}", dir.display(), duration(TIMEOUT.as_secs_f64()));
            return Err(ClientError::unreachable(SYSTEM, message).into());
        };
        let found = found?;
        let findings = findings(&found, dir, settings, ctx.clock.now());
        Ok(Output::new(findings, found.into_iter().next()))
    }
}

/// The prefix of ordctl's dumps of this database.
fn prefix(ctx: &ToolContext) -> Option<String> {
    let postgres = ctx.clients.postgres().ok()?;
    Some(names::prefix(postgres.database()?, &ctx.settings.environment))
}

fn findings(found: &[DumpFile], dir: &Path, settings: &settings::Backup, now: DateTime<Utc>) -> Vec<Finding> {
    let list = format!("ls -lht '{}' | head", dir.display());
    let Some(newest) = found.first() else {
        let summary = format!("Newest dump: none in {}", dir.display());
        return vec![Finding::new("age", SYSTEM, Status::Crit, summary).hint(list)];
    };
    let age = (now - newest.modified).as_seconds_f64().max(0.0);
    let max = settings.max_age.as_secs_f64();
    let name = newest.path.strip_prefix(dir).unwrap_or(&newest.path).display();
    let summary = format!("Newest dump: {name}, {} old", duration(age));
    let threshold = Threshold::above(Some(max), Some(2.0 * max));
    let age = Finding::measured("age", SYSTEM, summary, age, Some("s"), threshold)
        .hint(list.clone())
        .details(json!(newest));
    // Dumps of other programs may be compressed differently.
    let before = found.iter().skip(1).find(|dump| dump.ours == newest.ours);
    [age, size(newest, before).hint(list)].into_iter().chain(verified(found, dir, now)).collect()
}

/// Reports an unverified dump, and the newest verified one if it is not the newest. How often a dump must be
/// verified is not judged here.
fn verified(found: &[DumpFile], dir: &Path, now: DateTime<Utc>) -> Option<Finding> {
    let newest = found.first()?;
    let last = found.iter().find(|dump| dump.ours).unwrap_or(newest);
    let name = |dump: &DumpFile| dump.path.strip_prefix(dir).unwrap_or(&dump.path).display().to_string();
    if last.verified == Some(false) {
        let text = format!("Newest dump of ordctl: {}, not verified", name(last));
        let again = "ordctl maintain monthly --only verify";
        return Some(Finding::new("verified", SYSTEM, Status::Crit, text).hint(again));
    }
    let verified = found.iter().find(|dump| dump.verified == Some(true))?;
    let age = (now - verified.modified).as_seconds_f64().max(0.0);
    let summary = format!("Newest verified dump: {}, {} old", name(verified), duration(age));
    let finding = Finding::measured("verified", SYSTEM, summary, age, Some("s"), Threshold::NONE);
    (verified != newest).then(|| finding.details(json!(verified)))
}

fn size(newest: &DumpFile, before: Option<&DumpFile>) -> Finding {
    let now = newest.size as f64;
    let mut summary = format!("Size of the newest dump: {}", bytes(now));
    let mut status = Status::Ok;
    if let Some(before) = before {
        summary.push_str(&format!(", previous {}", bytes(before.size as f64)));
        if now < SHRUNK * before.size as f64 {
            status = Status::Warn;
        }
    }
    if newest.broken {
        summary.push_str(", not in a dump format");
        status = Status::Crit;
    }
    if newest.size == 0 {
        summary.push_str(", empty");
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
            DumpFile { path, size: *size, modified, broken: *broken, ours: false, verified: None }
        };
        let dumps: Vec<DumpFile> = dumps.iter().map(dump).collect();
        let found = findings(&dumps, Path::new("/backups"), &settings::Backup::default(), now);
        found.iter().map(|f| f.status).collect()
    }

    #[test]
    fn old_dumps_of_ordctl_hide_no_other_dump_and_are_reported_separately() {
        let now: DateTime<Utc> = "2026-01-30T12:00:00Z".parse().unwrap();
        let dump = |name: &str, hours: i64, size, ours, verified| {
            let (path, modified) = (Path::new("/backups").join(name), now - TimeDelta::hours(hours));
            DumpFile { path, size, modified, broken: false, ours, verified }
        };
        let summaries = |dumps: &[DumpFile]| -> Vec<(Status, String)> {
            let found = findings(dumps, Path::new("/backups"), &settings::Backup::default(), now);
            found.into_iter().map(|f| (f.status, f.summary)).collect()
        };
        let mut dumps = vec![
            dump("o-2026-01-30.dump", 1, 10, false, None),
            dump("o@prod.dump", 480, 100, true, Some(true)),
            dump("o-2026-01-09.dump", 500, 11, false, None),
        ];
        let found = summaries(&dumps);
        assert_eq!(found[0], (Status::Ok, "Newest dump: o-2026-01-30.dump, 1h old".to_owned()));
        assert_eq!(found[1], (Status::Ok, "Size of the newest dump: 10 B, previous 11 B".to_owned()));
        assert_eq!(found[2], (Status::Ok, "Newest verified dump: o@prod.dump, 20d old".to_owned()));
        // An own unverified dump is critical, whatever newer dumps of others exist.
        dumps[1].verified = Some(false);
        assert_eq!(summaries(&dumps)[2].0, Status::Crit);
        dumps.remove(0);
        assert_eq!(summaries(&dumps)[0].0, Status::Crit);
        // The newest dump is verified: no separate finding.
        dumps[0].verified = Some(true);
        assert_eq!(summaries(&dumps).len(), 2);
    }

    #[test]
    fn a_missing_old_empty_broken_or_shrunken_dump_is_reported() {
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
