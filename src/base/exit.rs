//! Every exit code of the program. A test compares README's table with this list.

/// Report: ok. Action: done.
pub(crate) const OK: u8 = 0;
/// Report: at least one warning. Action: done with warnings.
pub(crate) const WARNING: u8 = 1;
/// Report: at least one critical finding. Action: a step failed.
pub(crate) const CRITICAL: u8 = 2;
/// Report: a configured system did not answer.
pub(crate) const UNKNOWN: u8 = 3;
/// Action: refused without consent or because of a precondition. Nothing was changed.
pub const REFUSED: u8 = 4;
/// Wrong command line, runbook or configuration (`EX_USAGE`). Nothing was done.
pub(crate) const USAGE: u8 = 64;
/// Stopped by SIGINT, SIGTERM, SIGHUP or SIGQUIT.
pub(crate) const INTERRUPTED: u8 = 130;

/// Code and meaning, in the order in which README lists them.
pub const TABLE: &[(u8, &str)] = &[
    (OK, "ok; an action is done"),
    (WARNING, "warning; an action is done with warnings"),
    (CRITICAL, "critical; an action failed"),
    (UNKNOWN, "unknown: a configured system did not answer"),
    (REFUSED, "refused: no consent, or a precondition failed; nothing was changed"),
    (USAGE, "usage: wrong command line, runbook or configuration"),
    (INTERRUPTED, "interrupted"),
];
