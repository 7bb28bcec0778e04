//! Sessions of the server: locks, connections, and ending a session.

use super::{Binds, Store, StoreError, binds};
use crate::model::Consented;
use crate::model::db_session::{ConnectionGroup, DbSession, FoundSession};

impl Store {
    /// Sessions that wait for a lock and those that block them, at most 500.
    pub(crate) async fn locked_sessions(&self) -> Result<Vec<DbSession>, StoreError> {
        self.rows("engine/sessions/locked").await
    }

    pub(crate) async fn connections(&self) -> Result<Vec<ConnectionGroup>, StoreError> {
        self.rows("engine/sessions/connections").await
    }

    pub(crate) async fn find_session(&self, pid: i32) -> Result<Option<FoundSession>, StoreError> {
        self.optional("engine/sessions/find", &binds([("pid", pid.to_string())])).await
    }

    /// Cancels the statement of a session. None if the session or its transaction has ended; false if the server could
    /// not send the signal.
    pub(crate) async fn cancel_session(
        &self,
        session: &FoundSession,
        _consented: &Consented,
    ) -> Result<Option<bool>, StoreError> {
        self.write_optional("engine/sessions/cancel", &identity(session)).await
    }

    /// Ends a session; answers as [`Store::cancel_session`].
    pub(crate) async fn terminate_session(
        &self,
        session: &FoundSession,
        _consented: &Consented,
    ) -> Result<Option<bool>, StoreError> {
        self.write_optional("engine/sessions/terminate", &identity(session)).await
    }
}

fn identity(found: &FoundSession) -> Binds {
    let number = |n: Option<i64>| n.map_or_else(String::new, |n| n.to_string());
    binds([
        ("pid", found.session.pid.to_string()),
        ("started", number(found.started)),
        ("transaction", number(found.transaction)),
    ])
}
