//! Errors of tools.

use crate::base::secrets::Secrets;
use crate::clients::ClientError;
use crate::store::StoreError;

#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum ToolError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Store(StoreError),
    /// Invalid parameters.
    #[error("{0}")]
    Params(String),
    /// A precondition failed; nothing was changed.
    #[error("{message}")]
    Refused { message: String, hint: Option<String> },
    /// A permanent failure: a retry does not help.
    #[error("{message}")]
    Rejected { message: String, hint: Option<String> },
    /// A failure that a retry may overcome.
    #[error("{message}")]
    Failed { message: String, hint: Option<String> },
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
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::Refused { message: message.into(), hint: None }
    }

    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::Failed { message: message.into(), hint: None }
    }

    pub(crate) fn rejected(message: impl Into<String>) -> Self {
        Self::Rejected { message: message.into(), hint: None }
    }

    /// Replaces secrets in message and hint.
    #[must_use]
    pub(crate) fn masked(self, secrets: &Secrets) -> Self {
        let mask = |text: String| secrets.mask(&text);
        match self {
            Self::Params(message) => Self::Params(mask(message)),
            Self::Refused { message, hint } => Self::Refused { message: mask(message), hint: hint.map(mask) },
            Self::Rejected { message, hint } => {
                Self::Rejected { message: mask(message), hint: hint.map(mask) }
            }
            Self::Failed { message, hint } => Self::Failed { message: mask(message), hint: hint.map(mask) },
            other => {
                let (text, hint) = (other.to_string(), other.hint());
                let clean = mask(text.clone()) == text && hint.clone().map(mask) == hint;
                match (clean, other.may_pass()) {
                    (true, _) => other,
                    (false, true) => Self::Failed { message: mask(text), hint: hint.map(mask) },
                    (false, false) => Self::Rejected { message: mask(text), hint: hint.map(mask) },
                }
            }
        }
    }

    /// Whether a retry may succeed.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Client(e) => e.may_pass(),
            Self::Failed { .. } => true,
            Self::Store(_) | Self::Params(_) | Self::Refused { .. } | Self::Rejected { .. } => false,
        }
    }

    pub(crate) fn is_not_configured(&self) -> bool {
        matches!(self, Self::Client(ClientError::NotConfigured { .. }))
    }

    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Refused { hint, .. } | Self::Rejected { hint, .. } | Self::Failed { hint, .. } => {
                hint.clone()
            }
            Self::Client(e) => e.hint().or_else(|| Some("ordctl doctor".to_owned())),
            Self::Store(StoreError::NoSuchQuery { hint, .. }) => Some(hint.clone()),
            Self::Store(_) | Self::Params(_) => None,
        }
    }
}
