//! The log of a server: on standard error, as lines for people or as JSON for a collector.

use tracing_subscriber::EnvFilter;

use super::stdio;
use crate::base::env;

/// How a log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// One line each, for people.
    #[default]
    Text,
    Json,
}

/// Starts logging. `ORDCTL_LOG` says what, as in `info,ordctl=debug`.
pub(crate) fn log(format: LogFormat) {
    let directives = env::read(env::LOG).unwrap_or_else(|| "info".into());
    let filter = EnvFilter::builder().parse_lossy(directives);
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stdio::err);
    // An error means that there is a logger already.
    drop(match format {
        LogFormat::Text => {
            builder.with_ansi(stdio::err_is_terminal() && env::read(env::NO_COLOR).is_none()).try_init()
        }
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    });
}
