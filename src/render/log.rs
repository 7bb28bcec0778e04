//! The server's log on standard error, as text or as JSON for a collector.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::format::{Writer, debug_fn};

use super::{json, stdio};
use crate::base::clean::clean;
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
    // The subscriber would print why it cannot print, and panic because it cannot print that either: a server whose
    // terminal is gone must go on.
    let builder = builder.log_internal_errors(false);
    // An error means that a logger is set already.
    drop(match format {
        LogFormat::Text => builder
            .with_ansi(stdio::err_is_terminal() && env::read(env::NO_COLOR).is_none())
            .fmt_fields(debug_fn(text_field).delimited(" "))
            .try_init(),
        LogFormat::Json => builder.json().flatten_event(true).with_writer(|| Printable).try_init(),
    });
}

/// Standard error for lines of JSON, whose encoder leaves most of what a terminal obeys as it is.
struct Printable;

impl std::io::Write for Printable {
    /// The subscriber writes each event at once.
    fn write(&mut self, event: &[u8]) -> std::io::Result<usize> {
        let text = json::printable(String::from_utf8_lossy(event).into_owned());
        stdio::err().write_all(text.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        stdio::err().flush()
    }
}

/// A field of an event. It is cleaned: an error or a title must not begin another line.
fn text_field(
    writer: &mut Writer<'_>,
    field: &tracing::field::Field,
    value: &dyn std::fmt::Debug,
) -> std::fmt::Result {
    let text = format!("{value:?}");
    let text = clean(&text);
    match field.name() {
        "message" => writer.write_str(&text),
        name if writer.has_ansi_escapes() => {
            write!(writer, "\u{1b}[3m{name}\u{1b}[0m\u{1b}[2m=\u{1b}[0m{text}")
        }
        name => write!(writer, "{name}={text}"),
    }
}
