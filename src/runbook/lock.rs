//! One acting run at a time per target: a lock file always, and an advisory lock in the database
//! when it answers, which also holds against runs on other hosts. Who finds it taken is refused, or waits
//! as long as was asked for.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::base::cli_error::CliError;
use crate::base::layout::{Layout, fingerprint};
use crate::base::units::duration;
use crate::clients::postgres::Session;
use crate::model::{Event, Target};
use crate::pipeline::{Stop, World};
use crate::store::Store;

/// Held while a run acts; released when dropped, also by a crash.
pub(crate) struct RunLock {
    _file: File,
    _session: Option<Session>,
}

/// Why the lock cannot be had.
enum No {
    Taken(CliError),
    /// For a reason that waiting does not change.
    Never(CliError),
}

const PAUSE: Duration = Duration::from_secs(1);

/// Takes both locks; when another run has them, as soon as it ends, within `wait`.
pub(crate) async fn take(
    world: &World,
    target: &Target,
    runbook: &str,
    wait: Duration,
    mut stop: Stop,
) -> Result<RunLock, CliError> {
    let (begin, mut told) = (Instant::now(), false);
    loop {
        let taken = match attempt(world, target, runbook).await {
            Ok(lock) => return Ok(lock),
            Err(No::Never(fault)) => return Err(fault),
            Err(No::Taken(fault)) => fault,
        };
        let left = wait.saturating_sub(begin.elapsed());
        if left.is_zero() {
            return Err(taken);
        }
        if !std::mem::replace(&mut told, true) {
            let what = format!("waiting for up to {}: {taken}", duration(wait.as_secs_f64()));
            world.ctx.observer.notice(Event::Waits { what });
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE.min(left)) => {}
            Ok(_) = stop.wait_for(|stop| *stop) => return Err(CliError::interrupted("interrupted before anything was done")),
        }
    }
}

async fn attempt(world: &World, target: &Target, runbook: &str) -> Result<RunLock, No> {
    let file = file_lock(world, target, runbook)?;
    let session = match world.ctx.clients.postgres() {
        Ok(postgres) => match postgres.session().await {
            Ok(session) => {
                let got = Store::try_run_lock(&session, &world.ctx.library).await;
                // A database that cannot say is no reason not to act: the file still guards.
                if got.is_ok_and(|got| !got) {
                    let fault = CliError::refused("another run acts on this database");
                    let hint =
                        "it holds an advisory lock: wait for it (--wait), or see pg_locks for its session";
                    return Err(No::Taken(fault.hint(hint)));
                }
                Some(session)
            }
            Err(_) => None,
        },
        Err(_) => None,
    };
    Ok(RunLock { _file: file, _session: session })
}

fn file_lock(world: &World, target: &Target, runbook: &str) -> Result<File, No> {
    let layout = Layout::new(world.ctx.settings.data_dir());
    let directory = layout.locks();
    let fail = |e: std::io::Error| {
        let fault =
            CliError::refused(format!("cannot take the run lock in {}", directory.display())).because(e);
        No::Never(fault.hint("name a directory that you may write to: --data-dir or $ORDCTL_DATA_DIR"))
    };
    std::fs::create_dir_all(&directory).map_err(fail)?;
    let key = json!([target.environment, target.database, target.docker]).to_string();
    let path = directory.join(format!("{:016x}.lock", fingerprint(key.as_bytes())));
    let mut file =
        OpenOptions::new().create(true).read(true).write(true).truncate(false).open(&path).map_err(fail)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            drop(file.read_to_string(&mut holder));
            let fault = CliError::refused(format!("another run acts on this target: {}", holder.trim()));
            return Err(No::Taken(fault.hint("wait for it to end, or let --wait 15m do so")));
        }
        Err(TryLockError::Error(e)) => return Err(fail(e)),
    }
    // Who holds the lock is a courtesy to the one who waits; the lock itself needs no content.
    drop(file.set_len(0).and_then(|()| file.rewind()).and_then(|()| {
        writeln!(
            file,
            "{runbook}, process {}, since {}",
            std::process::id(),
            world.ctx.clock.now().to_rfc3339()
        )
    }));
    Ok(file)
}
