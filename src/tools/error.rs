//! Why a tool did not do its work.

use crate::clients::ClientError;
use crate::store::StoreError;

/// A tool's failure.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ToolError {
    /// An outside system gave no answer, or said no.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A named query gave no usable rows.
    #[error(transparent)]
    Store(StoreError),
    /// The parameters do not fit. Trying again does not help.
    #[error("{0}")]
    Params(String),
    /// A precondition does not hold; nothing was changed.
    #[error("{message}")]
    Refused {
        /// Which.
        message: String,
        /// The next thing to do.
        hint: Option<String>,
    },
    /// It was tried and did not work.
    #[error("{message}")]
    Failed {
        /// Why.
        message: String,
        /// The next thing to do.
        hint: Option<String>,
    },
}

impl From<StoreError> for ToolError {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::Client(e) => Self::Client(e),
            other => Self::Store(other),
        }
    }
}

impl ToolError {
    /// A precondition that does not hold.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::Refused { message: message.into(), hint: None }
    }

    /// Something that was tried and did not work.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed { message: message.into(), hint: None }
    }

    /// Whether the same call may succeed a moment later.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Client(e) => e.may_pass(),
            Self::Failed { .. } => true,
            Self::Store(_) | Self::Params(_) | Self::Refused { .. } => false,
        }
    }

    /// Whether the system is simply not part of this environment.
    pub fn is_not_configured(&self) -> bool {
        matches!(self, Self::Client(ClientError::NotConfigured { .. }))
    }

    /// The next thing to do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Refused { hint, .. } | Self::Failed { hint, .. } => hint.clone(),
            Self::Client(ClientError::NotConfigured { setting, .. }) => Some(format!("set {setting}")),
            Self::Client(ClientError::Unreachable { hint: Some(hint), .. }) => Some(hint.clone()),
            // No such table or column: the database is not what the query was written for.
            Self::Client(ClientError::Failed { code: Some(code), .. })
                if code == "42P01" || code == "42703" =>
            {
                Some("ordctl migrate --check".to_owned())
            }
            Self::Client(_) => Some("ordctl doctor".to_owned()),
            Self::Store(StoreError::NoSuchQuery { hint, .. }) => Some(hint.clone()),
            Self::Store(_) | Self::Params(_) => None,
        }
    }
}
