//! Allows one acting run at a time per target, by a lock file and, when the database is reachable, by an
//! advisory lock that also excludes runs on other hosts. A second run is refused, or waits with `--wait`.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rustix::fs::OFlags;
use serde_json::json;

use crate::base::cli_error::CliError;
use crate::base::layout::{Layout, fingerprint};
use crate::base::short_time::{age, local_time};
use crate::base::units::duration;
use crate::clients::postgres::{ClientError, Postgres, SYSTEM, Session};
use crate::model::{Event, Target};
use crate::pipeline::{Executor, Stop};
use crate::store::{Store, StoreError};

/// Released when dropped, also by a crash.
pub(crate) struct RunLock {
    _file: File,
    _session: Option<Session>,
}

enum LockError {
    Taken(CliError),
    /// Waiting does not help.
    Unavailable(CliError),
}

/// The lock file ends with this word and a time in RFC 3339.
const SINCE: &str = ", since ";
/// The file has a name, a number and a time.
const HOLDER_MAX: u64 = 4096;
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// Takes both locks. Waits up to `wait` while another run has them.
pub(crate) async fn take(
    executor: &Executor,
    target: &Target,
    runbook: &str,
    wait: Duration,
    mut stop: Stop,
) -> Result<RunLock, CliError> {
    let (begin, mut notified) = (Instant::now(), false);
    loop {
        let taken = match attempt(executor, target, runbook).await {
            Ok(lock) => return Ok(lock),
            Err(LockError::Unavailable(fault)) => return Err(fault),
            Err(LockError::Taken(fault)) => fault,
        };
        let left = wait.saturating_sub(begin.elapsed());
        if left.is_zero() {
            return Err(taken);
        }
        if !std::mem::replace(&mut notified, true) {
            let what = format!("waiting for up to {}: {taken}", duration(wait.as_secs_f64()));
            executor.ctx.observer.notice(Event::Waits { what });
        }
        tokio::select! {
            () = tokio::time::sleep(RETRY_INTERVAL.min(left)) => {}
            Ok(_) = stop.wait_for(|stop| *stop) => return Err(CliError::interrupted("interrupted before anything changed")),
        }
    }
}

async fn attempt(executor: &Executor, target: &Target, runbook: &str) -> Result<RunLock, LockError> {
    let file = file_lock(executor, target, runbook)?;
    let session = match executor.ctx.clients.postgres() {
        Ok(postgres) => match database_lock(executor, postgres).await {
            // Without an answer from the database the lock file still guards.
            Ok((session, got)) => {
                if got.is_ok_and(|got| !got) {
                    let fault = CliError::refused("another run is acting on this database");
                    let hint = "wait for it with --wait 15m; `ordctl history` shows it";
                    return Err(LockError::Taken(fault.hint(hint)));
                }
                Some(session)
            }
            Err(_) => None,
        },
        Err(_) => None,
    };
    Ok(RunLock { _file: file, _session: session })
}

async fn database_lock(
    executor: &Executor,
    postgres: &Postgres,
) -> Result<(Session, Result<bool, StoreError>), ClientError> {
    let attempt = async {
        let session = postgres.session().await?;
        let got = Store::try_run_lock(&session, &executor.ctx.library).await;
        Ok((session, got))
    };
    executor.ctx.while_answering(SYSTEM, attempt).await
}

fn file_lock(executor: &Executor, target: &Target, runbook: &str) -> Result<File, LockError> {
    let layout = Layout::new(executor.ctx.settings.data_dir());
    let directory = layout.locks();
    let fail = |e: std::io::Error| {
        let fault =
            CliError::refused(format!("cannot take the run lock in {}", directory.display())).because(e);
        LockError::Unavailable(fault.hint("name a writable directory with --data-dir or $ORDCTL_DATA_DIR"))
    };
    std::fs::create_dir_all(&directory).map_err(fail)?;
    let key = json!([target.environment, target.database, target.docker]).to_string();
    let path = directory.join(format!("{:016x}.lock", fingerprint(key.as_bytes())));
    let mut options = OpenOptions::new();
    options.create(true).read(true).write(true).truncate(false).mode(0o600);
    options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
    let mut file = options.open(&path).map_err(fail)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            drop(file.take(HOLDER_MAX).read_to_string(&mut holder));
            let holder = shown(holder.trim(), executor.ctx.clock.now(), executor.ctx.settings.time_zone);
            let fault = CliError::refused(format!("another run is acting on this target: {holder}"));
            return Err(LockError::Taken(fault.hint("wait for it with --wait 15m")));
        }
        Err(TryLockError::Error(e)) => return Err(fail(e)),
    }
    // The content is only for messages; the lock works without it.
    drop(file.set_len(0).and_then(|()| file.rewind()).and_then(|()| {
        writeln!(
            file,
            "{runbook}, process {}{SINCE}{}",
            std::process::id(),
            executor.ctx.clock.now().to_rfc3339()
        )
    }));
    Ok(file)
}

/// The content of a lock file for a person, with its time as local time and age.
fn shown(holder: &str, now: DateTime<Utc>, zone: Tz) -> String {
    let parts =
        holder.rsplit_once(SINCE).and_then(|(run, at)| Some((run, at.parse::<DateTime<Utc>>().ok()?)));
    match parts {
        Some((run, at)) => format!("{run}{SINCE}{} ({} ago)", local_time(at, zone), age(at, now)),
        None => holder.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_lock_file_is_shown_as_other_times() {
        let now = "2026-11-29T12:00:00Z".parse().unwrap();
        let of = |holder| shown(holder, now, chrono_tz::Europe::Chisinau);
        assert_eq!(
            of("maintain/weekly, process 7, since 2026-11-29T11:57:00.123456789+00:00"),
            "maintain/weekly, process 7, since 2026-11-29 13:57:00 (2m ago)"
        );
        assert_eq!(of("maintain/weekly, process 7"), "maintain/weekly, process 7");
        assert_eq!(of(""), "");
    }
}
