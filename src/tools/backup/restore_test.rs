//! The restore test of a dump: its checksum, its table of contents, a restore into a scratch database, and a
//! comparison with the manifest.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use super::dir::BackupDir;
use super::manifest::Manifest;
use super::pg_programs::{self, PgPrograms};
use super::scratch::ScratchServer;
use super::{Source, with_progress};
use crate::base::units;
use crate::clients::postgres::Postgres;
use crate::clients::{ClientError, host};
use crate::model::{Finding, Status};
use crate::store::Store;
use crate::tools::{ToolContext, ToolError};

/// Nobody else uses the scratch database.
const LOCK_TIMEOUT: Duration = Duration::from_secs(60);

/// The dump to test.
pub(crate) struct SelectedDump {
    pub(crate) stem: String,
    pub(crate) published: bool,
    pub(crate) manifest: Manifest,
}

impl SelectedDump {
    pub(crate) const fn ending(&self) -> &'static str {
        if self.published { "dump" } else { "dump.part" }
    }
}

/// Everything that must be available before a restore.
pub(crate) struct Prerequisites {
    pub(crate) dir: BackupDir,
    /// Programs that fit both servers.
    pub(crate) programs: PgPrograms,
    pub(crate) server: ScratchServer,
    pub(crate) source: Source,
}

/// The arguments of pg_restore. Owners, privileges, tablespaces, publications and subscriptions depend on
/// the server and are left out.
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

pub(crate) struct RestoreResult {
    /// Entries of the table of contents.
    pub(crate) entries: usize,
    /// Set if the scratch database could not be dropped.
    pub(crate) leftover: Option<Finding>,
}

/// Restores the dump and compares the result with the manifest. The caller has checked the checksum.
pub(crate) async fn test_restore(
    ready: &Prerequisites,
    dump: &SelectedDump,
    file: &File,
    ctx: &ToolContext,
) -> Result<RestoreResult, ToolError> {
    let path = ready.dir.file(&dump.stem, dump.ending());
    let environment = ready.server.postgres().environment(ready.programs.major)?;
    let entries =
        ready.programs.list(&environment, &path).await.map_err(|e| restore_error(&dump.stem, &e))?;
    ready.server.drop_leftovers(ctx.consent()?).await?;
    let scratch = ready.server.create(&dump.manifest.locale, &ctx.cleanups, ctx.consent()?).await?;
    let (database, name) = (scratch.connect()?, scratch.name().to_owned());
    let compared = restore(ready, dump, file, (database, &name), ctx).await;
    let removed = scratch.remove().await;
    compared?;
    Ok(RestoreResult { entries, leftover: (removed.status != Status::Ok).then_some(removed) })
}

fn invalid(stem: &str, why: &str) -> ToolError {
    ToolError::Rejected {
        message: format!("dump {stem} is not valid: {why}"),
        hint: Some("ordctl maintain monthly".to_owned()),
    }
}

/// A second handle on the file, at its beginning: handles share their position.
fn rewound(file: &File) -> Result<File, ToolError> {
    let fail = |e: std::io::Error| ClientError::failed(host::SYSTEM, e);
    let mut file = file.try_clone().map_err(fail)?;
    file.seek(SeekFrom::Start(0)).map_err(fail)?;
    Ok(file)
}

/// Rejects the dump unless size and checksum match the manifest.
pub(crate) async fn verify_checksum(
    dump: &SelectedDump,
    file: &File,
    ctx: &ToolContext,
) -> Result<(), ToolError> {
    let (stem, manifest) = (&dump.stem, &dump.manifest);
    let progress = Arc::new(AtomicU64::new(0));
    let work = pg_programs::digest(rewound(file)?, progress.clone());
    let actual = with_progress(work, &progress, Some(manifest.bytes), "compared", ctx).await?;
    if actual.bytes != manifest.bytes {
        let (has, expected) = (units::count(actual.bytes as f64), units::count(manifest.bytes as f64));
        return Err(invalid(stem, &format!("it has {has} bytes, expected {expected}")));
    }
    if actual.sha256 != manifest.sha256 {
        let why = format!("its checksum is {}, expected {}", actual.sha256, manifest.sha256);
        return Err(invalid(stem, &why));
    }
    Ok(())
}

async fn restore(
    ready: &Prerequisites,
    dump: &SelectedDump,
    file: &File,
    (postgres, name): (Arc<Postgres>, &str),
    ctx: &ToolContext,
) -> Result<(), ToolError> {
    let environment = postgres.environment(ready.programs.major)?;
    let progress = Arc::new(AtomicU64::new(0));
    let arguments = arguments(name);
    let work = ready.programs.restore(&environment, &arguments, rewound(file)?, progress.clone());
    let restored = with_progress(work, &progress, Some(dump.manifest.bytes), "restored", ctx).await;
    restored.map_err(|e| restore_error(&dump.stem, &e))?;
    let store = Store::new(postgres, ctx.library.clone(), ctx.limit);
    compare(dump, &store, ctx).await
}

/// Messages of pg_restore about a file that is damaged or no archive. All its other messages are about the
/// server, the machine or pg_restore itself.
const DAMAGE_MESSAGES: [&str; 10] = [
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
    // Errors of the server may quote the content of rows.
    !text.contains("ERROR:") && DAMAGE_MESSAGES.iter().any(|message| text.contains(message))
}

fn restore_error(stem: &str, error: &ClientError) -> ToolError {
    let text = error.to_string();
    if is_damage(&text) {
        return invalid(stem, &format!("it cannot be restored: {text}"));
    }
    let hint = if text.contains("violates check constraint") {
        "ordctl migrate, which drops Ordinaut's time-dependent check constraints"
    } else if text.contains("extension") {
        "install the extension on the scratch server, or set backup.scratch_url to a server that has it"
    } else {
        "ordctl maintain monthly --only verify --only publish"
    };
    let message = format!("dump {stem} could not be restored: {text}");
    ToolError::Failed { message, hint: Some(hint.to_owned()) }
}

/// Rejects the dump unless the restored database has every table, row and object of the manifest.
async fn compare(dump: &SelectedDump, store: &Store, ctx: &ToolContext) -> Result<(), ToolError> {
    let snapshot = store.snapshot(LOCK_TIMEOUT, ctx.limit).await?;
    let mut tables = Vec::new();
    for table in snapshot.tables().await? {
        tables.push(snapshot.count_rows(table).await?);
    }
    for wanted in &dump.manifest.rows {
        let name = format!("{}.{}", wanted.schema, wanted.table);
        match tables.iter().find(|t| (&t.schema, &t.table) == (&wanted.schema, &wanted.table)) {
            None => return Err(invalid(&dump.stem, &format!("restored without table {name}"))),
            Some(restored) if restored.rows != wanted.rows => {
                let (has, expected) = (units::count(restored.rows as f64), units::count(wanted.rows as f64));
                let why = format!("restored table {name} has {has} rows, expected {expected}");
                return Err(invalid(&dump.stem, &why));
            }
            Some(_) => {}
        }
    }
    let objects = snapshot.objects().await?;
    for (kind, wanted) in &dump.manifest.objects {
        if let Some(restored) = objects.get(kind).filter(|n| *n != wanted) {
            let why = format!("restored database has {restored} {kind}, expected {wanted}");
            return Err(invalid(&dump.stem, &why));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_damaged_file_invalidates_a_dump() {
        let rejects = |text: &str| {
            let error = restore_error("x", &ClientError::failed("pg_restore", text));
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
