//! Connection URLs of libpq, with several hosts, and of SQLAlchemy.

use std::net::IpAddr;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_postgres::config::{Host, SslMode};

use super::connect::TargetHost;
use super::parameters::{Extra, SETTING, split_off};
use super::passfile;
use crate::base::env;
use crate::base::plain_file;
use crate::base::secret::SecretUrl;
use crate::base::settings::{Database, TlsMode};
use crate::clients::ClientError;

pub(super) const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Of PostgreSQL and of Debian.
const DEFAULT_SOCKET_DIRS: [&str; 2] = ["/tmp", "/var/run/postgresql"];

#[derive(Clone, Debug)]
pub struct Dsn {
    pub(super) config: tokio_postgres::Config,
    pub(super) tls: TlsMode,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) cert_file: Option<PathBuf>,
    pub(super) key_file: Option<PathBuf>,
    pub(super) loopback: bool,
    /// No program that connects for ordctl may use the operator's passfile.
    pub(super) is_discovered: bool,
    /// Why its passfile is ignored, and the remedy.
    pub(super) ignored_passfile: Option<(String, String)>,
}

impl Dsn {
    /// Reads a URL or a `key=value` string together with the settings beside it.
    pub fn parse(url: &SecretUrl, settings: &Database) -> Result<Self, ClientError> {
        let (text, mut extra) =
            split_off(url.expose().trim(), settings.libpq.get("port").filter(|port| !port.contains(',')))?;
        let mut config: tokio_postgres::Config = text.parse().map_err(|e: tokio_postgres::Error| {
            ClientError::misconfigured(SETTING, crate::clients::error::chain(&e))
        })?;
        fill(&mut config, &mut extra, settings)?;
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
        if let Some(timeout) = extra.tcp_user_timeout.filter(|t| !t.is_zero()) {
            config.tcp_user_timeout(timeout);
        }
        if config.get_application_name().is_none() {
            config.application_name("ordctl");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(settings.connect_timeout.duration());
        }
        let ignored_passfile = set_password(&mut config, &extra, settings)?;
        Ok(Self {
            config,
            tls,
            ca_file: extra.ca_file.or_else(|| settings.ca_file.clone()),
            cert_file: extra.cert_file.or_else(|| settings.cert_file.clone()),
            key_file: extra.key_file.or_else(|| settings.key_file.clone()),
            loopback,
            is_discovered: settings.is_discovered,
            ignored_passfile,
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
        Self {
            config,
            tls: TlsMode::Disable,
            ca_file: None,
            cert_file: None,
            key_file: None,
            loopback: true,
            is_discovered: false,
            ignored_passfile: None,
        }
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

    /// The options with which the programs of PostgreSQL reach the same server, without secrets.
    pub(crate) fn program_options(&self) -> String {
        let host = self.config.get_hosts().first().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        });
        let port = self.config.get_ports().first().map(u16::to_string);
        let user = self.config.get_user().map(str::to_owned);
        let options = [("--host", host), ("--port", port), ("--username", user)];
        let given = options.into_iter().filter_map(|(name, value)| value.map(|v| (name, v)));
        given.map(|(name, value)| format!(" {name}={}", shell_words::quote(&value))).collect()
    }

    /// The options with which `psql` reaches the same database.
    pub(crate) fn psql_options(&self) -> String {
        let name = self.config.get_dbname().map(|name| format!(" --dbname={}", shell_words::quote(name)));
        self.program_options() + &name.unwrap_or_default()
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
    plain_file::read_text(path)
        .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
        .map_err(|e| ClientError::misconfigured(setting, format!("{}: {e}", path.display())))
}

/// Sets the password that a file, the URL, a reference, a variable or the passfile holds, in this order. Returns why the
/// passfile is ignored, with the remedy.
fn set_password(
    config: &mut tokio_postgres::Config,
    extra: &Extra,
    settings: &Database,
) -> Result<Option<(String, String)>, ClientError> {
    if let Some(path) = &settings.password_file {
        config.password(secret_file(path, "database.password_file")?);
    } else if config.get_password().is_some() {
        return Ok(None);
    } else if let Some(reference) = &settings.password_from {
        let wrong = |why: String| ClientError::misconfigured("database.password_from", why);
        config.password(reference.read().map_err(wrong)?.expose());
    } else if let Some(password) = &settings.libpq.password {
        config.password(password.expose());
    } else if let Some(path) =
        extra.passfile.clone().or_else(|| settings.passfile.clone()).or_else(|| default_passfile(settings))
    {
        password_from_passfile(config, &path);
        return Ok(passfile::why_ignored(&path));
    }
    Ok(None)
}

/// Takes what the URL leaves out from the variables of libpq, as libpq does.
fn fill(
    config: &mut tokio_postgres::Config,
    extra: &mut Extra,
    settings: &Database,
) -> Result<(), ClientError> {
    let libpq = &settings.libpq;
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        for host in libpq.get("host").into_iter().flat_map(|hosts| hosts.split(',')) {
            config.host(host);
        }
        for address in libpq.get("hostaddr").into_iter().flat_map(|all| all.split(',')) {
            let wrong = |e| ClientError::misconfigured("PGHOSTADDR", format!("'{address}': {e}"));
            config.hostaddr(address.parse().map_err(wrong)?);
        }
    }
    if config.get_ports().is_empty() {
        for port in libpq.get("port").into_iter().flat_map(|ports| ports.split(',')) {
            let wrong = |e| ClientError::misconfigured("PGPORT", format!("'{port}': {e}"));
            config.port(port.parse().map_err(wrong)?);
        }
    }
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        config.host_path(default_socket_dir(config.get_ports().first().copied().unwrap_or(5432)));
    }
    if let Some(user) = libpq.get("user").filter(|_| config.get_user().is_none()) {
        config.user(user);
    }
    if let Some(name) = libpq.get("dbname").filter(|_| config.get_dbname().is_none()) {
        config.dbname(name);
    }
    extra.fill(settings)
}

