//! Settings of the HTTP API: how long tokens are good, and what a request may cost.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::base::size::Size;
use crate::base::units::Span;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Api {
    /// A file with the key that signs access tokens, at least 32 bytes; every node needs the same.
    /// Default: `signing.key` in the data directory, which is made.
    pub(crate) signing_key_file: Option<PathBuf>,
    /// How long an access token is good.
    pub(crate) access_token: Span,
    /// How long a refresh token is good.
    pub(crate) refresh_token: Span,
    /// How large a request's body may be.
    pub(crate) max_body: Size,
    /// How many connections are served at once; others wait.
    pub(crate) max_connections: usize,
    /// How many requests a second an agent may make, and ten times as many at once; 0: any number.
    pub(crate) rate_per_agent: u32,
    /// How many requests a second may come from an address, and ten times as many at once; 0: any number.
    pub(crate) rate_per_address: u32,
}

impl Default for Api {
    fn default() -> Self {
        Self {
            signing_key_file: None,
            access_token: Span::seconds(900),
            refresh_token: Span::seconds(30 * 86_400),
            max_body: Size::new(1 << 20),
            max_connections: 1024,
            rate_per_agent: 200,
            rate_per_address: 500,
        }
    }
}
