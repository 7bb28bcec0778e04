//! x
pub mod error;
pub mod postgres;
pub use error::ClientError;
use std::sync::Arc;
use crate::base::settings::Settings;
/// Every client of one environment, or why there is none.
pub struct Clients {
    /// PostgreSQL.
    pub postgres: Result<Arc<postgres::Postgres>, ClientError>,
}
impl Clients {
    /// Makes
    pub fn new(settings: &Settings) -> Self {
        Self { postgres: postgres::Postgres::new(settings).map(Arc::new) }
    }
    /// PostgreSQL, if it is configured.
    pub fn postgres(&self) -> Result<&Arc<postgres::Postgres>, ClientError> {
        self.postgres.as_ref().map_err(Clone::clone)
    }
}
