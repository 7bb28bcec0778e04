//! The server's global objects, which no dump of a single database contains: roles, memberships, role
//! settings, tablespaces. They are dumped beside each dump. A dump is valid without them.

use std::path::PathBuf;
use std::time::Duration;

use super::Source;
use super::dir::BackupDir;
use super::manifest::{Globals, Manifest};
use super::pg_programs::{self, DUMPALL, PgPrograms};
use crate::clients::{ClientError, host};
use crate::model::{Finding, Status};
use crate::tools::ToolContext;

/// pg_dumpall --globals-only reads a few catalogs.
const TIMEOUT: Duration = Duration::from_secs(300);
const HINT: &str = "ordctl maintain monthly";

const PUBLISHED: &str = "globals.sql";
const PENDING: &str = "globals.sql.part";

pub(crate) fn arguments(source: &Source) -> Vec<String> {
    let fixed = ["--globals-only", "--no-password"];
    let without = (!source.passwords).then(|| "--no-role-passwords".to_owned());
    let database = format!("--database={}", escape(&source.database));
    fixed.iter().map(|&a| a.to_owned()).chain(without).chain([database]).collect()
}

/// A database name that libpq does not parse as a connection string.
fn escape(database: &str) -> String {
    if !database.contains('=') && !database.contains("://") {
        return database.to_owned();
    }
    format!("dbname='{}'", database.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// Dumps the global objects beside a pending dump. None if that fails. The finding reports what is missing.
pub(crate) async fn dump(
    source: &Source,
    dir: &BackupDir,
    programs: &PgPrograms,
    stem: &str,
    ctx: &ToolContext,
) -> (Option<Globals>, Option<Finding>) {
    let arguments = arguments(source);
    let late = || ClientError::unreachable(DUMPALL, "timed out");
    let work = tokio::time::timeout(TIMEOUT, write(dir, programs, stem, &arguments, ctx));
    match work.await.unwrap_or_else(|_| Err(late())) {
        Ok(pg_programs::Written { bytes, sha256 }) => {
            let globals = Globals { bytes, sha256, passwords: source.passwords };
            let text =
                format!("Roles: dumped without passwords, role {} may not read pg_authid", source.role);
            let note = Finding::new("globals", DUMPALL, Status::Ok, text);
            (Some(globals), (!source.passwords).then_some(note))
        }
        Err(e) => {
            let partial = vec![dir.file(stem, PENDING)];
            // The next run deletes what cannot be deleted now.
            if let Some(consented) = ctx.consented.clone() {
                drop(dir.run(move |dir| dir.delete(&partial, &consented)).await);
            }
            let text = format!("Roles: not dumped: {e}; the database dump is complete");
            (None, Some(Finding::new("globals", DUMPALL, Status::Warn, text).hint(HINT)))
        }
    }
}

async fn write(
    dir: &BackupDir,
    programs: &PgPrograms,
    stem: &str,
    arguments: &[String],
    ctx: &ToolContext,
) -> Result<pg_programs::Written, ClientError> {
    let environment = ctx.clients.postgres()?.environment(programs.major)?;
    let consented = ctx.consent().map_err(|e| ClientError::failed(DUMPALL, e))?.clone();
    let name = stem.to_owned();
    let file = dir.run(move |dir| dir.create(&name, PENDING, &consented)).await?;
    programs.dump_globals(&environment, arguments, file).await
}

/// A warning if the file beside a dump is not the one that the manifest describes.
pub(crate) async fn check(dir: &BackupDir, stem: &str, manifest: &Manifest) -> Option<Finding> {
    let wanted = manifest.globals.as_ref()?;
    // Publishing renames it before the dump.
    let [pending, published] = [PENDING, PUBLISHED].map(|ending| dir.file(stem, ending));
    let path = if pending.exists() { pending } else { published };
    let shown = path.display().to_string();
    let why = match sha256(dir, path).await {
        Ok(Some(sha256)) if sha256 == wanted.sha256 => return None,
        Ok(Some(_)) => "checksum does not match the manifest".to_owned(),
        Ok(None) => "in use by another run".to_owned(),
        Err(e) => e.to_string(),
    };
    let text = format!("Roles: {shown} is not valid: {why}; the database dump is valid");
    Some(Finding::new("globals", host::SYSTEM, Status::Warn, text).hint(HINT))
}

async fn sha256(dir: &BackupDir, path: PathBuf) -> Result<Option<String>, ClientError> {
    match dir.run(move |dir| dir.lock(&path)).await? {
        Some(file) => Ok(Some(pg_programs::digest(file, Default::default()).await?.sha256)),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_looks_like_a_connection_string_is_escaped() {
        assert_eq!(escape("shop"), "shop");
        assert_eq!(escape("a=b'c\\"), r"dbname='a=b\'c\\'");
        assert_eq!(escape("postgresql://x"), "dbname='postgresql://x'");
    }
}
