//! pg_dump, pg_dumpall and pg_restore: finding a pair that fits a server, and running them.
//!
//! What they write and read goes through a pipe of ours. So it is counted and digested on the way, and
//! when this process dies, however it does, the pipe breaks and they end, too. A call that is dropped kills
//! them at once.

use std::fs::File;
use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ring::digest::{Context, SHA256};
use tokio::process::Command;

use crate::clients::ClientError;
use crate::clients::detached::{Abandoned, aside};
use crate::clients::http::first_words;
use crate::clients::postgres::Environment;
use crate::clients::process::{Group, beginning};
use crate::clients::programs;

pub(crate) const SYSTEM: &str = "pg_dump";
const RESTORE: &str = "pg_restore";
/// The one that knows what belongs to the whole server.
pub(crate) const DUMPALL: &str = "pg_dumpall";

/// How much is read or written at once.
const CHUNK: usize = 256 * 1024;
/// How much of their complaints is kept.
const KEPT: usize = 16 * 1024;

/// A pg_dump and the pg_restore beside it.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    pub(crate) dir: PathBuf,
    pub(crate) major: u32,
}

/// Why there is no pair of programs that fits.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Missing {
    #[error("there is no pg_dump with a pg_restore beside it")]
    None { looked_in: Vec<PathBuf> },
    /// They are older than the server.
    #[error("pg_dump {} cannot dump a server of version {server}", newest(found))]
    Old {
        /// The versions that are there.
        found: Vec<u32>,
        server: u32,
    },
}

fn newest(found: &[u32]) -> u32 {
    found.iter().copied().max().unwrap_or_default()
}

