//! Where backups are, and how old the newest may be.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::base::units::Span;

/// Backups.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Backup {
    /// The directory that dumps are written to; not configured without it.
    pub dir: Option<PathBuf>,
    /// How old the newest dump may be.
    pub max_age: Span,
}

impl Default for Backup {
    fn default() -> Self {
        // A day, and an hour for the dump itself.
        Self { dir: None, max_age: Span::seconds(25 * 3600) }
    }
}
