//! The server's log on standard error, as text or as JSON for a collector.

use tracing_subscriber::EnvFilter;

use super::stdio;
use crate::base::env;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// One line per event, for people
    #[default]
    Text,
    /// One JSON object per line, for a collector
    Json,
}

/// Starts logging. `ORDCTL_LOG` sets the filter, as in `info,ordctl=debug`.
pub(crate) fn log(format: LogFormat) {
    let directives = env::read(env::LOG).unwrap_or_else(|| "info".into());
    let filter = EnvFilter::builder().parse_lossy(directives);
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stdio::err);
    // An error means that a logger is set already.
    drop(match format {
        LogFormat::Text => {
            builder.with_ansi(stdio::err_is_terminal() && env::read(env::NO_COLOR).is_none()).try_init()
        }
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    });
}
