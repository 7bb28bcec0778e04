//! The proof that a dump can be restored: its checksum, its table of contents, a restore into a scratch
//! database, and what is in there compared with what the manifest has of the moment of the dump.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use super::super::{ToolContext, ToolError};
use super::scratch::{Scratch, Server};
use super::{Source, watched};
use crate::base::units;
use crate::clients::{ClientError, host};
use crate::model::Manifest;
use crate::store::Store;
use crate::tools::backup::dir::BackupDir;
use crate::tools::backup::pg_programs;
use crate::tools::backup::pg_programs::Programs;

/// How long a table's lock is waited for in a database that nobody else knows.
const LOCK: Duration = Duration::from_secs(60);

pub(crate) struct Chosen {
    /// Its name without any ending.
    pub(crate) stem: String,
    /// Whether it bears its name.
    pub(crate) published: bool,
    pub(crate) manifest: Manifest,
}

/// Everything that has to hold before anything is restored.
pub(crate) struct Ready {
    pub(crate) vault: BackupDir,
    /// The programs that fit both servers.
    pub(crate) programs: Programs,
    pub(crate) server: Server,
    pub(crate) source: Source,
}

pub(crate) fn arguments(database: &str) -> Vec<String> {
    let fixed = [
        "--exit-on-error",
        "--no-password",
        "--no-owner",
        "--no-privileges",
        "--no-tablespaces",
        "--no-publications",
        "--no-subscriptions",
    ];
    let database = format!("--dbname={database}");
    fixed.iter().map(|&a| a.to_owned()).chain([database]).collect()
}

pub(crate) struct Proof {
    /// Entries of the table of contents.
    pub(crate) entries: usize,
    /// The scratch database that could not be dropped, and why.
    pub(crate) stays: Option<(String, ToolError)>,
}

/// Everything that must hold of a verified dump besides [`checksum`].
pub(crate) async fn prove(
    ready: &Ready,
    dump: &Chosen,
    file: &File,
    ctx: &ToolContext,
) -> Result<Proof, ToolError> {
    let manifest = &dump.manifest;
    let path = ready.vault.path(&dump.stem, if dump.published { "dump" } else { "dump.part" });
    let environment = ready.server_environment()?;
    let entries = ready.programs.list(&environment, &path).await.map_err(|e| unrestorable(&dump.stem, &e))?;
    ready.server.sweep().await?;
    let scratch = ready.server.make(&manifest.locale, &ctx.clients.tidy).await?;
    let name = scratch.name().to_owned();
    let compared = restore(ready, dump, file, &scratch, ctx).await;
    let dropped = scratch.end().await;
    compared?;
    // What was compared was good, whatever becomes of the place where it was.
    Ok(Proof { entries, stays: dropped.err().map(|why| (name, why)) })
}

impl Ready {
    fn server_environment(&self) -> Result<crate::clients::postgres::Environment, ToolError> {
        Ok(self.server.postgres().environment(self.programs.major)?)
    }
}

fn bad(stem: &str, why: &str) -> ToolError {
    ToolError::Rejected {
        message: format!("{stem} is no backup: {why}"),
        hint: Some(
            "make a new one: ordctl maintain monthly; older dumps are kept until that is verified".to_owned(),
        ),
    }
}

fn handle(file: &File) -> Result<File, ToolError> {
    use std::io::{Seek, SeekFrom};
    let fail = |e: std::io::Error| ClientError::failed(host::SYSTEM, e);
    let mut file = file.try_clone().map_err(fail)?;
    // Handles of one file share their place in it.
    file.seek(SeekFrom::Start(0)).map_err(fail)?;
    Ok(file)
}

/// That the file is the one that was written.
pub(crate) async fn checksum(dump: &Chosen, file: &File, ctx: &ToolContext) -> Result<(), ToolError> {
    let (stem, manifest) = (&dump.stem, &dump.manifest);
    let far = Arc::new(AtomicU64::new(0));
    let work = pg_programs::digest(handle(file)?, far.clone());
    let found = watched(work, &far, Some(manifest.bytes), "compared", ctx).await?;
    if found.bytes != manifest.bytes {
        let (has, had) = (units::count(found.bytes as f64), units::count(manifest.bytes as f64));
        return Err(bad(stem, &format!("it has {has} bytes, of the {had} that were written")));
    }
    if found.sha256 != manifest.sha256 {
        let why = format!("its checksum is {}, it was {} when it was written", found.sha256, manifest.sha256);
        return Err(bad(stem, &why));
    }
    Ok(())
}