impl Missing {
    pub(crate) fn hint(&self, server: u32) -> String {
        let install = format!(
            "apt-get install postgresql-client-{server} (dnf install postgresql{server}, apk add postgresql{server}-client), \
             or name their directory in backup.programs"
        );
        match self {
            Self::None { looked_in } => {
                let places: Vec<String> = looked_in.iter().map(|p| p.display().to_string()).collect();
                format!("{install}; looked in {}", places.join(", "))
            }
            Self::Old { .. } => install,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Written {
    /// Bytes.
    pub(crate) bytes: u64,
    /// SHA-256 in hexadecimal.
    pub(crate) sha256: String,
}

impl Programs {
    /// The programs for a server of this major version: its own, else the oldest of the newer ones, since a
    /// newer dump cannot always be restored on it. `only` names the directory to look in.
    pub(crate) async fn find(
        only: Option<PathBuf>,
        server: u32,
    ) -> Result<Result<Self, Missing>, ClientError> {
        let found = aside(move |_| find(only, server)).await;
        found.map_err(|e| ClientError::failed(SYSTEM, e))
    }

    fn command(&self, program: &str, environment: &Environment, args: &[String]) -> Command {
        let mut command = Command::new(self.dir.join(program));
        command.args(args).env_clear().process_group(0);
        command.envs(environment.iter().map(|(k, v)| (k, v)));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    /// Runs pg_dump and writes what it gives to a file, to the disk. `far` counts bytes meanwhile.
    pub(crate) async fn dump(
        &self,
        environment: &Environment,
        args: &[String],
        into: File,
        far: Arc<AtomicU64>,
    ) -> Result<Written, ClientError> {
        self.written(SYSTEM, environment, args, into, far).await
    }

    /// Runs pg_dumpall and writes what it gives to a file, to the disk.
    pub(crate) async fn globals(
        &self,
        environment: &Environment,
        args: &[String],
        into: File,
    ) -> Result<Written, ClientError> {
        self.written(DUMPALL, environment, args, into, Arc::default()).await
    }

    async fn written(
        &self,
        name: &'static str,
        environment: &Environment,
        args: &[String],
        into: File,
        far: Arc<AtomicU64>,
    ) -> Result<Written, ClientError> {
        let (reader, writer) = pipe().map_err(|e| ClientError::failed(name, e))?;
        let mut command = self.command(name, environment, args);
        command.stdout(writer);
        let copy = aside(move |gone| keep(reader, into, &far, gone));
        let (ended, copied) = tokio::join!(ended(name, command), copy);
        // A file that could not be written is the cause of what the program then says.
        let written = copied.and_then(|c| c).map_err(|e| ClientError::failed(name, e))?;
        ended?;
        Ok(written)
    }

    /// How many entries the table of contents of a dump has.
    pub(crate) async fn list(&self, environment: &Environment, dump: &Path) -> Result<usize, ClientError> {
        let (reader, writer) = pipe().map_err(|e| ClientError::failed(RESTORE, e))?;
        let mut command = self.command(RESTORE, environment, &["--list".to_owned()]);
        command.arg(dump).stdout(writer);
        let count = aside(move |_| {
            let mut text = String::new();
            let mut reader = reader;
            reader.read_to_string(&mut text).map(|_| text.lines().filter(|l| !l.starts_with(';')).count())
        });
        let (ended, counted) = tokio::join!(ended(RESTORE, command), count);
        ended?;
        counted.and_then(|c| c).map_err(|e| ClientError::failed(RESTORE, e))
    }

    /// Runs pg_restore on a dump. `far` counts bytes meanwhile.
    pub(crate) async fn restore(
        &self,
        environment: &Environment,
        args: &[String],
        from: File,
        far: Arc<AtomicU64>,
    ) -> Result<(), ClientError> {
        let (reader, writer) = pipe().map_err(|e| ClientError::failed(RESTORE, e))?;
        let mut command = self.command(RESTORE, environment, args);
        command.stdin(reader);
        let feed = aside(move |gone| feed(from, writer, &far, gone));
        let (ended, fed) = tokio::join!(ended(RESTORE, command), feed);
        // A file that could not be read to its end is the cause of what pg_restore then says.
        fed.and_then(|f| f).map_err(|e| ClientError::failed(super::host::SYSTEM, e))?;
        ended
    }
}

/// Runs a program to its end. It is killed when this is dropped.
async fn ended(name: &'static str, mut command: Command) -> Result<(), ClientError> {
    let spawned = command.spawn();
    // It holds the other end of the pipe.
    drop(command);
    let mut child = spawned.map_err(|e| ClientError::failed(name, format!("it cannot be started: {e}")))?;
    let group = Group::of(&child);
    let stderr = child.stderr.take();
    let (status, said) = tokio::join!(child.wait(), beginning(stderr, KEPT));
    drop(group);
    let status = status.map_err(|e| ClientError::failed(name, format!("its end was missed: {e}")))?;
    if status.success() { Ok(()) } else { Err(complaint(name, status, &said)) }
}

fn complaint(name: &'static str, status: ExitStatus, said: &[u8]) -> ClientError {
    let text = String::from_utf8_lossy(said);
    // Its warnings and what it was at come first; the error tells why it ended.
    let from = text.find("error:").map_or(0, |at| at + "error:".len());
    let words = first_words(text[from..].as_bytes(), 400);
    ClientError::failed(name, if words.is_empty() { status.to_string() } else { words })
}

fn find(only: Option<PathBuf>, server: u32) -> Result<Programs, Missing> {
    let directories = only.as_ref().map_or_else(programs::directories, |dir| vec![dir.clone()]);
    let there = |dir: &&PathBuf| [SYSTEM, RESTORE].iter().all(|p| dir.join(p).is_file());
    // Debian's wrapper would choose a version by itself; what it chooses from is found without it.
    let wrapped = |dir: &PathBuf| {
        let real = dir.join(SYSTEM).canonicalize();
        only.is_none() && real.is_ok_and(|p| p.file_name().is_some_and(|n| n == "pg_wrapper"))
    };
    let mut found: Vec<Programs> = directories
        .iter()
        .filter(there)
        .filter(|dir| !wrapped(dir))
        .filter_map(|dir| Some(Programs { major: programs::major(&dir.join(SYSTEM))?, dir: dir.clone() }))
        .collect();
    if found.is_empty() {
        let packages = only.is_none().then(programs::patterns).into_iter().flatten();
        return Err(Missing::None { looked_in: directories.into_iter().chain(packages).collect() });
    }
    // Of two of one version the one found first.
    found.sort_by_key(|p| p.major);
    let majors = found.iter().map(|p| p.major).collect();
    found.into_iter().find(|p| p.major >= server).ok_or(Missing::Old { found: majors, server })
}

fn keep(mut from: PipeReader, mut into: File, far: &AtomicU64, gone: &Abandoned) -> std::io::Result<Written> {
    let (mut digest, mut chunk, mut bytes) = (Context::new(&SHA256), vec![0; CHUNK], 0);
    while !gone.yes() {
        let n = from.read(&mut chunk)?;
        if n == 0 {
            break;
        }
        into.write_all(&chunk[..n])?;
        digest.update(&chunk[..n]);
        bytes += n as u64;
        far.store(bytes, Ordering::Relaxed);
    }
    into.sync_all()?;
    Ok(Written { bytes, sha256: hex(digest) })
}

fn feed(mut from: File, mut into: PipeWriter, far: &AtomicU64, gone: &Abandoned) -> std::io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        let n = from.read(&mut chunk)?;
        // pg_restore need not read to the end; whether it did well is told by how it ends.
        if n == 0 || gone.yes() || into.write_all(&chunk[..n]).is_err() {
            return Ok(());
        }
        far.fetch_add(n as u64, Ordering::Relaxed);
    }
}

/// The digest of a file, to be compared with the one of when it was written.
pub(crate) async fn digest(mut from: File, far: Arc<AtomicU64>) -> Result<Written, ClientError> {
    let read = aside(move |gone| {
        let (mut digest, mut chunk, mut bytes) = (Context::new(&SHA256), vec![0; CHUNK], 0);
        while !gone.yes() {
            let n = from.read(&mut chunk)?;
            if n == 0 {
                break;
            }
            digest.update(&chunk[..n]);
            bytes += n as u64;
            far.store(bytes, Ordering::Relaxed);
        }
        Ok(Written { bytes, sha256: hex(digest) })
    });
    read.await.and_then(|r| r).map_err(|e: std::io::Error| ClientError::failed(super::host::SYSTEM, e))
}

fn hex(digest: Context) -> String {
    digest.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
