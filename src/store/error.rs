//! Why a query failed.

use crate::clients::postgres::{ClientError, SqlState};

#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database did not answer or refused the query.
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("there is no query '{name}'")]
    NoSuchQuery { name: String, hint: String },
    /// The file or its values cannot be used as a query.
    #[error("query {name}: {message}")]
    BadQuery { name: String, message: String },
    #[error("query {name}: the result exceeds {limit}")]
    TooLarge { name: String, limit: String },
    /// A row lacks columns that its reader needs, or has others' types.
    #[error("query {name}: unexpected result: {message}")]
    BadRow { name: String, message: String },
}

impl StoreError {
    pub(super) fn bad_row(name: &str, message: impl std::fmt::Display) -> Self {
        Self::BadRow { name: name.to_owned(), message: message.to_string() }
    }

    pub(crate) fn sql_state(&self) -> Option<&SqlState> {
        match self {
            Self::Client(e) => e.sql_state(),
            _ => None,
        }
    }

    /// Whether the database lacks a schema, table or column that `ordctl migrate` creates.
    pub(crate) fn is_not_migrated(&self) -> bool {
        matches!(self, Self::Client(e) if e.is_not_migrated())
    }
}