/// The directory with the server's socket; PostgreSQL's own default where there is none.
fn default_socket_dir(port: u16) -> &'static str {
    let is_socket = |dir: &&str| {
        let socket = Path::new(dir).join(format!(".s.PGSQL.{port}"));
        std::fs::metadata(socket).is_ok_and(|m| m.file_type().is_socket())
    };
    let [default, _] = DEFAULT_SOCKET_DIRS;
    DEFAULT_SOCKET_DIRS.into_iter().rev().find(is_socket).unwrap_or(default)
}

/// The operator's own, which is not for an address that others may have chosen.
fn default_passfile(settings: &Database) -> Option<PathBuf> {
    env::read(env::HOME).filter(|_| !settings.is_discovered).map(|home| Path::new(&home).join(".pgpass"))
}

fn password_from_passfile(config: &mut tokio_postgres::Config, path: &Path) {
    let Some(user) = config.get_user().map(str::to_owned) else { return };
    let database = config.get_dbname().unwrap_or(&user).to_owned();
    let ports = config.get_ports().to_vec();
    let found = config.get_hosts().iter().enumerate().find_map(|(i, host)| {
        let directory;
        let name = match host {
            Host::Tcp(name) => name.as_str(),
            // As in libpq, only the default directory is `localhost`.
            Host::Unix(path) if DEFAULT_SOCKET_DIRS.iter().any(|dir| path == Path::new(dir)) => "localhost",
            Host::Unix(path) => {
                directory = path.to_string_lossy();
                &*directory
            }
        };
        let port = ports.get(i).or_else(|| ports.first()).copied().unwrap_or(5432);
        passfile::find(path, name, port, &database, &user)
    });
    if let Some(password) = found {
        config.password(password);
    }
}

#[cfg(test)]
#[path = "dsn_tests.rs"]
mod tests;
