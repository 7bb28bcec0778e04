//! Where backups are, how they are made and verified, and how old the newest may be.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::base::secret::SecretUrl;
use crate::base::units::Span;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Backup {
    /// The directory that dumps are written to; not configured without it.
    pub(crate) dir: Option<PathBuf>,
    /// How old the newest dump may be.
    pub(crate) max_age: Span,
    /// So many of the newest verified dumps are never deleted; one at least.
    pub(crate) keep: usize,
    /// Files and directories of the configuration that are kept with the dumps, besides ordctl.yaml;
    /// from the directory of that file on.
    pub(crate) files: Vec<PathBuf>,
    /// The directory of pg_dump and pg_restore; default: those of PATH and of PostgreSQL's packages.
    pub(crate) programs: Option<PathBuf>,
    /// The server that dumps are restored on to verify them; default: the one that they come from.
    pub(crate) scratch_url: Option<SecretUrl>,
}

impl Default for Backup {
    fn default() -> Self {
        Self {
            dir: None,
            // A day, and an hour for the dump itself.
            max_age: Span::seconds(25 * 3600),
            keep: 3,
            files: Vec::new(),
            programs: None,
            scratch_url: None,
        }
    }
}