async fn restore(
    ready: &Ready,
    dump: &Chosen,
    file: &File,
    scratch: &Scratch,
    ctx: &ToolContext,
) -> Result<(), ToolError> {
    let beside = scratch.beside()?;
    let environment = beside.environment(ready.programs.major)?;
    let far = Arc::new(AtomicU64::new(0));
    let arguments = arguments(scratch.name());
    let work = ready.programs.restore(&environment, &arguments, handle(file)?, far.clone());
    let restored = watched(work, &far, Some(dump.manifest.bytes), "restored", ctx).await;
    restored.map_err(|e| unrestorable(&dump.stem, &e))?;
    let store = Store::new(beside, ctx.library.clone(), ctx.limit);
    compare(dump, &store, ctx).await
}

/// What pg_restore says of a file that is no archive, or not all of one. Everything else that it says is
/// about the server, the machine, or itself.
const DAMAGED: [&str; 10] = [
    "not appear to be a valid archive",
    "input file appears to be a text format dump",
    "input file is too short",
    "did not find magic string in file header",
    "could not read from input file: end of file",
    "unexpected end of file",
    "could not uncompress data",
    "perhaps a corrupt TOC",
    "unrecognized data block type",
    "found unexpected block ID",
];

fn is_damage(text: &str) -> bool {
    // In what the server says stands what the rows hold.
    !text.contains("ERROR:") && DAMAGED.iter().any(|words| text.contains(words))
}

fn unrestorable(stem: &str, error: &ClientError) -> ToolError {
    let text = error.to_string();
    if is_damage(&text) {
        return bad(stem, &format!("it cannot be restored: {text}"));
    }
    let hint = if text.contains("violates check constraint") {
        "a row that its table's own check refuses cannot be restored: `ordctl migrate` drops the checks that Ordinaut has on leases"
    } else if text.contains("extension") {
        "install the extension where it is restored, or name a server that has it in backup.scratch_url"
    } else {
        "the dump is as it was: when that is mended, ordctl maintain monthly --only verify --only publish"
    };
    let message = format!("{stem} could not be restored: {text}");
    ToolError::Failed { message, hint: Some(hint.to_owned()) }
}

/// That everything is there that the manifest names.
async fn compare(dump: &Chosen, store: &Store, ctx: &ToolContext) -> Result<(), ToolError> {
    let snapshot = store.snapshot(LOCK, ctx.limit).await?;
    let mut found = Vec::new();
    for table in snapshot.tables().await? {
        found.push(snapshot.count_rows(table).await?);
    }
    for wanted in &dump.manifest.rows {
        let name = format!("{}.{}", wanted.schema, wanted.table);
        let there = found.iter().find(|t| (&t.schema, &t.table) == (&wanted.schema, &wanted.table));
        match there {
            None => return Err(bad(&dump.stem, &format!("restored, there is no table {name}"))),
            Some(there) if there.rows != wanted.rows => {
                let (has, had) = (units::count(there.rows as f64), units::count(wanted.rows as f64));
                return Err(bad(&dump.stem, &format!("restored, {name} has {has} rows, it had {had}")));
            }
            Some(_) => {}
        }
    }
    let objects = snapshot.objects().await?;
    for (kind, wanted) in &dump.manifest.objects {
        let there = objects.get(kind);
        if there.is_some_and(|n| n != wanted) {
            let there = there.map(ToString::to_string).unwrap_or_default();
            return Err(bad(&dump.stem, &format!("restored, it has {there} {kind}, it had {wanted}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_said_of_the_file_itself_rejects_it() {
        let rejects = |text: &str| {
            let error = unrestorable("x", &ClientError::failed("pg_restore", text));
            matches!(error, ToolError::Rejected { .. })
        };
        assert!(rejects("input file does not appear to be a valid archive"));
        assert!(rejects("could not read from input file: end of file"));
        for text in [
            "signal: 9 (SIGKILL)",
            "could not read from input file: Input/output error",
            "could not execute query: ERROR: could not extend file \"base/1/2\": No space left on device",
            "could not execute query: ERROR: extension \"pgvector\" is not available",
            "COPY failed for table \"t\": ERROR: canceling statement: unexpected end of file",
            "connection to server at \"127.0.0.1\", port 5432 failed: Connection refused",
            "unsupported version (1.16) in file header",
        ] {
            assert!(!rejects(text), "{text}");
        }
    }
}
