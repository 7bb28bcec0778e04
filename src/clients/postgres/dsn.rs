//! Connection URLs of libpq, with several hosts, and of SQLAlchemy.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use super::connect::TargetHost;
use super::passfile;
use crate::base::env;
use crate::base::secret::SecretUrl;
use crate::base::settings::{Database, TlsMode};
use crate::clients::ClientError;

const SETTING: &str = "database.url";
pub(super) const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

#[derive(Clone, Debug)]
pub struct Dsn {
    pub(super) config: tokio_postgres::Config,
    pub(super) tls: TlsMode,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) cert_file: Option<PathBuf>,
    pub(super) key_file: Option<PathBuf>,
    pub(super) loopback: bool,
}

impl Dsn {
    /// Reads a URL or a `key=value` string together with the settings beside it.
    pub fn parse(url: &SecretUrl, settings: &Database) -> Result<Self, ClientError> {
        let (text, extra) = split_off(&plain_scheme(url.expose()))?;
        let mut config: tokio_postgres::Config = text.parse().map_err(|e: tokio_postgres::Error| {
            ClientError::misconfigured(SETTING, crate::clients::error::chain(&e))
        })?;
        let loopback = config.get_hosts().iter().all(is_loopback);
        let tls = match extra.tls {
            Some(mode) => mode,
            None => settings.tls.unwrap_or(if loopback { TlsMode::Prefer } else { TlsMode::VerifyFull }),
        };
        config.ssl_mode(match tls {
            TlsMode::Disable => SslMode::Disable,
            TlsMode::Prefer => SslMode::Prefer,
            _ => SslMode::Require,
        });
        if let Some(attrs) = extra.session_attrs {
            config.target_session_attrs(attrs);
        }
        if config.get_application_name().is_none() {
            config.application_name("ordctl");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(settings.connect_timeout.duration());
        }
        if let Some(path) = &settings.password_file {
            config.password(secret_file(path, "database.password_file")?);
        } else if config.get_password().is_none() {
            password_from_passfile(&mut config, extra.passfile.as_deref().or(settings.passfile.as_deref()));
        }
        Ok(Self {
            config,
            tls,
            ca_file: extra.ca_file.or_else(|| settings.ca_file.clone()),
            cert_file: extra.cert_file.or_else(|| settings.cert_file.clone()),
            key_file: extra.key_file.or_else(|| settings.key_file.clone()),
            loopback,
        })
    }

    /// The embedded database behind the socket in `dir`.
    pub(crate) fn embedded(dir: &Path) -> Self {
        let mut config = tokio_postgres::Config::new();
        config
            .host_path(dir)
            .user("orchestrator")
            .dbname("orchestrator")
            .application_name("ordctl")
            .ssl_mode(SslMode::Disable)
            .connect_timeout(DEFAULT_CONNECT_TIMEOUT);
        Self { config, tls: TlsMode::Disable, ca_file: None, cert_file: None, key_file: None, loopback: true }
    }

    /// The same server, another database.
    #[must_use]
    pub(crate) fn with_database(mut self, name: &str) -> Self {
        self.config.dbname(name);
        self
    }

    /// `host:port[,host:port]`.
    pub(crate) fn address(&self) -> String {
        self.hosts().iter().map(TargetHost::address).collect::<Vec<_>>().join(",")
    }

    /// `user@host:port[,host:port]/name`, without secrets.
    pub(crate) fn target(&self) -> String {
        let user = self.config.get_user().map(|u| format!("{u}@")).unwrap_or_default();
        let name = self.config.get_dbname().or(self.config.get_user()).unwrap_or("?");
        format!("{user}{}/{name}", self.address())
    }
}

/// Whether an address can only lead to this machine.
pub fn is_loopback(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()),
    }
}

/// The content of a file that holds a secret and nothing else.
pub fn secret_file(path: &Path, setting: &str) -> Result<String, ClientError> {
    std::fs::read_to_string(path)
        .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
        .map_err(|e| ClientError::misconfigured(setting, format!("{}: {e}", path.display())))
}

/// `postgresql+psycopg://` (SQLAlchemy names its driver) as `postgresql://`.
fn plain_scheme(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let scheme = scheme.split('+').next().unwrap_or(scheme);
            format!("{scheme}://{rest}")
        }
        None => url.to_owned(),
    }
}

/// Parameters that libpq supports and the driver does not.
#[derive(Default)]
struct Extra {
    tls: Option<TlsMode>,
    ca_file: Option<PathBuf>,
    cert_file: Option<PathBuf>,
    key_file: Option<PathBuf>,
    passfile: Option<PathBuf>,
    session_attrs: Option<TargetSessionAttrs>,
}

