//! Settings of the HTTP API: lifetimes of tokens and limits of requests.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::base::size::Size;
use crate::base::units::Span;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Api {
    /// Removed setting: access tokens are opaque and need no key. Accepted with a warning.
    #[serde(rename = "signing_key_file", skip_serializing)]
    pub(crate) removed_signing_key_file: Option<IgnoredAny>,
    /// Lifetime of an access token.
    pub(crate) access_token: Span,
    /// Lifetime of a refresh token.
    pub(crate) refresh_token: Span,
    /// Largest body of a request.
    pub(crate) max_body: Size,
    /// Concurrent connections; more wait.
    pub(crate) max_connections: usize,
    /// Requests per second of one agent, with bursts of ten times as many; 0: no limit.
    pub(crate) rate_per_agent: u32,
    /// Requests per second from one address, with bursts of ten times as many; 0: no limit.
    pub(crate) rate_per_address: u32,
}

impl Default for Api {
    fn default() -> Self {
        Self {
            removed_signing_key_file: None,
            access_token: Span::seconds(900),
            refresh_token: Span::seconds(30 * 86_400),
            max_body: Size::new(1 << 20),
            max_connections: 1024,
            rate_per_agent: 200,
            rate_per_address: 500,
        }
    }
}
