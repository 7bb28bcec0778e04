//! Detects a restored or cloned database, and puts the engine on hold there (promise 6).

use crate::clients::ClientError;
use crate::clients::postgres::{Postgres, explain};
use crate::store::hold::HoldState;
use crate::store::prepared::DatabaseTexts;

/// Records the database's identity at the first start, and compares it at each later one.
/// A database with another identity goes on hold.
pub(crate) async fn check_database_identity(postgres: &Postgres) -> Result<HoldState, ClientError> {
    let text = DatabaseTexts::load()?.identify;
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
