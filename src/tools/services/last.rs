//! When the number of a service's instances was changed last, whoever did it: what runs have recorded in
//! the database, what was done from this machine, and when the newest instance was made. Whoever changes
//! the number by the load waits for a while after that, also where cron starts a new process each time
//! and where two machines do so.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::{ToolContext, ToolError, sampled};
use crate::base::layout::{Layout, fingerprint};
use crate::clients::platform::Instance;
use crate::store::Binds;

/// A change of the number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// How many seconds ago.
    pub seconds_ago: f64,
    /// Who or what made it, or how it is known.
    pub by: String,
    /// How many there were before.
    #[serde(default)]
    pub from: Option<u32>,
    /// How many there were to be.
    #[serde(default)]
    pub to: Option<u32>,
}

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
    let docker = &settings.docker;
    let key = json!([settings.environment, database, docker.host, docker.project, service]).to_string();
    let name = format!("{:016x}.json", fingerprint(key.as_bytes()));
    Layout::new(settings.data_dir()).scaling().join(name)
}

/// Keeps on this machine that the number is about to be changed, or was.
///
/// # Errors
/// When the file cannot be written.
pub fn keep(ctx: &ToolContext, service: &str, from: u32, to: u32) -> Result<(), ToolError> {
    let path = path(ctx, service);
    let write = || -> std::io::Result<()> {
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory)?;
        }
        let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
        std::fs::write(&temporary, json!(Kept { at: ctx.clock.now(), from, to }).to_string())?;
        std::fs::rename(&temporary, &path)
    };
    write().map_err(|e| ToolError::Refused {
        message: format!("cannot keep in {} when {service} was scaled: {e}", path.display()),
        hint: Some("name a directory that you may write to: --data-dir or $ORDCTL_DATA_DIR".to_owned()),
    })
}

/// The last change; none when nothing is known of any.
///
/// # Errors
/// When the database, or the file, cannot be read: then it is not known.
pub async fn change(ctx: &ToolContext, service: &str, all: &[Instance]) -> Result<Option<Change>, ToolError> {
    let recorded = recorded(ctx, service).await?;
    let kept = kept(ctx, service)?;
    let made = all.iter().filter_map(|i| Some((i.created_at?, i))).max_by_key(|(at, _)| *at);
    let made = made.map(|(at, instance)| Change {
        seconds_ago: age(ctx, at),
        by: format!("{} was made", instance.name),
        from: None,
        to: None,
    });
    // Of the same change the record of the run tells most: it comes first where they are as old.
    let all = [recorded, kept, made].into_iter().flatten();
    Ok(all.min_by(|a, b| a.seconds_ago.total_cmp(&b.seconds_ago)))
}

async fn recorded(ctx: &ToolContext, service: &str) -> Result<Option<Change>, ToolError> {
    let binds = Binds::from([("service".to_owned(), service.to_owned())]);
    match ctx.store()?.rows_with::<Change>("engine/scaled_last", &binds).await {
        Ok(rows) => Ok(rows.into_iter().next()),
        // In a database that was never migrated nothing is recorded.
        Err(e) if sampled::never_migrated(&e) => Ok(None),
        Err(e) => Err(e.into()),
    }
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
    Ok(Some(Change { seconds_ago: age(ctx, kept.at), by, from: Some(kept.from), to: Some(kept.to) }))
}

/// What a clock says that goes ahead of ours was now.
fn age(ctx: &ToolContext, at: DateTime<Utc>) -> f64 {
    let age = (ctx.clock.now() - at).num_milliseconds();
    #[expect(clippy::cast_precision_loss, reason = "an age in seconds")]
    let seconds = age as f64 / 1000.0;
    seconds.max(0.0)
}
