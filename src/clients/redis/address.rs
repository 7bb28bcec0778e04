//! The address of Redis, and how its certificate is verified.

use std::path::PathBuf;

use redis::io::tcp::TcpSettings;
use redis::io::tcp::socket2::TcpKeepalive;
use redis::{Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, TlsCertificates};

use super::SYSTEM;
use crate::base::discovery::SecretReference;
use crate::base::plain_file;
use crate::base::settings::{self, TlsMode};
use crate::base::shell;
use crate::clients::ClientError;
use crate::clients::http::is_loopback;
use crate::clients::postgres::secret_file;
use crate::clients::postgres::{KEEPALIVE_INTERVAL, TCP_TIMEOUT};

/// The address of one server.
pub(crate) struct Address {
    info: ConnectionInfo,
    password_file: Option<PathBuf>,
    password_from: Option<SecretReference>,
    ca_file: Option<PathBuf>,
    /// TLS is used although the URL does not request it.
    upgraded: bool,
    /// The name in the certificate is not checked.
    any_name: bool,
}

impl Address {
    pub(crate) fn new(settings: &settings::Redis) -> Result<Self, ClientError> {
        let Some(url) = &settings.url else {
            return Err(ClientError::NotConfigured {
                system: SYSTEM,
                setting: "redis.url",
                variable: Some("REDIS_URL"),
            });
        };
        let info = url.expose().into_connection_info().map_err(|e| {
            // The library's text may quote the URL; its detail does not say more than this.
            ClientError::misconfigured("redis.url", format!("{url} is not a Redis URL ({})", e.category()))
        })?;
        let (addr, upgraded) = secured(info.addr().clone(), settings.tls)?;
        Ok(Self {
            info: info.set_addr(addr).set_tcp_settings(tcp_settings()),
            password_file: settings.password_file.clone(),
            password_from: settings.password_from.clone(),
            ca_file: settings.ca_file.clone(),
            upgraded,
            any_name: settings.tls == Some(TlsMode::VerifyCa),
        })
    }

    /// The client; reads the password file and the CA file.
    pub(crate) fn client(&self) -> Result<Client, ClientError> {
        let wrong = |e: redis::RedisError| ClientError::misconfigured("redis.url", e);
        let info = self.connection_info()?;
        let ConnectionAddr::TcpTls { .. } = info.addr() else { return Client::open(info).map_err(wrong) };
        let root_cert = match &self.ca_file {
            Some(path) => {
                let shown = path.display();
                let pem = plain_file::read(path);
                Some(pem.map_err(|e| ClientError::misconfigured("redis.ca_file", format!("{shown}: {e}")))?)
            }
            None => None,
        };
        let certificates = TlsCertificates { client_tls: None, root_cert };
        let client = Client::build_with_tls(info, certificates).map_err(wrong)?;
        if !self.any_name {
            return Ok(client);
        }
        // Only now, because the certificates take the place of whatever the address says.
        let info = client.get_connection_info().clone();
        let mut addr = info.addr().clone();
        addr.set_danger_accept_invalid_hostnames(true);
        Client::open(info.set_addr(addr)).map_err(wrong)
    }

    fn connection_info(&self) -> Result<ConnectionInfo, ClientError> {
        let info = self.info.clone();
        let wrong = |why: String| ClientError::misconfigured("redis.password_from", why);
        let has_password = info.redis_settings().password().is_some();
        let password = match (&self.password_file, &self.password_from) {
            (Some(path), _) => secret_file(path, "redis.password_file")?,
            (None, Some(reference)) if !has_password => reference.read().map_err(wrong)?.expose().to_owned(),
            _ => return Ok(info),
        };
        let login = info.redis_settings().clone().set_password(password);
        Ok(info.set_redis_settings(login))
    }

    pub(crate) fn target(&self) -> String {
        format!("{}/{}", self.info.addr(), self.info.redis_settings().db())
    }

