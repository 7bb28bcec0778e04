//! Pending dumps and partial files that killed runs left in the backup directory.

use std::path::PathBuf;
use std::sync::Arc;

use super::dir::BackupDir;
use super::manifest::Manifest;
use super::pg_programs;
use crate::base::units;
use crate::clients::{ClientError, host};
use crate::model::Consented;
use crate::tools::ToolError;

#[derive(Clone, Debug, Default)]
pub(crate) struct Leftovers {
    /// Files to delete.
    pub(crate) stale: Vec<PathBuf>,
    /// Size of the files to delete.
    pub(crate) stale_bytes: u64,
    /// Dumps that were verified but not published.
    pub(crate) verified: Vec<(String, Manifest)>,
}

impl Leftovers {
    /// Refuses if another run has locked a pending dump.
    pub(crate) async fn find(dir: &BackupDir) -> Result<Self, ToolError> {
        let found = dir.run(|dir| {
            let inventory = dir.inventory()?;
            let (mut stale, mut verified) = (inventory.orphans, Vec::new());
            for pending in inventory.pending {
                if dir.lock(&dir.file(&pending.stem, "dump.part"))?.is_none() {
                    return Ok(Err(pending.stem));
                }
                match pending.manifest {
                    Some(manifest) if manifest.is_verified_at(pending.bytes) => {
                        verified.push((pending.stem, manifest));
                    }
                    _ => stale.extend(dir.dump_files(&pending.stem).into_iter().filter(|p| p.exists())),
                }
            }
            // A configuration archive that another run is writing is locked.
            stale.retain(|p| !matches!(dir.lock(p), Ok(None)));
            let stale_bytes = stale.iter().filter_map(|path| path.metadata().ok()).map(|m| m.len()).sum();
            Ok(Ok(Leftovers { stale, stale_bytes, verified }))
        });
        found.await?.map_err(|stem| ToolError::Refused {
            message: format!("{stem}.dump.part is in use by another run"),
            hint: Some(format!("fuser -v '{}'", dir.file(&stem, "dump.part").display())),
        })
    }

    /// Publishes verified dumps with a matching checksum and deletes everything else. Returns the stems of
    /// the published dumps.
    pub(crate) async fn resolve(
        &self,
        dir: &BackupDir,
        consented: &Consented,
    ) -> Result<Vec<String>, ToolError> {
        let (mut stale, mut published) = (self.stale.clone(), Vec::new());
        for (stem, manifest) in self.verified.clone() {
            let path = dir.file(&stem, "dump.part");
            let Some(file) = dir.run(move |dir| dir.lock(&path)).await? else {
                return Err(ToolError::failed(format!("{stem}.dump.part is in use by another run")));
            };
            // The lock lasts as long as any handle of the file is open.
            let locked = file.try_clone().map_err(|e| ClientError::failed(host::SYSTEM, e))?;
            if pg_programs::digest(file, Arc::default()).await?.sha256 == manifest.sha256 {
                let (name, consented) = (stem.clone(), consented.clone());
                dir.run(move |dir| dir.publish(&name, &manifest, &consented)).await?;
                published.push(stem);
            } else {
                stale.extend(dir.dump_files(&stem));
            }
            drop(locked);
        }
        let consented = consented.clone();
        dir.run(move |dir| dir.delete(&stale, &consented)).await?;
        Ok(published)
    }

    /// Such as `2 partial files of killed runs (120 MiB)`; None without any.
    pub(crate) fn described(&self) -> Option<String> {
        let files = units::counted(self.stale.len() as f64, "partial file");
        let size = units::bytes(self.stale_bytes as f64);
        (!self.stale.is_empty()).then(|| format!("{files} of killed runs ({size})"))
    }

    /// The calls of [`Self::resolve`], for a plan.
    pub(crate) fn calls(&self, dir: &BackupDir) -> Vec<String> {
        let publish = |(stem, _): &(String, Manifest)| {
            let (from, to) = (dir.file(stem, "dump.part"), dir.file(stem, "dump"));
            format!("mv {} {} if its checksum matches, else rm", from.display(), to.display())
        };
        let mut calls: Vec<String> = self.verified.iter().map(publish).collect();
        if !self.stale.is_empty() {
            let names: Vec<String> = self.stale.iter().map(|p| p.display().to_string()).collect();
            calls.push(format!("rm {}", names.join(" ")));
        }
        calls
    }
}
