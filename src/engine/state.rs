//! Whether work may start: `hold`, `resume`, and the check that this is the database on which the
//! engine ran last. The claim and the scheduler read the state in their own statements, so a hold
//! counts from its commit on.

use super::sql;
use crate::clients::ClientError;
use crate::clients::postgres::{Postgres, explain};
use crate::store::hold::HoldState;

/// Remembers which database this is. One that was restored or cloned since is held from here on.
pub(crate) async fn identify(postgres: &Postgres) -> Result<HoldState, ClientError> {
    let text = sql("identify")?;
    let session = postgres.get().await?;
    let read = async {
        let row = session.query_typed_one(&text, &[]).await?;
        Ok(HoldState {
            is_held: row.try_get("held")?,
            by: row.try_get("held_by")?,
            reason: row.try_get("held_because")?,
            at: row.try_get("held_at")?,
        })
    };
    read.await.map_err(|e: tokio_postgres::Error| explain(&e))
}
