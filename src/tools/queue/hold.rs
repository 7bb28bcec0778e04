//! Whether somebody holds the engine, for the tools that conclude from it.

use serde::Deserialize;

use crate::store::{Store, StoreError};
use crate::tools::postgres::samples::never_migrated;

#[derive(Deserialize)]
struct Standing {
    held: bool,
    held_by: Option<String>,
    held_because: Option<String>,
}

/// Who holds the engine, and why, as `ann (restore)`. A database that was never migrated cannot be held.
pub(crate) async fn held(store: &Store) -> Result<Option<String>, StoreError> {
    match store.one::<Standing>("engine/standing").await {
        Ok(standing) if standing.held => {
            let by = standing.held_by.unwrap_or_else(|| "somebody".to_owned());
            let because = standing.held_because.map_or_else(String::new, |why| format!(" ({why})"));
            Ok(Some(format!("{by}{because}")))
        }
        Ok(_) => Ok(None),
        Err(e) if never_migrated(&e) => Ok(None),
        Err(e) => Err(e),
    }
}
