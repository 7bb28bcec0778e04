//! The pool: hands out sessions that answer.

use std::sync::Arc;
use std::time::Duration;

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};

use super::ClientError;
use super::connect::Connector;
use super::session::Session;

/// A session that was in use this recently is not checked: the check costs a round trip.
const FRESH: Duration = Duration::from_millis(500);

pub struct SessionManager(pub(super) Arc<Connector>);

pub(super) type Pool = deadpool::managed::Pool<SessionManager>;
/// A session of the pool; dropping it returns it.
pub type PooledSession = deadpool::managed::Object<SessionManager>;

impl Manager for SessionManager {
    type Type = Session;
    type Error = ClientError;

    async fn create(&self) -> Result<Session, ClientError> {
        self.0.session().await
    }

    async fn recycle(&self, session: &mut Session, metrics: &Metrics) -> RecycleResult<ClientError> {
        let used_at = metrics.recycled.unwrap_or(metrics.created);
        if self.0.health.is_suspect(used_at) {
            return Err(RecycleError::message("the server fell silent after its last use"));
        }
        if session.is_usable() && used_at.elapsed() >= FRESH {
            // A failed check closes the session.
            session.check().await.ok();
        }
        if !session.is_usable() {
            return Err(RecycleError::message("the session is closed"));
        }
        session.set_limit(self.0.limit);
        Ok(())
    }
}
