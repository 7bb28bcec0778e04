//! SIGINT and SIGTERM: the first ends the program after the current step, the second at once.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, watch};

use crate::base::cli_error::CliError;

static FORCED: Notify = Notify::const_new();

/// Turns true at the first SIGINT or SIGTERM; the second one ends the program, see [`forced`].
pub(crate) fn stop_on_signals() -> Result<watch::Receiver<bool>, CliError> {
    let fail = |e| CliError::failed("cannot listen for signals").because(e);
    let mut interrupt = signal(SignalKind::interrupt()).map_err(fail)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(fail)?;
    let (sender, stop) = watch::channel(false);
    tokio::spawn(async move {
        let mut next = async || {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        };
        next().await;
        sender.send_replace(true);
        next().await;
        FORCED.notify_one();
        // Keeps the channel open: a closed one would look like a signal.
        std::future::pending::<()>().await;
    });
    Ok(stop)
}

/// Completes at the second signal. As after a crash, an action can be resumed.
pub(crate) async fn forced() -> CliError {
    FORCED.notified().await;
    CliError::interrupted("interrupted twice: ended in the middle of a step")
        .hint("run the same command with --resume to continue an action")
}
