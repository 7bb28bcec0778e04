//! What bounds the database's growth.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::base::size::Size;

/// What bounds the database's growth; with both, the one that is reached first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Capacity {
    /// How large the database may become.
    pub(crate) limit: Option<Size>,
    /// The filesystem that the database lies on, seen from here.
    pub(crate) disk: Option<PathBuf>,
}
