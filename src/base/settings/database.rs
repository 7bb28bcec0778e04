//! PostgreSQL: its address, credentials and certificates.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Libpq;
use crate::base::discovery::SecretReference;
use crate::base::secret::SecretUrl;
use crate::base::units::Span;

/// Verification of a server certificate, with PostgreSQL's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// Never use TLS.
    Disable,
    /// Use TLS when the server offers it, without verification. The default on loopback.
    Prefer,
    /// Use TLS without verification.
    Require,
    /// Use TLS and verify the issuing authority.
    VerifyCa,
    /// Use TLS and verify authority and host name. The default off loopback.
    VerifyFull,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `postgresql://user@host[,host2]/database?target_session_attrs=read-write`;
    /// SQLAlchemy's `postgresql+psycopg://` is accepted.
    pub(crate) url: Option<SecretUrl>,
    /// File that contains only the password.
    pub(crate) password_file: Option<PathBuf>,
    /// The place of the password: a variable of an environment file (`.env#DATABASE_PASSWORD`), or a service of a
    /// compose file (`compose.yaml#postgres`).
    pub(crate) password_from: Option<SecretReference>,
    /// Passfile in libpq's format. Default: `~/.pgpass`.
    pub(crate) passfile: Option<PathBuf>,
    /// Verification of the server certificate; the same as `sslmode` in the URL.
    pub(crate) tls: Option<TlsMode>,
    /// Trusted authorities (PEM). Default: the system's.
    pub(crate) ca_file: Option<PathBuf>,
    /// Client certificate (PEM), with `key_file`.
    pub(crate) cert_file: Option<PathBuf>,
    /// Client key (PEM).
    pub(crate) key_file: Option<PathBuf>,
    /// Timeout of a connection attempt, per host.
    pub(crate) connect_timeout: Span,
    /// Maximum number of connections per command.
    pub(crate) max_connections: usize,
    /// The variables of libpq, for what the URL leaves out.
    #[serde(skip)]
    pub(crate) libpq: Libpq,
    /// Its address was discovered, so the operator's passfile is not for it.
    #[serde(skip)]
    pub(crate) is_discovered: bool,
    /// Sessions must accept writes, whatever the URL says: for `serve`.
    #[serde(skip)]
    pub(crate) writable: bool,
    /// Default deadline of a statement: for `serve`.
    #[serde(skip)]
    pub(crate) statement_limit: Option<std::time::Duration>,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: None,
            password_file: None,
            password_from: None,
            passfile: None,
            tls: None,
            ca_file: None,
            cert_file: None,
            key_file: None,
            connect_timeout: Span::seconds(3),
            max_connections: 3,
            libpq: Libpq::default(),
            is_discovered: false,
            writable: false,
            statement_limit: None,
        }
    }
}
