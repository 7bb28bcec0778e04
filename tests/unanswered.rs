//! Every command on systems that refuse connections or never answer: it ends within its limit, with the right exit
//! code, and names the cause and the next command.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::support::ordctl::Ordctl;
use crate::support::postgres::cluster;
use crate::support::run_until;
use crate::transcripts::commands;

const LIMIT: &str = "2s";
/// Three times the limit of two systems one after the other, and as much for a machine with other work.
const MARGIN: Duration = Duration::from_secs(20);
/// How many commands run at a time.
const CONCURRENCY: usize = 12;

pub const ID: &str = "00000000-0000-0000-0000-000000000009";

/// What the exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The command needs no system.
    Local,
    /// A look has no verdict.
    Unknown,
    /// An action could not be made, or nobody knows whether it was.
    Failed,
    /// The plan of an action found the obstacle before anything changed.
    Refused,
}

use Outcome::{Failed, Local, Refused, Unknown};

/// Every command with arguments, and how it ends. `demo` starts servers of its own.
pub const CASES: &[(&str, &str, Outcome)] = &[
    ("agent create", "ci --scope tasks:read --yes", Failed),
    ("agent list", "", Unknown),
    ("agent revoke", "ci --yes", Failed),
    ("agent rotate", "ci --yes", Failed),
    ("baseline", "--yes -p duration=1s", Refused),
    ("capacity", "", Unknown),
    ("completions", "bash", Local),
    ("config init", "--dry-run", Local),
    ("config show", "", Local),
    ("db connections", "", Unknown),
    ("db kill", "4711 --confirm test", Failed),
    ("db locks", "", Unknown),
    ("doctor", "", Unknown),
    ("expr", "a", Local),
    ("health evening", "", Unknown),
    // The disk of the machine that runs the tests may be full.
    ("health morning", "--skip disk", Unknown),
    ("history", "", Unknown),
    ("hold", "--yes", Failed),
    ("hold", "--dry-run", Unknown),
    ("init", "--dry-run", Local),
    ("logs", "", Unknown),
    ("logs", "--fold", Unknown),
    ("logs", "--follow", Unknown),
    ("logs analyze", "", Unknown),
    ("maintain analyze", "--yes", Refused),
    ("maintain analyze", "--yes --wait 1s", Refused),
    ("maintain monthly", "--yes", Refused),
    ("maintain weekly", "--yes", Refused),
    ("maintain weekly", "--dry-run", Refused),
    ("man", "", Local),
    ("migrate", "", Failed),
    ("migrate", "--check", Unknown),
    ("migrate", "--tune --yes", Failed),
    ("queue failed", "", Unknown),
    ("queue retry", "--all --yes", Failed),
    ("queue status", "", Unknown),
    ("queue workers", "", Unknown),
    ("restart all", "--confirm test", Refused),
    ("restart api", "--yes", Refused),
    ("restart database", "--confirm test", Refused),
    ("restart redis", "--yes", Refused),
    ("restart scheduler", "--yes", Refused),
    ("restart workers", "--yes", Refused),
    ("restart workers", "--dry-run", Refused),
    ("resume", "--yes", Failed),
    ("run", "health/morning --skip disk", Unknown),
    ("runbook lint", "", Local),
    ("runbook list", "", Local),
    ("runbook run", "maintain/analyze --yes", Refused),
    ("runbook schema", "", Local),
    ("runbook show", "health/morning", Local),
    ("runs cancel", "ID --yes", Failed),
    ("runs list", "", Unknown),
    ("runs show", "ID", Unknown),
    ("runs tail", "", Unknown),
    ("runs tail", "--follow", Unknown),
    // Without a decision there is nothing to do.
    ("scale auto", "--once --yes", Unknown),
    ("scale down", "1 --yes", Refused),
    ("scale emergency", "--confirm test", Refused),
    ("scale status", "", Unknown),
    ("scale to", "2 --yes", Refused),
    ("scale up", "2 --yes", Refused),
    ("schedule preview", "--kind cron --expr '30 2 * * *'", Local),
    ("serve", "", Unknown),
    ("task cancel", "x --yes", Failed),
    ("task create", "--title x --kind cron --expr '0 3 * * *' --pipeline steps.yaml --yes", Failed),
    ("task list", "", Unknown),
    ("task pause", "x --yes", Failed),
    ("task resume", "x --yes", Failed),
    ("task run", "x --yes --wait", Failed),
    ("task show", "x", Unknown),
    ("task snooze", "x --for 10m --yes", Failed),
    ("tool list", "", Local),
    ("tool show", "check.query", Local),
];

/// The addresses of PostgreSQL, Redis and HTTP servers, and Docker.
struct Addresses {
    postgres: u16,
    other: u16,
    docker: String,
}

impl Addresses {
    fn ordctl(&self) -> Ordctl {
        let Self { postgres, other, docker } = self;
        let ordctl = Ordctl::configured(&format!(
            "environment: test\ndatabase: {{ url: \"postgresql://postgres@127.0.0.1:{postgres}/postgres\" }}\n\
             redis: {{ url: \"redis://127.0.0.1:{other}/0\" }}\n\
             docker: {{ host: \"unix://{docker}\", project: shop }}\n\
             prometheus: {{ url: \"http://127.0.0.1:{other}\" }}\nalertmanager: {{ url: \"http://127.0.0.1:{other}\" }}\n\
             services: {{ api: {{}}, scheduler: {{}}, worker: {{}}, postgres: {{}}, redis: {{}} }}\n\
             endpoints: {{ api: {{ url: \"http://127.0.0.1:{other}/health\" }} }}\nbackup: {{ dir: backups }}\n"
        ));
        std::fs::write(ordctl.home().join("steps.yaml"), "- { uses: noop }\n").unwrap();
        ordctl
    }
}

