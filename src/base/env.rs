//! Every environment variable that the program reads.

pub(crate) struct Variable {
    pub(crate) name: &'static str,
    /// The dotted path of the setting.
    pub(crate) setting: &'static str,
}

/// Variables that set a setting. They override the file and are overridden by flags.
pub(crate) const SETTINGS: &[Variable] = &[
    Variable { name: "ORDCTL_DATA_DIR", setting: "data_dir" },
    Variable { name: "ORDCTL_TIME_ZONE", setting: "time_zone" },
    Variable { name: "DATABASE_URL", setting: "database.url" },
    Variable { name: "ORDCTL_DATABASE_PASSWORD_FILE", setting: "database.password_file" },
    Variable { name: "PGPASSFILE", setting: "database.passfile" },
    Variable { name: "REDIS_URL", setting: "redis.url" },
    Variable { name: DOCKER_HOST, setting: "docker.host" },
    Variable { name: DOCKER_CONTEXT, setting: "docker.context" },
    Variable { name: "DOCKER_CERT_PATH", setting: "docker.cert_path" },
    Variable { name: "PROMETHEUS_URL", setting: "prometheus.url" },
    Variable { name: "ALERTMANAGER_URL", setting: "alertmanager.url" },
];

/// The variables of libpq with the keyword of a connection string that each stands for.
pub(crate) const LIBPQ: [(&str, &str); 11] = [
    ("PGHOST", "host"),
    ("PGHOSTADDR", "hostaddr"),
    ("PGPORT", "port"),
    (PGDATABASE, "dbname"),
    ("PGUSER", "user"),
    ("PGPASSWORD", "password"),
    ("PGSSLMODE", "sslmode"),
    ("PGSSLROOTCERT", "sslrootcert"),
    ("PGSSLCERT", "sslcert"),
    ("PGSSLKEY", "sslkey"),
    ("PGTARGETSESSIONATTRS", "target_session_attrs"),
];
/// The section of the service file to use.
pub(crate) const PGSERVICE: &str = "PGSERVICE";
/// The service file of the user; default `~/.pg_service.conf`.
pub(crate) const PGSERVICEFILE: &str = "PGSERVICEFILE";
/// The directory of the system's service file.
pub(crate) const PGSYSCONFDIR: &str = "PGSYSCONFDIR";

/// `off`: only configured systems are used, none is discovered.
pub(crate) const DISCOVERY: &str = "ORDCTL_DISCOVERY";
/// The files and the name of a compose project, as for docker compose.
pub(crate) const COMPOSE_FILE: &str = "COMPOSE_FILE";
pub(crate) const COMPOSE_PROJECT_NAME: &str = "COMPOSE_PROJECT_NAME";
/// What separates the files of COMPOSE_FILE; default `:`.
pub(crate) const COMPOSE_PATH_SEPARATOR: &str = "COMPOSE_PATH_SEPARATOR";

pub(crate) const PGDATABASE: &str = "PGDATABASE";
/// The address of the Docker engine, as for the docker command.
pub(crate) const DOCKER_HOST: &str = "DOCKER_HOST";
pub(crate) const DOCKER_CONTEXT: &str = "DOCKER_CONTEXT";
/// Any value turns TLS on, with the certificates of DOCKER_CERT_PATH or of the docker command.
pub(crate) const DOCKER_TLS_VERIFY: &str = "DOCKER_TLS_VERIFY";
/// The configuration directory of the docker command; default `~/.docker`.
pub(crate) const DOCKER_CONFIG: &str = "DOCKER_CONFIG";
/// The configuration file to read, as `--config` gives it.
pub(crate) const CONFIG: &str = "ORDCTL_CONFIG";
/// The environment to use, as `--env` gives it.
pub(crate) const ENVIRONMENT: &str = "ORDCTL_ENV";
/// Any value disables color (<https://no-color.org>).
pub(crate) const NO_COLOR: &str = "NO_COLOR";
/// The log filter of `ordctl serve`, as in `info,ordctl=debug`.
pub(crate) const LOG: &str = "ORDCTL_LOG";
/// Directory of per-user configuration (XDG base directory specification).
pub(crate) const XDG_CONFIG_HOME: &str = "XDG_CONFIG_HOME";
/// Directory of per-user data (XDG base directory specification).
pub(crate) const XDG_DATA_HOME: &str = "XDG_DATA_HOME";
pub(crate) const HOME: &str = "HOME";
/// Who called sudo, for the journal and the audit log of a process of root.
pub(crate) const SUDO_USER: &str = "SUDO_USER";
/// The number of the user who called sudo, whose files a process of root trusts.
pub(crate) const SUDO_UID: &str = "SUDO_UID";
pub(crate) const PATH: &str = "PATH";

/// The locale, of started programs and of the terminal: the first of these that is set (POSIX).
pub(crate) const LC_ALL: &str = "LC_ALL";
pub(crate) const LC_CTYPE: &str = "LC_CTYPE";
pub(crate) const LANG: &str = "LANG";
/// The width of the output, for programs that are not on a terminal.
pub(crate) const COLUMNS: &str = "COLUMNS";
/// The kind of the terminal; `dumb` shows no color.
pub(crate) const TERM: &str = "TERM";
/// Default prefix of the variables of `${secret:NAME}`.
pub(crate) const SECRET_PREFIX: &str = "ORDCTL_SECRET_";

/// The first variable whose value is not UTF-8. To take it for unset would mean to act on another system.
#[allow(clippy::disallowed_methods, reason = "the only place that reads the environment")]
pub(crate) fn not_utf8() -> Option<&'static str> {
    let names = SETTINGS.iter().map(|v| v.name).chain([
        CONFIG,
        ENVIRONMENT,
        DOCKER_CONFIG,
        DOCKER_TLS_VERIFY,
        HOME,
        LOG,
        PGSERVICE,
        PGSERVICEFILE,
        PGSYSCONFDIR,
        DISCOVERY,
        COMPOSE_FILE,
        COMPOSE_PROJECT_NAME,
        COMPOSE_PATH_SEPARATOR,
    ]);
    let names = names.chain(LIBPQ.iter().map(|(name, _)| *name));
    let is_wrong = |name: &&str| matches!(std::env::var(name), Err(std::env::VarError::NotUnicode(_)));
    names.chain([XDG_CONFIG_HOME, XDG_DATA_HOME]).find(is_wrong)
}

/// The value of a variable. An empty one counts as unset.
#[allow(clippy::disallowed_methods, reason = "the only place that reads the environment")]
pub(crate) fn read(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}
