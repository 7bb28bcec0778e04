//! Why the embedded PostgreSQL does not run, and the hint for each cause.

use std::path::PathBuf;
use std::time::Duration;

use crate::base::cli_error::CliError;
use crate::base::shell;
use crate::base::units;
use crate::clients::ClientError;

#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    #[error("no database is configured, and no PostgreSQL server is installed on this host")]
    NoBinaries { searched: Vec<PathBuf> },
    #[error("{} needs PostgreSQL {has}, which is not installed; installed: {}", cluster.display(), list(installed))]
    OtherMajor { cluster: PathBuf, has: u32, installed: Vec<u32> },
    /// pg_ctl passes paths to a shell without escaping.
    #[error("cannot start PostgreSQL in {}: the path contains one of \" $ ` \\", .0.display())]
    UnsupportedPath(PathBuf),
    #[error("{} is not empty and is not a PostgreSQL cluster", .0.display())]
    NotACluster(PathBuf),
    #[error("PostgreSQL cannot run as root, and {0}")]
    NoAccount(String),
    #[error("user {user} cannot enter {}, which contains the database", dir.display())]
    NotTraversable { user: String, dir: PathBuf },
    #[error("{} {problem}", path.display())]
    NotPrivate { path: PathBuf, problem: String },
    #[error("another process has been starting or stopping the embedded PostgreSQL for {}", units::duration(.0.as_secs_f64()))]
    Busy(Duration),
    /// Child processes of a killed server.
    #[error("processes of a killed PostgreSQL server still use {}: pid {}", cluster.display(), list(pids))]
    Orphans { cluster: PathBuf, pids: Vec<u32> },
    #[error("initdb failed: {0}")]
    Initdb(String),
    #[error("cannot start the embedded PostgreSQL: {0}")]
    Start(String),
    #[error("the embedded PostgreSQL died and did not start again, attempts: {attempts}: {cause}")]
    GaveUp { attempts: u32, cause: Box<EmbeddedError> },
    #[error("the embedded PostgreSQL (pid {pid}) has not stopped within {}", units::duration(after.as_secs_f64()))]
    Stop { pid: u32, after: Duration },
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("joining or leaving the embedded PostgreSQL was aborted: {0}")]
    Aborted(String),
}

fn list(numbers: &[u32]) -> String {
    numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}

impl EmbeddedError {
    /// For `map_err`.
    pub(super) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoBinaries { searched } => {
                let searched: Vec<String> = searched.iter().map(|p| p.display().to_string()).collect();
                format!(
                    "apt-get install postgresql (dnf install postgresql-server, apk add postgresql), \
                     or set database.url in ordctl.yaml, or DATABASE_URL; searched {}",
                    searched.join(", ")
                )
            }
            Self::OtherMajor { has, cluster, .. } => format!(
                "apt-get install postgresql-{has}; or, to upgrade, install both versions, stop ordctl, run pg_upgrade \
                 into a new cluster and replace {} with it",
                cluster.display()
            ),
            Self::NotACluster(path) => format!("move {} away, or set another data_dir", path.display()),
            Self::UnsupportedPath(_) => "set another data_dir".to_owned(),
            Self::NoAccount(_) => "adduser --system postgres".to_owned(),
            Self::NotTraversable { dir, .. } => {
                format!("chmod o+x {}, or set another data_dir", shell::word(dir.display()))
            }
            Self::NotPrivate { path, .. } => {
                format!("check the owner and mode of {}, or set another data_dir", path.display())
            }
            Self::Busy(_) => "find the other ordctl process with ps, and end it if it hangs".to_owned(),
            Self::Orphans { .. } => "wait until these processes end, or end them".to_owned(),
            Self::Initdb(_) | Self::Io { .. } => {
                "check the free disk space and the permissions of the data directory".to_owned()
            }
            Self::GaveUp { cause, .. } => return cause.hint(),
            Self::Start(_) | Self::Stop { .. } => {
                "see the logs in postgres/log in the data directory".to_owned()
            }
            Self::Client(_) | Self::Aborted(_) => return None,
        })
    }

    pub fn into_cli_error(self) -> CliError {
        let (text, hint) = (self.to_string(), self.hint());
        let error = match self {
            Self::Client(e) => return e.fault(),
            Self::Initdb(_)
            | Self::Start(_)
            | Self::GaveUp { .. }
            | Self::Stop { .. }
            | Self::Io { .. }
            | Self::Aborted(_) => CliError::failed(text),
            _ => CliError::refused(text),
        };
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}
