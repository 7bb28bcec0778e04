//! What belongs to the whole server and stands in no dump of one database: roles, their memberships and
//! settings, tablespaces. It is kept beside each dump; a dump is good without it.

use std::time::Duration;

use super::super::ToolContext;
use super::Source;
use crate::clients::{ClientError, host};
use crate::model::{Finding, Globals, Manifest, Status};
use crate::tools::backup::dir::BackupDir;
use crate::tools::backup::pg_programs;
use crate::tools::backup::pg_programs::{DUMPALL, Programs};

/// How long it may take: a few catalogs are read.
const PATIENCE: Duration = Duration::from_secs(300);

/// The next command, whatever became of the roles.
const AGAIN: &str = "ordctl maintain monthly makes both anew";

const NAMED: &str = "globals.sql";
const WAITS: &str = "globals.sql.part";

pub(crate) fn arguments(source: &Source) -> Vec<String> {
    let fixed = ["--globals-only", "--no-password"];
    let without = (!source.passwords).then(|| "--no-role-passwords".to_owned());
    let database = format!("--database={}", plain(&source.database));
    fixed.iter().map(|&a| a.to_owned()).chain(without).chain([database]).collect()
}

/// A name that libpq does not take for a whole connection string.
fn plain(database: &str) -> String {
    if !database.contains('=') && !database.contains("://") {
        return database.to_owned();
    }
    format!("dbname='{}'", database.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// Dumps it beside a dump that waits. None when it cannot be; what is to be said of it.
pub(crate) async fn dump(
    source: &Source,
    vault: &BackupDir,
    programs: &Programs,
    stem: &str,
    ctx: &ToolContext,
) -> (Option<Globals>, Option<Finding>) {
    let arguments = arguments(source);
    let late = || ClientError::unreachable(DUMPALL, "it has not ended in time");
    let work = tokio::time::timeout(PATIENCE, write(vault, programs, stem, &arguments, ctx));
    match work.await.unwrap_or_else(|_| Err(late())) {
        Ok(written) => {
            let pg_programs::Written { bytes, sha256 } = written;
            let globals = Globals { bytes, sha256, passwords: source.passwords };
            let text = format!("{stem}.{NAMED}: without passwords: {} may not read pg_authid", source.role);
            let told = Finding::new("globals", DUMPALL, Status::Ok, text);
            (Some(globals), (!source.passwords).then_some(told))
        }
        Err(e) => {
            let half = vec![vault.path(stem, WAITS)];
            // What cannot be removed now is removed with the dump.
            drop(vault.aside(move |vault| vault.remove(&half)).await);
            let text = format!("the dump is good; the server's roles are not beside it: {e}");
            (None, Some(Finding::new("globals", DUMPALL, Status::Warn, text).hint(AGAIN)))
        }
    }
}

async fn write(
    vault: &BackupDir,
    programs: &Programs,
    stem: &str,
    arguments: &[String],
    ctx: &ToolContext,
) -> Result<pg_programs::Written, ClientError> {
    let environment = ctx.clients.postgres()?.environment(programs.major)?;
    let name = stem.to_owned();
    let file = vault.aside(move |vault| vault.begin(&name, WAITS)).await?;
    programs.globals(&environment, arguments, file).await
}

/// That what lies beside a dump is not what was written there.
pub(crate) async fn changed(vault: &BackupDir, stem: &str, manifest: &Manifest) -> Option<Finding> {
    let wanted = manifest.globals.as_ref()?;
    // Publishing names it before the dump.
    let [waits, named] = [WAITS, NAMED].map(|ending| vault.path(stem, ending));
    let path = if waits.exists() { waits } else { named };
    let shown = path.display().to_string();
    let why = match found(vault, path).await {
        Ok(Some(sha256)) if sha256 == wanted.sha256 => return None,
        Ok(Some(_)) => "its checksum is not the one of when it was written".to_owned(),
        Ok(None) => "another run works on it".to_owned(),
        Err(e) => e.to_string(),
    };
    let text = format!("the dump is good; the server's roles beside it are not: {shown}: {why}");
    Some(Finding::new("globals", host::SYSTEM, Status::Warn, text).hint(AGAIN))
}

async fn found(vault: &BackupDir, path: std::path::PathBuf) -> Result<Option<String>, ClientError> {
    match vault.aside(move |vault| vault.lock(&path)).await? {
        Some(file) => Ok(Some(pg_programs::digest(file, Default::default()).await?.sha256)),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_looks_like_a_connection_string_is_none() {
        assert_eq!(plain("shop"), "shop");
        assert_eq!(plain("a=b'c\\"), r"dbname='a=b\'c\\'");
        assert_eq!(plain("postgresql://x"), "dbname='postgresql://x'");
    }
}
