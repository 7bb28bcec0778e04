//! Detects a restored or cloned database, and puts the engine on hold there (promise 6).

use crate::clients::ClientError;
use crate::clients::postgres::{Postgres, RawText, explain};
use crate::store::hold::HoldState;
use crate::store::prepared::DatabaseTexts;

/// Records the database's identity at the first start, and compares it at each later one.
/// A database with another identity goes on hold.
pub(crate) async fn check_database_identity(postgres: &Postgres) -> Result<HoldState, ClientError> {
    let text = DatabaseTexts::load()?.identify;
    let session = postgres.get().await?;
    let read = async {
        let row = session.query_typed_one(&text, &[]).await?;
        let text = |column: &str| {
            let text: Option<RawText> = row.try_get(column)?;
            Ok::<_, tokio_postgres::Error>(text.map(|t| t.lossy().into_owned()))
        };
        Ok(HoldState {
            is_held: row.try_get("held")?,
            by: text("held_by")?,
            reason: text("held_because")?,
            at: row.try_get("held_at")?,
        })
    };
    read.await.map_err(|e: tokio_postgres::Error| explain(&e))
}