impl Extra {
    /// Takes a parameter; false when it is the driver's.
    fn take(&mut self, key: &str, value: &str) -> Result<bool, ClientError> {
        match key {
            "sslmode" => {
                let mode = serde_json::from_value(serde_json::json!(value)).map_err(|_| {
                    ClientError::misconfigured(
                        SETTING,
                        format!(
                            "sslmode '{value}': must be one of disable, prefer, require, verify-ca, verify-full"
                        ),
                    )
                })?;
                self.tls = Some(mode);
            }
            "sslrootcert" if value == "system" => {}
            "sslrootcert" => self.ca_file = Some(value.into()),
            "sslcert" => self.cert_file = Some(value.into()),
            "sslkey" => self.key_file = Some(value.into()),
            "passfile" => self.passfile = Some(value.into()),
            "target_session_attrs" => {
                self.session_attrs = Some(match value {
                    "any" => TargetSessionAttrs::Any,
                    "read-write" | "primary" => TargetSessionAttrs::ReadWrite,
                    "read-only" | "standby" => TargetSessionAttrs::ReadOnly,
                    other => {
                        return Err(ClientError::misconfigured(
                            SETTING,
                            format!(
                                "target_session_attrs '{other}': must be one of any, read-write, primary, read-only, standby"
                            ),
                        ));
                    }
                });
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn split_off(url: &str) -> Result<(String, Extra), ClientError> {
    let mut extra = Extra::default();
    if !url.contains("://") {
        let mut kept = Vec::new();
        for word in url.split_whitespace() {
            match word.split_once('=') {
                Some((key, value)) if extra.take(key, value.trim_matches('\''))? => {}
                _ => kept.push(word),
            }
        }
        return Ok((kept.join(" "), extra));
    }
    let Some((base, query)) = url.split_once('?') else { return Ok((url.to_owned(), extra)) };
    let mut kept = Vec::new();
    for pair in query.split('&').filter(|p| !p.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if !extra.take(key, &decode(value))? {
            kept.push(pair);
        }
    }
    let url = if kept.is_empty() { base.to_owned() } else { format!("{base}?{}", kept.join("&")) };
    Ok((url, extra))
}

fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn password_from_passfile(config: &mut tokio_postgres::Config, path: Option<&Path>) {
    let path =
        path.map(Path::to_path_buf).or_else(|| env::read(env::HOME).map(|h| Path::new(&h).join(".pgpass")));
    let (Some(path), Some(user)) = (path, config.get_user().map(str::to_owned)) else { return };
    let database = config.get_dbname().unwrap_or(&user).to_owned();
    let ports = config.get_ports().to_vec();
    let found = config.get_hosts().iter().enumerate().find_map(|(i, host)| {
        let name = match host {
            Host::Tcp(name) => name.as_str(),
            Host::Unix(_) => "localhost",
        };
        let port = ports.get(i).or_else(|| ports.first()).copied().unwrap_or(5432);
        passfile::find(&path, name, port, &database, &user)
    });
    if let Some(password) = found {
        config.password(password);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Dsn, ClientError> {
        Dsn::parse(&SecretUrl::new(url), &Database::default())
    }

    #[test]
    fn certificates_are_verified_off_loopback_by_default() {
        for (url, tls) in [
            ("postgresql://u@127.0.0.1/d", TlsMode::Prefer),
            ("postgresql://u@localhost/d", TlsMode::Prefer),
            ("postgresql://u@db.example/d", TlsMode::VerifyFull),
            ("postgresql://u@127.0.0.1,db.example/d", TlsMode::VerifyFull),
            ("postgresql://u@db.example/d?sslmode=require", TlsMode::Require),
            ("postgresql://u@db.example/d?sslmode=verify-ca&sslrootcert=%2Fca.pem", TlsMode::VerifyCa),
            ("host=db.example user=u sslmode=disable", TlsMode::Disable),
        ] {
            assert_eq!(parse(url).unwrap().tls, tls, "{url}");
        }
    }

    #[test]
    fn sqlalchemy_urls_and_several_hosts_are_parsed() {
        let dsn = parse("postgresql+psycopg://u:pw@a:5433,b:5434/d?target_session_attrs=primary").unwrap();
        assert_eq!(dsn.target(), "u@a:5433,b:5434/d");
        assert_eq!(dsn.config.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
    }

    #[test]
    fn invalid_parameters_are_named() {
        for (url, word) in [
            ("postgresql://u@h/d?sslmode=maybe", "sslmode 'maybe'"),
            ("postgresql://u@h/d?target_session_attrs=best", "target_session_attrs 'best'"),
            ("postgresql://u@h:many/d", "port"),
            ("postgresql://u@h/d?speed=fast", "speed"),
        ] {
            let error = parse(url).unwrap_err().to_string();
            assert!(error.contains(word), "{url}: {error}");
        }
    }
}
