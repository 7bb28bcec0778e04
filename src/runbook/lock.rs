//! One acting run at a time per target: a lock file always, and an advisory lock in the database
//! when it answers, which also holds against runs on other hosts.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};

use serde_json::json;

use crate::base::fault::Fault;
use crate::base::layout::{Layout, fingerprint};
use crate::clients::postgres::Session;
use crate::model::Target;
use crate::pipeline::World;
use crate::store::Store;

/// Held while a run acts; released when dropped, also by a crash.
pub struct RunLock {
    _file: File,
    _session: Option<Session>,
}

/// Takes both locks.
///
/// # Errors
/// A refusal that says who holds it, or that the lock file cannot be made.
pub async fn take(world: &World, target: &Target, runbook: &str) -> Result<RunLock, Fault> {
    let file = file_lock(world, target, runbook)?;
    let session = match world.ctx.clients.postgres() {
        Ok(postgres) => match postgres.session().await {
            Ok(session) => {
                let got = Store::try_run_lock(&session, &world.ctx.library).await;
                // A database that cannot say is no reason not to act: the file still guards.
                if got.is_ok_and(|got| !got) {
                    return Err(Fault::refused("another run acts on this database")
                        .hint("it holds an advisory lock: wait for it, or see pg_locks for its session"));
                }
                Some(session)
            }
            Err(_) => None,
        },
        Err(_) => None,
    };
    Ok(RunLock { _file: file, _session: session })
}

fn file_lock(world: &World, target: &Target, runbook: &str) -> Result<File, Fault> {
    let layout = Layout::new(world.ctx.settings.data_dir());
    let directory = layout.locks();
    let fail = |e: std::io::Error| {
        Fault::refused(format!("cannot take the run lock in {}", directory.display()))
            .because(e)
            .hint("name a directory that you may write to: --data-dir or $ORDCTL_DATA_DIR")
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
            return Err(Fault::refused(format!("another run acts on this target: {}", holder.trim()))
                .hint("wait for it to end"));
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
