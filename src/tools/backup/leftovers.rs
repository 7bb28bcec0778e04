//! What killed runs left behind in the directory of backups, and what becomes of it.

use std::path::PathBuf;
use std::sync::Arc;

use crate::clients::{ClientError, host};
use crate::model::Manifest;
use crate::tools::ToolError;
use crate::tools::backup::dir::BackupDir;
use crate::tools::backup::pg_programs;

/// What killed runs left behind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Left {
    /// Files that are none of a dump that is whole.
    pub(crate) stale: Vec<PathBuf>,
    /// Dumps that were verified and not published.
    pub(crate) verified: Vec<(String, Manifest)>,
}

impl Left {
    pub(crate) async fn find(vault: &BackupDir) -> Result<Self, ToolError> {
        let found = vault.aside(|vault| {
            let shelf = vault.shelf()?;
            let (mut stale, mut verified) = (shelf.orphans, Vec::new());
            for pending in shelf.pending {
                if vault.lock(&vault.path(&pending.stem, "dump.part"))?.is_none() {
                    return Ok(Err(pending.stem));
                }
                match pending.manifest {
                    Some(manifest) if manifest.verified.is_some() && manifest.bytes == pending.bytes => {
                        verified.push((pending.stem, manifest));
                        continue;
                    }
                    _ => {}
                }
                stale.extend(vault.files_of(&pending.stem).into_iter().filter(|p| p.exists()));
            }
            // A copy of the configuration that somebody is making is no leftover.
            stale.retain(|p| !matches!(vault.lock(p), Ok(None)));
            Ok(Ok(Left { stale, verified }))
        });
        found.await?.map_err(|stem| ToolError::Refused {
            message: format!("another run works on {stem}.dump.part"),
            hint: Some(format!(
                "wait for it to end: fuser -v '{}'",
                vault.path(&stem, "dump.part").display()
            )),
        })
    }

    /// Publishes what was verified and removes the rest. What was published.
    pub(crate) async fn settle(&self, vault: &BackupDir) -> Result<Vec<String>, ToolError> {
        let (mut stale, mut published) = (self.stale.clone(), Vec::new());
        for (stem, manifest) in self.verified.clone() {
            let path = vault.path(&stem, "dump.part");
            let Some(file) = vault.aside(move |vault| vault.lock(&path)).await? else {
                return Err(ToolError::failed(format!("another run works on {stem}.dump.part")));
            };
            // The lock lasts as long as any handle of the file is open.
            let locked = file.try_clone().map_err(|e| ClientError::failed(host::SYSTEM, e))?;
            if pg_programs::digest(file, Arc::default()).await?.sha256 == manifest.sha256 {
                let name = stem.clone();
                vault.aside(move |vault| vault.publish(&name, &manifest)).await?;
                published.push(stem);
            } else {
                stale.extend(vault.files_of(&stem));
            }
            drop(locked);
        }
        vault.aside(move |vault| vault.remove(&stale)).await?;
        Ok(published)
    }

    pub(crate) fn calls(&self, vault: &BackupDir) -> Vec<String> {
        let Left { stale, verified } = self;
        let mut calls: Vec<String> = verified
            .iter()
            .map(|(stem, _)| {
                let (from, to) = (vault.path(stem, "dump.part"), vault.path(stem, "dump"));
                format!("mv {} {}, if its checksum holds; else rm", from.display(), to.display())
            })
            .collect();
        if !stale.is_empty() {
            let names: Vec<String> = stale.iter().map(|p| p.display().to_string()).collect();
            calls.push(format!("rm {}", names.join(" ")));
        }
        calls
    }
}
