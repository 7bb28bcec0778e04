//! Limits of the database's growth.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::base::size::Size;

/// With both, the limit that is reached first counts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Capacity {
    /// Maximum size of the database.
    pub(crate) limit: Option<Size>,
    /// A path on the filesystem of the database, as seen from this host.
    pub(crate) disk: Option<PathBuf>,
}
