//! Why the embedded PostgreSQL does not run, and what helps.

use std::path::PathBuf;
use std::time::Duration;

use crate::base::cli_error::CliError;
use crate::base::units;
use crate::clients::ClientError;

/// A failure of the embedded PostgreSQL.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// PostgreSQL's server programs are not installed.
    #[error("no database is configured, and no PostgreSQL server is installed to run one here")]
    NoBinaries {
        /// Where they were looked for.
        looked_in: Vec<PathBuf>,
    },
    /// The cluster needs a major version that is not installed.
    #[error("{} was made by PostgreSQL {has}, which is not installed here; installed: {}", cluster.display(), list(found))]
    OtherMajor { cluster: PathBuf, has: u32, found: Vec<u32> },
    /// pg_ctl hands paths to a shell without escaping them.
    #[error("PostgreSQL cannot be started in {}: the path holds one of \" $ ` \\", .0.display())]
    OddPath(PathBuf),
    /// Something else stands where the cluster belongs.
    #[error("{} is not empty and no cluster of PostgreSQL", .0.display())]
    NotACluster(PathBuf),
    /// PostgreSQL refuses to run as root, and there is nobody to become.
    #[error("PostgreSQL does not run as root, and {0}")]
    NoAccount(String),
    /// The user who would run PostgreSQL cannot get there.
    #[error("user {user} cannot enter {}, below which its database lies", dir.display())]
    NotTraversable {
        user: String,
        /// The directory that stops it.
        dir: PathBuf,
    },
    /// A directory that must be private is not.
    #[error("{} {why}", path.display())]
    NotOurs {
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Another process starts or stops the server and does not come to an end.
    #[error("another process has been starting or stopping the embedded PostgreSQL for {}", units::duration(.0.as_secs_f64()))]
    Busy(Duration),
    /// Processes of a server that died work on.
    #[error("processes of a PostgreSQL that died still use {}: {}", cluster.display(), list(pids))]
    Orphans { cluster: PathBuf, pids: Vec<u32> },
    /// The cluster could not be made.
    #[error("initdb failed: {0}")]
    Initdb(String),
    /// The server did not come up.
    #[error("the embedded PostgreSQL does not start: {0}")]
    Start(String),
    /// The server did not go down.
    #[error("the embedded PostgreSQL (process {pid}) has not stopped within {}", units::duration(after.as_secs_f64()))]
    Stop {
        pid: u32,
        /// How long it was given.
        after: Duration,
    },
    /// The file system said no.
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    /// The server runs and does not do as asked.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A task of ours was lost.
    #[error("the embedded PostgreSQL was given up: {0}")]
    Lost(String),
}

fn list(numbers: &[u32]) -> String {
    numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}

impl EmbeddedError {
    /// For `map_err`: an error of the file system at this path.
    pub(super) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoBinaries { looked_in } => {
                let places: Vec<String> = looked_in.iter().map(|p| p.display().to_string()).collect();
                format!(
                    "apt-get install postgresql (dnf install postgresql-server, apk add postgresql), \
                     or set database.url or DATABASE_URL; looked in {}",
                    places.join(", ")
                )
            }
            Self::OtherMajor { has, cluster, .. } => format!(
                "apt-get install postgresql-{has}, and go on with it; or with both versions installed, \
                 move it: stop ordctl, pg_upgrade into a new cluster, and put that in the place of {}",
                cluster.display()
            ),
            Self::NotACluster(path) => format!("move {} away, or set another data_dir", path.display()),
            Self::OddPath(_) => "set another data_dir".to_owned(),
            Self::NoAccount(_) => "adduser --system postgres".to_owned(),
            Self::NotTraversable { dir, .. } => {
                format!("chmod o+x {}, or set another data_dir", dir.display())
            }
            Self::NotOurs { path, .. } => format!("look at {}, or set another data_dir", path.display()),
            Self::Busy(_) => "see which ordctl processes run, and what they wait for".to_owned(),
            Self::Orphans { .. } => "wait for them to end, or end them".to_owned(),
            Self::Initdb(_) | Self::Io { .. } => {
                "look at the room on the disk and at the rights there".to_owned()
            }
            Self::Start(_) | Self::Stop { .. } => {
                "see the logs in postgres/log below the data directory".to_owned()
            }
            Self::Client(_) | Self::Lost(_) => return None,
        })
    }

    /// As a fault for the terminal.
    pub fn fault(self) -> CliError {
        let (text, hint) = (self.to_string(), self.hint());
        let fault = match self {
            Self::Client(e) => return e.fault(),
            Self::Initdb(_) | Self::Start(_) | Self::Stop { .. } | Self::Io { .. } | Self::Lost(_) => {
                CliError::failed(text)
            }
            _ => CliError::refused(text),
        };
        match hint {
            Some(hint) => fault.hint(hint),
            None => fault,
        }
    }
}
