//! Every environment variable that the program reads, with the setting it fills.

/// An environment variable and the setting whose value it gives.
pub(crate) struct Variable {
    pub(crate) name: &'static str,
    /// The dotted path of the setting.
    pub(crate) setting: &'static str,
}

/// Variables that give the value of a setting. They win over the file and lose to flags.
pub(crate) const SETTINGS: &[Variable] = &[
    Variable { name: "ORDCTL_DATA_DIR", setting: "data_dir" },
    Variable { name: "ORDCTL_TIME_ZONE", setting: "time_zone" },
    Variable { name: "DATABASE_URL", setting: "database.url" },
    Variable { name: "ORDCTL_DATABASE_PASSWORD_FILE", setting: "database.password_file" },
    Variable { name: "PGPASSFILE", setting: "database.passfile" },
    Variable { name: "ORDCTL_SIGNING_KEY_FILE", setting: "api.signing_key_file" },
    Variable { name: "REDIS_URL", setting: "redis.url" },
    Variable { name: DOCKER_HOST, setting: "docker.host" },
    Variable { name: "PROMETHEUS_URL", setting: "prometheus.url" },
    Variable { name: "ALERTMANAGER_URL", setting: "alertmanager.url" },
];

/// The Docker engine's address, as the docker command reads it.
pub(crate) const DOCKER_HOST: &str = "DOCKER_HOST";
/// The configuration file to read, as `--config` gives it.
pub(crate) const CONFIG: &str = "ORDCTL_CONFIG";
/// The environment to use, as `--env` gives it.
pub(crate) const ENVIRONMENT: &str = "ORDCTL_ENV";
/// Any value switches colour off (<https://no-color.org>).
pub(crate) const NO_COLOR: &str = "NO_COLOR";
/// What a server logs, as in `info,ordctl=debug`.
pub(crate) const LOG: &str = "ORDCTL_LOG";
/// Where per-user configuration lives (XDG base directory specification).
pub(crate) const XDG_CONFIG_HOME: &str = "XDG_CONFIG_HOME";
/// Where per-user data lives (XDG base directory specification).
pub(crate) const XDG_DATA_HOME: &str = "XDG_DATA_HOME";
pub(crate) const HOME: &str = "HOME";
/// The user who acts, for the journal and the audit log.
pub(crate) const USER: &str = "USER";
pub(crate) const SUDO_USER: &str = "SUDO_USER";
/// Where programs are looked for.
pub(crate) const PATH: &str = "PATH";

/// The language of programs that are started.
pub(crate) const LANG: &str = "LANG";
/// What the variables of `${secret:NAME}` begin with, unless `secrets.env_prefix` says otherwise.
pub(crate) const SECRET_PREFIX: &str = "ORDCTL_SECRET_";

/// The value of a variable; one that is empty counts as not set.
#[allow(clippy::disallowed_methods, reason = "this is the place")]
pub(crate) fn read(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}
