//! pg_dump, pg_dumpall and pg_restore: finding a version that fits the server, and running them.
//!
//! Their data passes through a pipe of this process, which counts and hashes it. If this process dies, the
//! pipe breaks and the programs end. Dropping a call kills them.

use std::fs::File;
use std::io::{PipeWriter, Read, Write, pipe};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ring::digest::{Context, SHA256};
use tokio::process::Command;

use crate::clients::ClientError;
use crate::clients::detached::{Abandoned, spawn_detached};
use crate::clients::http::first_words;
use crate::clients::postgres::Environment;
use crate::clients::process::{Group, beginning};
use crate::clients::programs;

pub(crate) const SYSTEM: &str = "pg_dump";
const RESTORE: &str = "pg_restore";
pub(crate) const DUMPALL: &str = "pg_dumpall";

const CHUNK: usize = 256 * 1024;
/// Bytes of stderr kept for an error message.
const STDERR_MAX: usize = 16 * 1024;

/// A directory with pg_dump and pg_restore.
#[derive(Clone, Debug)]
pub(crate) struct PgPrograms {
    pub(crate) dir: PathBuf,
    pub(crate) major: u32,
}

#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum ProgramsError {
    #[error("pg_dump and pg_restore not found")]
    NotFound { searched: Vec<PathBuf> },
    #[error("pg_dump {} is too old for a server of version {server}", newest(installed))]
    TooOld { installed: Vec<u32>, server: u32 },
}

fn newest(installed: &[u32]) -> u32 {
    installed.iter().copied().max().unwrap_or_default()
}

impl ProgramsError {
    pub(crate) fn hint(&self, server: u32) -> String {
        let install = format!(
            "apt-get install postgresql-client-{server} (dnf install postgresql{server}, apk add postgresql{server}-client), \
             or set backup.programs to their directory"
        );
        match self {
            Self::NotFound { searched } => {
                let places: Vec<String> = searched.iter().map(|p| p.display().to_string()).collect();
                format!("{install}; searched {}", places.join(", "))
            }
            Self::TooOld { .. } => install,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) bytes: u64,
    /// SHA-256 in hexadecimal.
    pub(crate) sha256: String,
}

impl PgPrograms {
    /// The programs for a server of this major version: the oldest version that is not older than the
    /// server, because an older server may not restore the dump of a newer pg_dump. `only` restricts the
    /// search to one directory.
    pub(crate) async fn find(
        only: Option<PathBuf>,
        server: u32,
    ) -> Result<Result<Self, ProgramsError>, ClientError> {
        let found = spawn_detached(move |_| find(only, server)).await;
        found.map_err(|e| ClientError::failed(SYSTEM, e))
    }

