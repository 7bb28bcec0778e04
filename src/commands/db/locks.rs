//! `db locks`: the sessions that block others as trees, the longest wait first.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use serde::Serialize;
use serde_json::json;

use crate::base::clean::clean;
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::units;
use crate::commands::Context;
use crate::commands::task_session::store_error;
use crate::model::db_session::DbSession;
use crate::model::report::SCHEMA_VERSION;
use crate::render::{self, Format, stdio};
use crate::store::Store;

#[derive(Debug, Args)]
pub(crate) struct Locks {}

/// A session with the sessions that wait for it.
#[derive(Debug, Serialize)]
struct Blocker {
    #[serde(flatten)]
    session: DbSession,
    waiters: Vec<Blocker>,
}

impl Locks {
    pub(super) async fn execute(&self, context: &Context, store: &Store) -> Result<u8, CliError> {
        let sessions = store.locked_sessions().await.map_err(store_error)?;
        let roots = trees(sessions);
        match context.flags.output {
            Format::Text => {
                let width = if context.flags.wide { None } else { stdio::width() };
                let text: String = roots.iter().map(|root| lines(root, 0, width)).collect();
                if text.is_empty() {
                    stdio::note("no session waits for a lock");
                } else {
                    stdio::data(&render::ascii_fit(&text))?;
                }
            }
            format => {
                let value = json!({ "schema_version": SCHEMA_VERSION, "blockers": roots });
                stdio::data(&render::value(&value, format)?)?;
            }
        }
        let Some(root) = roots.first() else { return Ok(exit::OK) };
        if context.flags.output == Format::Text {
            let hint = match root.session.pid {
                0 => "psql -c 'SELECT gid, prepared, owner FROM pg_prepared_xacts'".to_owned(),
                pid => format!("ordctl db kill {pid} --dry-run"),
            };
            stdio::note(&format!("hint: {}", context.qualified_hint(&hint)));
        }
        Ok(exit::WARNING)
    }
}

/// The sessions below those that wait for nobody, in the order of their waits.
fn trees(sessions: Vec<DbSession>) -> Vec<Blocker> {
    let known: BTreeMap<i32, DbSession> = sessions.iter().map(|s| (s.pid, s.clone())).collect();
    let mut left: BTreeSet<i32> = known.keys().copied().collect();
    let order: Vec<i32> = sessions.iter().map(|s| s.pid).collect();
    let is_root = |pid: &i32| known[pid].blocked_by.iter().all(|by| !known.contains_key(by));
    let roots = order.iter().filter(|pid| is_root(pid)).copied();
    let mut all: Vec<Blocker> = Vec::new();
    // Sessions in a deadlock wait for each other: the server ends one of them after deadlock_timeout.
    for pid in roots.chain(order.iter().copied()) {
        all.extend(tree(pid, &known, &order, &mut left));
    }
    all.sort_by(|a, b| longest_wait(b).total_cmp(&longest_wait(a)));
    all
}

/// One session with those that wait for it; none if it is in a tree already.
fn tree(
    pid: i32,
    known: &BTreeMap<i32, DbSession>,
    order: &[i32],
    left: &mut BTreeSet<i32>,
) -> Option<Blocker> {
    if !left.remove(&pid) {
        return None;
    }
    let waits = |other: &&i32| known[*other].blocked_by.contains(&pid);
    let waiters = order.iter().filter(waits).filter_map(|other| tree(*other, known, order, left)).collect();
    Some(Blocker { session: known.get(&pid)?.clone(), waiters })
}

fn longest_wait(blocker: &Blocker) -> f64 {
    let own = blocker.waiters.iter().filter_map(|w| w.session.statement_seconds);
    own.chain(blocker.waiters.iter().map(longest_wait)).fold(0.0, f64::max)
}

fn count(blocker: &Blocker) -> usize {
    blocker.waiters.iter().map(|waiter| 1 + count(waiter)).sum()
}

fn lines(blocker: &Blocker, depth: usize, width: Option<usize>) -> String {
    let session = &blocker.session;
    let mut line = session.describe();
    if let Some(lock) = &session.waits_for {
        line.push_str(&format!(", waits for {lock}"));
    }
    if depth == 0 {
        let number = units::counted(count(blocker) as f64, "session");
        line.push_str(&format!(", blocks {number} for {}", units::duration(longest_wait(blocker).floor())));
    }
    let others: Vec<String> = session
        .blocked_by
        .iter()
        .skip(1)
        .map(ToString::to_string)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    if !others.is_empty() {
        line.push_str(&format!(", also behind pid {}", others.join(", ")));
    }
    let mut out = indented(&line, depth, width);
    out.extend(session.statement_line().map(|statement| indented(&statement, depth + 2, width)));
    out.extend(blocker.waiters.iter().map(|waiter| lines(waiter, depth + 1, width)));
    out
}

fn indented(text: &str, depth: usize, width: Option<usize>) -> String {
    let space = "  ".repeat(depth);
    let text = clean(text);
    match width {
        Some(width) => format!("{space}{}\n", render::cut(&text, width.saturating_sub(space.len()).max(20))),
        None => format!("{space}{text}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(pid: i32, seconds: f64, blocked_by: &[i32]) -> DbSession {
        DbSession {
            pid,
            statement_seconds: Some(seconds),
            blocked_by: blocked_by.to_vec(),
            ..DbSession::default()
        }
    }

    fn shape(blocker: &Blocker) -> String {
        let waiters: Vec<String> = blocker.waiters.iter().map(shape).collect();
        if waiters.is_empty() {
            blocker.session.pid.to_string()
        } else {
            format!("{}({})", blocker.session.pid, waiters.join(" "))
        }
    }

    fn shapes(sessions: Vec<DbSession>) -> String {
        trees(sessions).iter().map(shape).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_session_stands_once_below_the_one_that_blocks_it() {
        let sessions = vec![
            session(1, 900.0, &[]),
            session(2, 60.0, &[1]),
            session(3, 50.0, &[2, 1]),
            session(5, 20.0, &[4]),
            session(4, 0.0, &[]),
            session(7, 600.0, &[0]),
            session(0, 0.0, &[]),
        ];
        assert_eq!(shapes(sessions), "0(7) 1(2(3)) 4(5)", "the longest wait first");
        assert_eq!(shapes(vec![session(1, 2.0, &[2]), session(2, 1.0, &[1])]), "1(2)", "a deadlock");
        assert_eq!(shapes(Vec::new()), "");
    }
}
