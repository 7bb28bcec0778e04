//! Settings of backups.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::base::secret::SecretUrl;
use crate::base::units::Span;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Backup {
    /// Directory of the dumps. Without it backups are not configured.
    pub(crate) dir: Option<PathBuf>,
    /// Maximum age of the newest dump.
    pub(crate) max_age: Span,
    /// Number of newest verified dumps that are never deleted; at least one.
    pub(crate) keep: usize,
    /// Configuration files and directories saved with the dumps, besides ordctl.yaml. Relative paths start
    /// at the directory of that file.
    pub(crate) files: Vec<PathBuf>,
    /// Directory of pg_dump and pg_restore. Default: PATH and PostgreSQL's packages.
    pub(crate) programs: Option<PathBuf>,
    /// Server on which dumps are restored for verification. Default: the server they come from.
    pub(crate) scratch_url: Option<SecretUrl>,
}

impl Default for Backup {
    fn default() -> Self {
        Self {
            dir: None,
            // One day plus one hour for the dump itself.
            max_age: Span::seconds(25 * 3600),
            keep: 3,
            files: Vec::new(),
            programs: None,
            scratch_url: None,
        }
    }
}
