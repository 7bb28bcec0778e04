//! Signals that end the program: the first one asks, and what is under way ends in good order; the
//! second one does not wait for that.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, watch};

use crate::base::cli_error::CliError;

static FORCED: Notify = Notify::const_new();

/// Turns true at the first SIGINT or SIGTERM; the second one ends the program, see [`forced`].
pub(crate) fn stop_on_signals() -> Result<watch::Receiver<bool>, CliError> {
    let fail = |e| CliError::failed("cannot listen for signals").because(e);
    let mut interrupt = signal(SignalKind::interrupt()).map_err(fail)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(fail)?;
    let (tell, stop) = watch::channel(false);
    tokio::spawn(async move {
        let mut next = async || {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        };
        next().await;
        tell.send_replace(true);
        next().await;
        FORCED.notify_one();
        // Keeps the channel open: whoever waits on it must not take a closed one for a signal.
        std::future::pending::<()>().await;
    });
    Ok(stop)
}

/// Ends at the second signal: whoever asks twice does not want to wait. As after a crash, what was under
/// way can be resumed.
pub(crate) async fn forced() -> CliError {
    FORCED.notified().await;
    CliError::interrupted("interrupted again: ended in the middle of it")
        .hint("the same command with --resume goes on, where it acted")
}
