//! x
pub mod error;
pub mod http;
pub mod postgres;
use crate::base::settings::Settings;
pub use error::ClientError;
use std::sync::Arc;
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

    /// Whether every configured system can be tried: a setting that cannot be used is found here.
    ///
    /// # Errors
    /// The first [`ClientError::Misconfigured`].
    pub fn check(&self) -> Result<(), ClientError> {
        let faults = [self.postgres.as_ref().err()];
        let wrong = |e: &&ClientError| matches!(e, ClientError::Misconfigured { .. });
        faults.into_iter().flatten().find(wrong).map_or(Ok(()), |e| Err(e.clone()))
    }
}
