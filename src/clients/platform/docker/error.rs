//! The engine's errors in our words.

use std::time::Duration;

use bollard::errors::Error;

use crate::base::units::duration;
use crate::clients::error::chain;
use crate::clients::platform::docker::SYSTEM;
use crate::clients::{ClientError, ErrorCode};

pub(crate) fn explain(error: &Error) -> ClientError {
    match error {
        Error::DockerResponseServerError { status_code, message } => ClientError::Failed {
            system: SYSTEM,
            code: Some(ErrorCode::Http(*status_code)),
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
        Error::RequestTimeoutError => no_answer("the engine did not answer in time".to_owned()),
        other => no_answer(chain(other)),
    }
}

/// It takes connections, and answers nothing in this time.
pub(crate) fn hangs(after: Duration) -> ClientError {
    no_answer(format!("the engine does not answer within {}", duration(after.as_secs_f64())))
}

/// No answer, or no right to ask.
pub(crate) fn no_answer(message: String) -> ClientError {
    if message.to_lowercase().contains("permission denied") {
        let message = "no permission for its socket: be root, or in the group docker".to_owned();
        return ClientError::Denied { system: SYSTEM, message };
    }
    ClientError::Unreachable { system: SYSTEM, message, hint: Some("systemctl status docker".to_owned()) }
}
