//! Errors of the engine as [`ClientError`]: rejected requests, invalid answers, and no answer.

use std::fmt::Display;
use std::time::Duration;

use bollard::errors::Error;
use serde_json::Value;

use crate::base::units::duration;
use crate::clients::error::chain;
use crate::clients::http::shortened;
use crate::clients::platform::docker::SYSTEM;
use crate::clients::{ClientError, ErrorCode};

/// Characters of an error body that are used as a message.
const MESSAGE: usize = 300;

pub(super) fn explain(error: &Error) -> ClientError {
    match error {
        Error::DockerResponseServerError { status_code, message } => {
            rejected(*status_code, message.as_bytes())
        }
        Error::SocketNotFoundError(path) => no_answer(format!("there is no socket {path}")),
        Error::JsonDataError { .. } | Error::JsonSerdeError { .. } | Error::APIVersionParseError {} => {
            invalid_answer(error)
        }
        Error::RequestTimeoutError => no_answer("the engine did not answer in time".to_owned()),
        other => {
            let text = chain(other);
            // The client library's layers say nothing about the cause.
            let cause =
                text.split_once("client error (SendRequest): ").map_or(text.as_str(), |(_, cause)| cause);
            no_answer(shortened(cause))
        }
    }
}

/// The engine refused a request, with an HTTP status and `{"message": …}` or a text.
pub(super) fn rejected(status: u16, body: &[u8]) -> ClientError {
    let message = serde_json::from_slice::<Value>(body).ok();
    let message = message.and_then(|v| v["message"].as_str().map(str::to_owned));
    let message = message.unwrap_or_else(|| String::from_utf8_lossy(body).into_owned());
    let message = message.trim().chars().take(MESSAGE).collect();
    ClientError::Failed { system: SYSTEM, code: Some(ErrorCode::Http(status)), message }
}

pub(super) fn invalid_answer(cause: impl Display) -> ClientError {
    ClientError::failed(SYSTEM, format!("invalid answer: {cause}"))
}

/// The engine accepts connections and does not answer.
pub(super) fn hangs(limit: Duration) -> ClientError {
    no_answer(format!("the engine does not answer within {}", duration(limit.as_secs_f64())))
}

/// No answer, or no permission for the socket.
pub(super) fn no_answer(message: String) -> ClientError {
    if message.to_lowercase().contains("permission denied") {
        let message = "no permission for its socket: run as root or join the group docker".to_owned();
        return ClientError::Denied { system: SYSTEM, message };
    }
    ClientError::Unreachable { system: SYSTEM, message, hint: Some("systemctl status docker".to_owned()) }
}
