//! The connection settings for PostgreSQL's programs, as libpq environment variables: every user of the machine
//! can read arguments.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use tokio_postgres::config::{Host, TargetSessionAttrs};

use super::Dsn;
use crate::base::env;
use crate::base::settings::TlsMode;
use crate::clients::ClientError;

/// Search path of a child process if this process has no PATH.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// The system's authorities, where distributions keep them as one file.
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
];
/// From this version on libpq finds the system's authorities by itself.
const KNOWS_SYSTEM: u32 = 16;

/// Variables of a program's environment; the only ones it is given.
pub(crate) type Environment = Vec<(&'static str, OsString)>;

/// The environment with which a program of this major version connects as ordctl does. It keeps its own
/// application_name, so that operators recognize pg_dump in pg_stat_activity.
pub(crate) fn environment(dsn: &Dsn, major: u32) -> Result<Environment, ClientError> {
    let config = &dsn.config;
    let mut all: Environment = vec![
        (env::PATH, env::read(env::PATH).unwrap_or_else(|| DEFAULT_PATH.into()).into()),
        // What they say is passed on and must not depend on where that is.
        ("LC_ALL", "C".into()),
        ("PGSSLMODE", mode(dsn.tls).into()),
        ("PGGSSENCMODE", "disable".into()),
    ];
    all.extend(env::read(env::HOME).map(|home| (env::HOME, home.into())));
    let mut add = |name, value: Option<OsString>| all.extend(value.map(|v| (name, v)));
    let hosts = config.get_hosts().iter().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(path) => path.display().to_string(),
    });
    add("PGHOST", list(hosts));
    add("PGHOSTADDR", list(config.get_hostaddrs().iter().map(ToString::to_string)));
    add("PGPORT", list(config.get_ports().iter().map(ToString::to_string)));
    add("PGUSER", config.get_user().map(Into::into));
    add("PGDATABASE", config.get_dbname().map(Into::into));
    add("PGPASSWORD", config.get_password().map(|p| OsString::from_vec(p.to_vec())));
    add("PGPASSFILE", dsn.is_discovered.then(|| "/dev/null".into()));
    add("PGOPTIONS", config.get_options().map(Into::into));
    let patience = config.get_connect_timeout().map(|t| t.as_secs().max(2).to_string().into());
    add("PGCONNECT_TIMEOUT", patience);
    add("PGTARGETSESSIONATTRS", attrs(config.get_target_session_attrs()).map(Into::into));
    add("PGSSLCERT", dsn.cert_file.clone().map(Into::into));
    add("PGSSLKEY", dsn.key_file.clone().map(Into::into));
    if matches!(dsn.tls, TlsMode::VerifyCa | TlsMode::VerifyFull) {
        add("PGSSLROOTCERT", Some(authorities(dsn, major)?.into()));
    }
    Ok(all)
}

fn list(items: impl Iterator<Item = String>) -> Option<OsString> {
    let items: Vec<String> = items.collect();
    (!items.is_empty()).then(|| items.join(",").into())
}

const fn mode(tls: TlsMode) -> &'static str {
    match tls {
        TlsMode::Disable => "disable",
        TlsMode::Prefer => "prefer",
        TlsMode::Require => "require",
        TlsMode::VerifyCa => "verify-ca",
        TlsMode::VerifyFull => "verify-full",
    }
}

fn attrs(attrs: TargetSessionAttrs) -> Option<&'static str> {
    match attrs {
        TargetSessionAttrs::ReadWrite => Some("read-write"),
        TargetSessionAttrs::ReadOnly => Some("read-only"),
        _ => None,
    }
}

fn authorities(dsn: &Dsn, major: u32) -> Result<PathBuf, ClientError> {
    if let Some(file) = &dsn.ca_file {
        return Ok(std::path::absolute(file).unwrap_or_else(|_| file.clone()));
    }
    if major >= KNOWS_SYSTEM && dsn.tls == TlsMode::VerifyFull {
        return Ok("system".into());
    }
    BUNDLES.iter().map(Path::new).find(|p| p.is_file()).map(Path::to_owned).ok_or_else(|| {
        let message =
            format!("pg_dump {major} needs a file of trusted authorities; there is none of the system");
        ClientError::misconfigured("database.ca_file", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::secret::SecretUrl;
    use crate::base::settings::Database;

    fn of(url: &str, settings: &Database) -> Vec<(String, String)> {
        let dsn = Dsn::parse(&SecretUrl::new(url), settings).unwrap();
        let all = environment(&dsn, 15).unwrap();
        let text = |v: OsString| v.into_string().unwrap();
        all.into_iter().filter(|(k, _)| k.starts_with("PG")).map(|(k, v)| (k.to_owned(), text(v))).collect()
    }

    #[test]
    fn everything_that_leads_to_the_server_is_carried_over() {
        let settings = Database { ca_file: Some("/ca.pem".into()), ..Database::default() };
        let url =
            "postgresql+psycopg://u:p%40w@a:5433,b:5434/d?target_session_attrs=primary&sslcert=/c&sslkey=/k";
        let all = of(url, &settings);
        for (name, value) in [
            ("PGHOST", "a,b"),
            ("PGPORT", "5433,5434"),
            ("PGUSER", "u"),
            ("PGDATABASE", "d"),
            ("PGPASSWORD", "p@w"),
            ("PGSSLMODE", "verify-full"),
            ("PGSSLROOTCERT", "/ca.pem"),
            ("PGSSLCERT", "/c"),
            ("PGSSLKEY", "/k"),
            ("PGTARGETSESSIONATTRS", "read-write"),
            ("PGCONNECT_TIMEOUT", "3"),
        ] {
            assert!(all.contains(&(name.to_owned(), value.to_owned())), "{name}={value}: {all:?}");
        }
    }

    #[test]
    fn unset_values_set_no_variable() {
        let all = of("postgresql://u@%2Frun%2Fpg/d?sslmode=require", &Database::default());
        assert!(all.contains(&("PGHOST".to_owned(), "/run/pg".to_owned())), "{all:?}");
        assert!(!all.iter().any(|(k, _)| k == "PGPASSWORD" || k == "PGSSLROOTCERT"), "{all:?}");
        assert!(!all.iter().any(|(k, _)| k == "PGPASSFILE"), "{all:?}");
    }

    /// The server may be one of whoever wrote the compose file.
    #[test]
    fn a_program_does_not_use_the_operators_passfile_for_a_discovered_address() {
        let settings = Database { is_discovered: true, ..Database::default() };
        let all = of("postgresql://u@127.0.0.1/d", &settings);
        assert!(all.contains(&("PGPASSFILE".to_owned(), "/dev/null".to_owned())), "{all:?}");
    }
}
