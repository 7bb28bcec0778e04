//! Maps PostgreSQL errors to client errors.

use deadpool::managed::PoolError;
use tokio_postgres::error::SqlState;

use super::SYSTEM;
use crate::clients::error::chain;
use crate::clients::{ClientError, ErrorCode};

/// The driver's text for a missed deadline.
const DEADLINE: &str = "timeout waiting for server";

/// Classifies an error: unreachable, denied, too many connections, or a failed statement.
pub(crate) fn explain(error: &tokio_postgres::Error) -> ClientError {
    let Some(db) = error.as_db_error() else {
        return ClientError::Unreachable {
            system: SYSTEM,
            message: connection_error(&chain(error)),
            hint: hint(&chain(error)),
        };
    };
    let code = db.code();
    let mut message = db.message().to_owned();
    if let Some(detail) = db.detail() {
        message = format!("{message} ({detail})");
    }
    if *code == SqlState::TOO_MANY_CONNECTIONS {
        return ClientError::Full { system: SYSTEM, message };
    }
    let starting = [SqlState::CANNOT_CONNECT_NOW, SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN];
    if starting.contains(code) {
        return ClientError::unreachable(SYSTEM, message);
    }
    // 28: invalid authorization; 3D: no such database; 42501: no privilege.
    let denied = code.code().starts_with("28")
        || *code == SqlState::UNDEFINED_DATABASE
        || *code == SqlState::INSUFFICIENT_PRIVILEGE;
    if denied {
        return ClientError::Denied { system: SYSTEM, message };
    }
    ClientError::Failed { system: SYSTEM, code: Some(ErrorCode::Sql(code.clone())), message }
}

pub(super) fn from_pool(error: deadpool::managed::PoolError<ClientError>) -> ClientError {
    match error {
        PoolError::Backend(e) => e,
        PoolError::Timeout(_) => ClientError::Full {
            system: SYSTEM,
            message: "every session of this process is in use; raise database.max_connections".to_owned(),
        },
        other => ClientError::unreachable(SYSTEM, other),
    }
}

/// Without the driver's own words.
fn connection_error(text: &str) -> String {
    if text == DEADLINE {
        return "no answer in time".to_owned();
    }
    let text = text.strip_prefix("error connecting to server: ").unwrap_or(text);
    text.strip_prefix("error communicating with the server: ").unwrap_or(text).to_owned()
}

fn hint(message: &str) -> Option<String> {
    if message.contains("does not allow writes") {
        return Some("set database.url to the primary, or name all servers in it".into());
    }
    if message.contains("does not support TLS") {
        return Some("on a trusted network set database.tls: disable (or sslmode=disable)".into());
    }
    (message.contains("certificate") || message.contains("UnknownIssuer"))
        .then(|| "set database.ca_file to the certificate authority".into())
}
