//! Every exit code of the program, in one place. README's table is checked against this list.

/// Looking: all is well. Acting: done.
pub(crate) const OK: u8 = 0;
/// Looking: at least one warning. Acting: done, with warnings.
pub(crate) const WARNING: u8 = 1;
/// Looking: at least one critical finding. Acting: a step failed.
pub(crate) const CRITICAL: u8 = 2;
/// Looking: something configured could not be asked.
pub(crate) const UNKNOWN: u8 = 3;
/// Acting: refused, because consent or a precondition is missing. Nothing was changed.
pub const REFUSED: u8 = 4;
/// The command line or the configuration is wrong (`EX_USAGE`). Nothing was done.
pub(crate) const USAGE: u8 = 64;
/// Stopped by SIGINT or SIGTERM.
pub(crate) const INTERRUPTED: u8 = 130;

/// Code and meaning, in the order in which README lists them.
pub const TABLE: &[(u8, &str)] = &[
    (OK, "ok; an action is done"),
    (WARNING, "warning; an action is done, with warnings"),
    (CRITICAL, "critical; an action failed"),
    (UNKNOWN, "unknown: something configured could not be asked"),
    (REFUSED, "refused: no consent, or a precondition does not hold"),
    (USAGE, "usage: the command line, a runbook or the configuration is wrong"),
    (INTERRUPTED, "interrupted"),
];
