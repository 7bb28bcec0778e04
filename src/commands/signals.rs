//! The signals that stop the program: the first ends it after the current step, the second at once.
//!
//! SIGHUP is one of them: when an SSH session is lost, an action must not end between the stop and the start of a
//! service.

use std::future::poll_fn;
use std::task::Poll;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, watch};

use crate::base::cli_error::CliError;

static FORCED: Notify = Notify::const_new();

/// SIGINT, SIGTERM, SIGHUP and SIGQUIT.
pub(crate) struct StopSignals(Vec<Signal>);

impl StopSignals {
    /// SIGHUP and SIGQUIT stay ignored in a program that was started so, as with `nohup`.
    pub(crate) fn listen() -> Result<Self, CliError> {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = ignored(&status);
        let heard = |kind: &SignalKind| !ignored.contains(kind);
        let all = [SignalKind::interrupt(), SignalKind::terminate()].into_iter();
        let all = all.chain([SignalKind::hangup(), SignalKind::quit()].into_iter().filter(heard));
        let signals = all.map(signal).collect::<std::io::Result<_>>();
        signals.map(Self).map_err(|e| CliError::failed("cannot listen for signals").because(e))
    }

    /// Waits for the next signal.
    pub(crate) async fn next(&mut self) {
        poll_fn(|cx| match self.0.iter_mut().any(|signal| signal.poll_recv(cx).is_ready()) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .await;
    }
}

/// The ignored signals of a process, from its `/proc/PID/status`. Without that file none is known to be ignored.
fn ignored(status: &str) -> Vec<SignalKind> {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    (1..=64).filter(|number| mask >> (number - 1) & 1 == 1).map(SignalKind::from_raw).collect()
}

/// Turns true at the first signal; the second one ends the program, see [`forced`].
pub(crate) fn stop_on_signals() -> Result<watch::Receiver<bool>, CliError> {
    let mut signals = StopSignals::listen()?;
    let (sender, stop) = watch::channel(false);
    tokio::spawn(async move {
        signals.next().await;
        sender.send_replace(true);
        signals.next().await;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_read_from_the_mask() {
        assert_eq!(ignored("Name:\tordctl\nSigIgn:\t0000000000001005\nSigCgt:\t00\n").len(), 3);
        let hangup = ignored("SigBlk:\t2\nSigIgn:\t0000000000000001\n");
        assert_eq!(hangup, [SignalKind::hangup()]);
        assert_eq!(ignored(""), []);
    }
}