    pub(crate) fn cli(&self) -> String {
        let mut cli = "redis-cli".to_owned();
        match self.info.addr() {
            ConnectionAddr::Unix(path) => cli += &format!(" -s {}", shell::word(path.display())),
            ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => {
                if !is_loopback(host) {
                    cli += &format!(" -h {}", shell::word(host));
                }
                if *port != 6379 {
                    cli += &format!(" -p {port}");
                }
            }
            _ => {}
        }
        if matches!(self.info.addr(), ConnectionAddr::TcpTls { .. }) {
            cli += " --tls";
        }
        match self.info.redis_settings().db() {
            0 => cli,
            db => format!("{cli} -n {db}"),
        }
    }

    /// The hint for a failed connection.
    pub(crate) fn hint(&self, reason: &str) -> String {
        if self.upgraded {
            let text = "redis:// to another machine uses TLS; on a trusted network \
                        set redis.tls: disable";
            return text.to_owned();
        }
        if reason.contains("not valid for name") {
            return "use the host name of the certificate in redis.url".to_owned();
        }
        if reason.contains("certificate") {
            return "set redis.ca_file to the certificate authority".to_owned();
        }
        format!("{} ping", self.cli())
    }
}

/// The kernel ends a connection whose peer is gone.
fn tcp_settings() -> TcpSettings {
    let keepalive =
        TcpKeepalive::new().with_time(TCP_TIMEOUT).with_interval(KEEPALIVE_INTERVAL).with_retries(3);
    TcpSettings::default().set_nodelay(true).set_keepalive(keepalive).set_user_timeout(TCP_TIMEOUT)
}

/// The address with the TLS of `mode`, and whether the URL does not request it.
fn secured(addr: ConnectionAddr, mode: Option<TlsMode>) -> Result<(ConnectionAddr, bool), ClientError> {
    let (host, port, asked) = match addr {
        ConnectionAddr::Tcp(host, port) => (host, port, false),
        ConnectionAddr::TcpTls { host, port, .. } => (host, port, true),
        other => return Ok((other, false)),
    };
    let mode =
        mode.unwrap_or(if asked || !is_loopback(&host) { TlsMode::VerifyFull } else { TlsMode::Disable });
    let insecure = mode == TlsMode::Require;
    let tls = ConnectionAddr::TcpTls { host: host.clone(), port, insecure, tls_params: None };
    match mode {
        TlsMode::Disable => return Ok((ConnectionAddr::Tcp(host, port), false)),
        TlsMode::Prefer => {
            return Err(ClientError::misconfigured(
                "redis.tls",
                "Redis cannot negotiate TLS: use disable, require, verify-ca or verify-full",
            ));
        }
        TlsMode::Require | TlsMode::VerifyCa | TlsMode::VerifyFull => {}
    }
    Ok((tls, !asked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::secret::SecretUrl;

    fn address(url: &str, tls: Option<TlsMode>) -> Result<Address, ClientError> {
        let url = Some(SecretUrl::new(url));
        Address::new(&settings::Redis { url, tls, ..settings::Redis::default() })
    }

    fn encrypted(url: &str, tls: Option<TlsMode>) -> bool {
        matches!(address(url, tls).unwrap().info.addr(), ConnectionAddr::TcpTls { .. })
    }

    #[test]
    fn connections_to_other_machines_are_encrypted_by_default() {
        assert!(!encrypted("redis://localhost:6379/0", None));
        assert!(!encrypted("redis://[::1]:6379/0", None));
        assert!(encrypted("redis://cache:6379/0", None));
        assert!(encrypted("rediss://localhost:6379/0", None));
        assert!(!encrypted("redis://cache:6379/0", Some(TlsMode::Disable)));
        assert!(encrypted("redis://localhost", Some(TlsMode::Require)));
        let hint = address("redis://cache", None).unwrap().hint("");
        assert!(hint.contains("redis.tls: disable"), "{hint}");
        assert!(address("redis://localhost", Some(TlsMode::Prefer)).is_err());
    }

    #[test]
    fn hints_contain_no_secret() {
        let remote = address("redis://u:pw@cache:6380/2", Some(TlsMode::Disable)).unwrap();
        assert_eq!(remote.cli(), "redis-cli -h cache -p 6380 -n 2");
        assert_eq!(remote.target(), "cache:6380/2");
        assert_eq!(address("redis://localhost", None).unwrap().cli(), "redis-cli");
        let wrong = address("http://u:pw@cache", None).err().unwrap().to_string();
        assert!(!wrong.contains("pw"), "{wrong}");
    }
}
