//! Connection URLs of libpq, with several hosts, and of SQLAlchemy.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_postgres::config::{Host, SslMode};

use super::connect::TargetHost;
use super::parameters::{SETTING, split_off};
use super::passfile;
use crate::base::env;
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
    /// Why its passfile is ignored, and the remedy.
    pub(super) ignored_passfile: Option<(String, String)>,
}

impl Dsn {
    /// Reads a URL or a `key=value` string together with the settings beside it.
    pub fn parse(url: &SecretUrl, settings: &Database) -> Result<Self, ClientError> {
        let (text, extra) = split_off(url.expose().trim())?;
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
        if let Some(timeout) = extra.tcp_user_timeout.filter(|t| !t.is_zero()) {
            config.tcp_user_timeout(timeout);
        }
        if config.get_application_name().is_none() {
            config.application_name("ordctl");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(settings.connect_timeout.duration());
        }
        let mut ignored_passfile = None;
        if let Some(path) = &settings.password_file {
            config.password(secret_file(path, "database.password_file")?);
        } else if config.get_password().is_none()
            && let Some(path) = extra.passfile.or_else(|| settings.passfile.clone()).or_else(default_passfile)
        {
            password_from_passfile(&mut config, &path);
            ignored_passfile = passfile::why_ignored(&path);
        }
        Ok(Self {
            config,
            tls,
            ca_file: extra.ca_file.or_else(|| settings.ca_file.clone()),
            cert_file: extra.cert_file.or_else(|| settings.cert_file.clone()),
            key_file: extra.key_file.or_else(|| settings.key_file.clone()),
            loopback,
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
    std::fs::read_to_string(path)
        .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
        .map_err(|e| ClientError::misconfigured(setting, format!("{}: {e}", path.display())))
}

fn default_passfile() -> Option<PathBuf> {
    env::read(env::HOME).map(|home| Path::new(&home).join(".pgpass"))
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
mod tests {
    use tokio_postgres::config::TargetSessionAttrs;

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
    fn libpqs_parameters_are_accepted() {
        let parameters = "gssencmode=prefer&client_encoding=utf8&keepalives=1&keepalives_idle=30&keepalives_interval=5\
            &keepalives_count=3&tcp_user_timeout=20000&options=-c%20work_mem%3D8MB";
        let dsn = parse(&format!("postgresql://u@h/d?{parameters}")).unwrap();
        assert_eq!(dsn.config.get_options(), Some("-c work_mem=8MB"));
        assert_eq!(dsn.config.get_keepalives_retries(), Some(3));
        assert_eq!(dsn.config.get_tcp_user_timeout(), Some(&Duration::from_secs(20)));
        let words = "\n host=h user=u dbname='my db' gssencmode=disable options='-c work_mem=8MB' password = 'a b' \n";
        let dsn = parse(words).unwrap();
        assert_eq!((dsn.target().as_str(), dsn.config.get_password()), ("u@h:5432/my db", Some(&b"a b"[..])));
        assert_eq!(parse(" postgresql://u@h/d\n").unwrap().target(), "u@h:5432/d");
        for refused in ["gssencmode=require", "client_encoding=latin1"] {
            assert!(parse(&format!("postgresql://u@h/d?{refused}")).is_err(), "{refused}");
        }
    }

    #[test]
    fn no_part_of_a_password_is_shown() {
        let dsn = parse("postgresql://u:p@ss@h/d").unwrap();
        assert_eq!((dsn.target().as_str(), dsn.config.get_password()), ("u@h:5432/d", Some(&b"p@ss"[..])));
        // The driver's own error would quote these texts, so they never reach it.
        for (url, error) in [
            ("u:hidden@h/d", "neither a URL"),
            ("mysql://u:hidden@h/d", "neither a URL"),
            ("postgresql://u:p?hidden@h/d", "'?' in the password as %3F"),
        ] {
            let text = parse(url).unwrap_err().to_string();
            assert!(text.contains(error) && !text.contains("hidden"), "{url}: {text}");
        }
        for url in ["password='hidden", "postgresql://u:x@h:hidden@y/d"] {
            if let Err(error) = parse(url) {
                assert!(!error.to_string().contains("hidden"), "{url}: {error}");
            }
        }
    }

    #[test]
    fn a_password_is_found_by_the_sockets_directory() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pgpass");
        std::fs::write(&path, "localhost:*:*:u:of the default\n/run/pg:*:*:u:of the directory\n").unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let settings = Database { passfile: Some(path), ..Database::default() };
        for (url, password) in [
            ("postgresql://u@%2Frun%2Fpg/d", "of the directory"),
            ("postgresql://u@%2Fvar%2Frun%2Fpostgresql/d", "of the default"),
        ] {
            let dsn = Dsn::parse(&SecretUrl::new(url), &settings).unwrap();
            assert_eq!(dsn.config.get_password(), Some(password.as_bytes()), "{url}");
        }
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
