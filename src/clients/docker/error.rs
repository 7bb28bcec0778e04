//! The engine's errors in our words.

use bollard::errors::Error;

use super::SYSTEM;
use crate::clients::ClientError;
use crate::clients::error::chain;

/// What an error means.
pub fn explain(error: &Error) -> ClientError {
    match error {
        Error::DockerResponseServerError { status_code, message } => ClientError::Failed {
            system: SYSTEM,
            code: Some(status_code.to_string()),
            message: message.trim().to_owned(),
        },
        Error::SocketNotFoundError(path) => ClientError::Unreachable {
            system: SYSTEM,
            message: format!("there is no socket {path}"),
            hint: Some("systemctl status docker".to_owned()),
        },
        Error::JsonDataError { .. } | Error::JsonSerdeError { .. } | Error::APIVersionParseError {} => {
            ClientError::failed(SYSTEM, format!("its answer is not what it should be: {error}"))
        }
        other => no_answer(chain(other)),
    }
}

/// No answer, or no right to ask.
pub fn no_answer(message: String) -> ClientError {
    if message.to_lowercase().contains("permission denied") {
        let message = "no permission for its socket: be root, or in the group docker".to_owned();
        return ClientError::Denied { system: SYSTEM, message };
    }
    ClientError::Unreachable { system: SYSTEM, message, hint: Some("systemctl status docker".to_owned()) }
}