/// Accepts connections and answers nothing. The thread ends with the process.
fn silent_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().map_while(Result::ok).collect::<Vec<_>>());
    port
}

/// A PostgreSQL that accepts sessions, and never answers a statement.
fn port_of_silent_sessions() -> u16 {
    let (listener, server) = (TcpListener::bind("127.0.0.1:0").unwrap(), cluster().port);
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || drop(open_session(client, server)));
        }
    });
    port
}

fn open_session(mut client: TcpStream, server: u16) -> std::io::Result<()> {
    const READY: &[u8] = b"Z\0\0\0\x05I";
    let mut server = TcpStream::connect(("127.0.0.1", server))?;
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    std::thread::spawn(move || {
        drop(std::io::copy(&mut from, &mut to));
        drop(to.shutdown(Shutdown::Both));
    });
    let mut buffer = [0; 16 * 1024];
    loop {
        let n = server.read(&mut buffer)?;
        client.write_all(&buffer[..n])?;
        if n == 0 || buffer[..n].ends_with(READY) {
            // Reads on, so that the session stays open.
            return std::io::copy(&mut server, &mut std::io::sink()).map(drop);
        }
    }
}

/// What is wrong with how a command ended.
fn judge(words: &[&str], outcome: Outcome, ordctl: &Ordctl) -> Option<String> {
    let file = |kind: &str| tempfile::NamedTempFile::with_prefix(kind).unwrap();
    let (out, err) = (file("out"), file("err"));
    let mut command = ordctl.command(words);
    command.args(["--timeout", LIMIT]).stdin(Stdio::null());
    command.stdout(out.reopen().unwrap()).stderr(err.reopen().unwrap());
    let begin = Instant::now();
    let code = run_until(command.spawn().unwrap(), MARGIN).code();
    let took = begin.elapsed();
    let [out, err] = [out, err].map(|f| std::fs::read_to_string(f.path()).unwrap());
    let wanted = match outcome {
        Local => 0,
        Unknown => 3,
        Failed => 2,
        Refused => 4,
    };
    let causes = ["Connection refused", "no answer", "no response", "timed out", "there is no socket"];
    let has_cause = causes.iter().any(|cause| err.contains(cause) || out.contains(cause));
    let has_hint = err.contains("hint: ") || out.contains("-> ");
    let fault = if code.is_none() {
        "does not end"
    } else if code != Some(wanted) {
        "has another exit code"
    } else if outcome != Local && !has_cause {
        "names no cause"
    } else if outcome != Local && !has_hint {
        "has no hint"
    } else if err.contains("panicked") {
        "panics"
    } else {
        return None;
    };
    Some(format!("{words:?} {fault}: {code:?} instead of {wanted} after {took:?}\n{out}{err}"))
}

/// Runs every case, several at a time. Each has a data directory of its own, as runs on one target exclude
/// each other.
fn run_all(addresses: &Addresses) {
    let next = Mutex::new(CASES.iter());
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..CONCURRENCY {
            scope.spawn(|| {
                loop {
                    let Some((command, args, outcome)) = next.lock().unwrap().next().copied() else { return };
                    let line = format!("{command} {}", args.replace("ID", ID));
                    let words = shell_words::split(&line).unwrap();
                    let words: Vec<&str> = words.iter().map(String::as_str).collect();
                    wrong.lock().unwrap().extend(judge(&words, outcome, &addresses.ordctl()));
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

#[test]
fn every_command_has_a_case() {
    let all = commands();
    let is_group = |path: &[String]| all.iter().any(|c| c.len() > path.len() && c.starts_with(path));
    let mut missing: BTreeMap<String, ()> = all
        .iter()
        .filter(|c| !is_group(c) || c.len() == 1 && c[0] == "logs")
        .map(|c| (c.join(" "), ()))
        .collect();
    missing.remove("demo");
    for (command, ..) in CASES {
        missing.remove(*command);
    }
    assert!(missing.is_empty(), "commands without a case: {:?}", missing.keys());
}

#[test]
fn commands_on_stopped_systems() {
    run_all(&Addresses { postgres: 1, other: 1, docker: "/nowhere/docker.sock".to_owned() });
}

#[test]
fn commands_on_frozen_systems() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("docker.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    std::thread::spawn(move || listener.incoming().map_while(Result::ok).collect::<Vec<_>>());
    let docker = socket.to_str().unwrap().to_owned();
    run_all(&Addresses { postgres: silent_port(), other: silent_port(), docker });
}

/// The server freezes when sessions are open, or one session of a load balancer leads nowhere.
#[test]
fn commands_on_silent_sessions() {
    let docker = "/nowhere/docker.sock".to_owned();
    run_all(&Addresses { postgres: port_of_silent_sessions(), other: silent_port(), docker });
}
