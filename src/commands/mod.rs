//! The command line: global options, and one file for each command. A command selects a runbook or calls
//! a layer below, and passes the result to `render`. It contains no logic.
//!
//! To add one, write its file and add it to [`cli::Command`].

mod act;
mod agent;
mod autoscale;
mod baseline;
mod capacity;
mod cli;
mod config;
mod context;
mod db;
mod deadline;
mod demo;
mod expr;
mod generate;
mod health;
mod history;
mod ids;
mod init;
mod last_lines;
mod limit;
mod log_fold;
mod logs;
mod maintain;
mod migrate;
mod migrate_cron;
mod migrate_embedded;
mod migrate_indexes;
mod outputs;
mod period;
mod queue;
mod report;
mod restart;
mod run;
mod runbook;
mod runs;
mod scale;
mod schedule;
mod serve;
mod signals;
mod task;
mod task_create;
mod task_list;
mod task_session;
mod task_snooze;
mod tool;

use std::borrow::Cow;

use clap::{CommandFactory, FromArgMatches};

use crate::base::clean::{clean, clean_lines, is_unsafe};
use crate::base::cli_error::CliError;
use crate::base::lock::lock;
use crate::base::{env, exit};
use crate::render::{self, Style, stdio};

pub(crate) use cli::Cli;
use context::Context;

const WORKER_THREADS: usize = 2;

/// Runs the program with its command line and returns the exit code.
pub fn main() -> u8 {
    // Probes and install scripts call this often: it is answered before the command tree is built.
    let mut args = std::env::args_os().skip(1);
    if matches!((args.next(), args.next()), (Some(only), None) if only == "--version" || only == "-V") {
        return print(&format!("ordctl {}\n", env!("ORDCTL_VERSION")));
    }
    let matches = match Cli::command().try_get_matches() {
        Ok(matches) => matches,
        Err(e) => return usage(&cleaned(e)),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(e) => return usage(&e),
    };
    let color = cli.global.color_on(stdio::err_is_terminal());
    let style = Style { color, width: stdio::err_width(), ..Style::default() };
    let global = cli.global.clone();
    match start(cli) {
        Ok(code) => code,
        Err(mut error) => {
            if error.code == exit::UNKNOWN && acts(&matches) {
                error.code = exit::CRITICAL;
            }
            error.hint = error.hint.map(|hint| context::qualified_hint_of_error(&global, &hint));
            stdio::styled_note(&render::cli_error(&error, style));
            error.code
        }
    }
}

/// Whether the command changes something: a look that misses its system is unknown, an action has failed.
fn acts(matches: &clap::ArgMatches) -> bool {
    let mut command = matches;
    while let Some((_, sub)) = command.subcommand() {
        command = sub;
    }
    let is_set = |flag: &str| matches!(command.try_get_one::<bool>(flag), Ok(Some(true)));
    let asks_for_consent = command.try_get_one::<bool>("yes").is_ok();
    asks_for_consent && !is_set("dry_run") && !is_set("check")
}

/// The definition of the command line, from which completions, manual pages and tests are made.
pub fn command_line() -> clap::Command {
    Cli::command()
}

/// The runtime panics, and then waits for the threads that it has, if the system refuses it one.
fn try_threads() -> Result<(), CliError> {
    let (held, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    std::thread::scope(|scope| {
        // One more than the workers: clients start one for names and files.
        let tried = (0..=WORKER_THREADS).try_for_each(|_| {
            let hold = || lock(&wait).recv().is_ok();
            std::thread::Builder::new().spawn_scoped(scope, hold).map(drop)
        });
        drop(held);
        tried.map_err(|e| {
            CliError::failed("cannot start a thread")
                .because(e)
                .hint("raise the limit of processes: ulimit -u")
        })
    })
}

fn start(cli: Cli) -> Result<u8, CliError> {
    if let Some(name) = env::not_utf8() {
        return Err(
            CliError::usage(format!("the variable {name} is not UTF-8")).hint(format!("unset {name}"))
        );
    }
    try_threads()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKER_THREADS)
        .enable_all()
        .build()
        .map_err(|e| CliError::failed("cannot start the runtime").because(e))?;
    let code = runtime.block_on(async {
        tokio::select! {
            code = cli.execute() => code,
            error = signals::forced() => Err(error),
        }
    });
    // A blocking call that hangs, such as a name lookup, must not keep the program alive. The server
    // ends our statements by its own timeout.
    runtime.shutdown_background();
    code
}

/// The error for the same command line without control characters: the error quotes it, and a script may have filled it
/// from outside.
fn cleaned(error: clap::Error) -> clap::Error {
    let args: Vec<String> = std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect();
    if !args.iter().any(|arg| arg.contains(is_unsafe)) {
        return error;
    }
    Cli::command().try_get_matches_from(args.iter().map(|arg| clean(arg).into_owned())).err().unwrap_or(error)
}

/// Exit code 64: clap's own code for a wrong command line is 2, which here means "critical".
fn usage(error: &clap::Error) -> u8 {
    let text = error.render();
    if error.use_stderr() {
        let color = cli::GlobalFlags::default().color_on(stdio::err_is_terminal());
        let plain = text.to_string();
        match clean_lines(&plain) {
            Cow::Borrowed(_) if color => stdio::styled_note(&text.ansi().to_string()),
            cleaned => stdio::styled_note(&cleaned),
        }
        return exit::USAGE;
    }
    print(&text.to_string())
}

fn print(text: &str) -> u8 {
    match stdio::data(text) {
        Ok(()) => exit::OK,
        Err(error) => error.code,
    }
}