    fn command(&self, program: &str, environment: &Environment, args: &[String]) -> Command {
        let mut command = Command::new(self.dir.join(program));
        command.args(args).env_clear().process_group(0);
        command.envs(environment.iter().map(|(k, v)| (k, v)));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    /// Runs pg_dump into a file and syncs it. `progress` counts bytes.
    pub(crate) async fn dump(
        &self,
        environment: &Environment,
        args: &[String],
        into: File,
        progress: Arc<AtomicU64>,
    ) -> Result<Written, ClientError> {
        self.run_into_file(SYSTEM, environment, args, into, progress).await
    }

    /// Runs pg_dumpall into a file and syncs it.
    pub(crate) async fn dump_globals(
        &self,
        environment: &Environment,
        args: &[String],
        into: File,
    ) -> Result<Written, ClientError> {
        self.run_into_file(DUMPALL, environment, args, into, Arc::default()).await
    }

    async fn run_into_file(
        &self,
        name: &'static str,
        environment: &Environment,
        args: &[String],
        into: File,
        progress: Arc<AtomicU64>,
    ) -> Result<Written, ClientError> {
        let (reader, writer) = pipe().map_err(|e| ClientError::failed(name, e))?;
        let mut command = self.command(name, environment, args);
        command.stdout(writer);
        let copy = spawn_detached(move |abandoned| copy_hashed(reader, Some(into), &progress, abandoned));
        let (ended, copied) = tokio::join!(run(name, command), copy);
        // A failed write is the cause of the program's own error.
        let written = copied.and_then(|c| c).map_err(|e| ClientError::failed(name, e))?;
        ended?;
        Ok(written)
    }

    /// Number of entries in the table of contents of a dump.
    pub(crate) async fn list(&self, environment: &Environment, dump: &Path) -> Result<usize, ClientError> {
        let (reader, writer) = pipe().map_err(|e| ClientError::failed(RESTORE, e))?;
        let mut command = self.command(RESTORE, environment, &["--list".to_owned()]);
        command.arg(dump).stdout(writer);
        let count = spawn_detached(move |_| {
            let mut text = String::new();
            let mut reader = reader;
            reader.read_to_string(&mut text).map(|_| text.lines().filter(|l| !l.starts_with(';')).count())
        });
        let (ended, counted) = tokio::join!(run(RESTORE, command), count);
        ended?;
        counted.and_then(|c| c).map_err(|e| ClientError::failed(RESTORE, e))
    }

    /// Runs pg_restore on a dump. `progress` counts bytes.
    pub(crate) async fn restore(
        &self,
        environment: &Environment,
        args: &[String],
        from: File,
        progress: Arc<AtomicU64>,
    ) -> Result<(), ClientError> {
        let (reader, writer) = pipe().map_err(|e| ClientError::failed(RESTORE, e))?;
        let mut command = self.command(RESTORE, environment, args);
        command.stdin(reader);
        let feed = spawn_detached(move |abandoned| feed(from, writer, &progress, abandoned));
        let (ended, fed) = tokio::join!(run(RESTORE, command), feed);
        // A failed read is the cause of pg_restore's own error.
        fed.and_then(|f| f).map_err(|e| ClientError::failed(super::host::SYSTEM, e))?;
        ended
    }
}

/// Runs a program to its end. Dropping the future kills it.
async fn run(name: &'static str, mut command: Command) -> Result<(), ClientError> {
    let spawned = command.spawn();
    // The command holds the other end of the pipe.
    drop(command);
    let mut child = spawned.map_err(|e| ClientError::failed(name, format!("cannot be started: {e}")))?;
    let group = Group::of(&child);
    let stderr = child.stderr.take();
    let (status, stderr) = tokio::join!(child.wait(), beginning(stderr, STDERR_MAX));
    drop(group);
    let status = status.map_err(|e| ClientError::failed(name, format!("exit status unknown: {e}")))?;
    if status.success() { Ok(()) } else { Err(program_error(name, status, &stderr)) }
}

fn program_error(name: &'static str, status: ExitStatus, stderr: &[u8]) -> ClientError {
    let text = String::from_utf8_lossy(stderr);
    // Warnings come before the error.
    let from = text.find("error:").map_or(0, |at| at + "error:".len());
    let words = first_words(text[from..].as_bytes(), 400);
    ClientError::failed(name, if words.is_empty() { status.to_string() } else { words })
}

fn find(only: Option<PathBuf>, server: u32) -> Result<PgPrograms, ProgramsError> {
    let directories = only.as_ref().map_or_else(programs::directories, |dir| vec![dir.clone()]);
    let has_both = |dir: &&PathBuf| [SYSTEM, RESTORE].iter().all(|p| dir.join(p).is_file());
    // Debian's wrapper chooses a version itself; the search finds the versions directly.
    let is_wrapper = |dir: &PathBuf| {
        let real = dir.join(SYSTEM).canonicalize();
        only.is_none() && real.is_ok_and(|p| p.file_name().is_some_and(|n| n == "pg_wrapper"))
    };
    let mut found: Vec<PgPrograms> = directories
        .iter()
        .filter(has_both)
        .filter(|dir| !is_wrapper(dir))
        .filter_map(|dir| Some(PgPrograms { major: programs::major(&dir.join(SYSTEM))?, dir: dir.clone() }))
        .collect();
    if found.is_empty() {
        let packages = only.is_none().then(programs::patterns).into_iter().flatten();
        return Err(ProgramsError::NotFound { searched: directories.into_iter().chain(packages).collect() });
    }
    // The sort is stable: of two with one version the first found wins.
    found.sort_by_key(|p| p.major);
    let majors = found.iter().map(|p| p.major).collect();
    found.into_iter().find(|p| p.major >= server).ok_or(ProgramsError::TooOld { installed: majors, server })
}

/// Reads to the end, hashes the data and writes it to `into`, synced.
fn copy_hashed(
    mut from: impl Read,
    mut into: Option<File>,
    progress: &AtomicU64,
    abandoned: &Abandoned,
) -> std::io::Result<Written> {
    let (mut digest, mut chunk, mut bytes) = (Context::new(&SHA256), vec![0; CHUNK], 0);
    while !abandoned.is_set() {
        let n = from.read(&mut chunk)?;
        if n == 0 {
            break;
        }
        if let Some(into) = &mut into {
            into.write_all(&chunk[..n])?;
        }
        digest.update(&chunk[..n]);
        bytes += n as u64;
        progress.store(bytes, Ordering::Relaxed);
    }
    if let Some(into) = into {
        into.sync_all()?;
    }
    let sha256 = digest.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Written { bytes, sha256 })
}

fn feed(
    mut from: File,
    mut into: PipeWriter,
    progress: &AtomicU64,
    abandoned: &Abandoned,
) -> std::io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        let n = from.read(&mut chunk)?;
        // pg_restore need not read to the end; its exit status decides.
        if n == 0 || abandoned.is_set() || into.write_all(&chunk[..n]).is_err() {
            return Ok(());
        }
        progress.fetch_add(n as u64, Ordering::Relaxed);
    }
}

/// Size and checksum of a file.
pub(crate) async fn digest(from: File, progress: Arc<AtomicU64>) -> Result<Written, ClientError> {
    let read = spawn_detached(move |abandoned| copy_hashed(from, None, &progress, abandoned));
    read.await.and_then(|r| r).map_err(|e| ClientError::failed(super::host::SYSTEM, e))
}
