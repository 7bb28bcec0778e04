//! Who asked what of whom: the statements that a PostgreSQL was given, the commands of a Redis, the
//! requests that passed a proxy in front of the Docker engine.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use super::postgres::{Cluster, execute};
use super::systems::{Server, shell, until};
use super::{Guard, eventually};

/// The engine's own socket.
pub const ENGINE: &str = "/var/run/docker.sock";

/// A socket that leads to the Docker engine and keeps what was asked of it.
pub struct Docker {
    home: TempDir,
    asked: Arc<Mutex<Vec<u8>>>,
}

impl Docker {
    pub fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(home.path().join("docker.sock")).unwrap();
        let asked: Arc<Mutex<Vec<u8>>> = Arc::default();
        let kept = asked.clone();
        // The threads end with the process.
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let engine = UnixStream::connect(ENGINE).unwrap();
                let (from, to) = (client.try_clone().unwrap(), engine.try_clone().unwrap());
                let kept = kept.clone();
                std::thread::spawn(move || pass(from, to, Some(kept)));
                std::thread::spawn(move || pass(engine, client, None));
            }
        });
        Self { home, asked }
    }

    /// Its address.
    pub fn host(&self) -> String {
        format!("unix://{}", self.home.path().join("docker.sock").display())
    }

    /// What was asked since this was asked last that changes anything, as `METHOD /path?query`, without the
    /// API's version.
    pub fn changes(&self) -> Vec<String> {
        let asked = std::mem::take(&mut *self.asked.lock().unwrap());
        let text = String::from_utf8_lossy(&asked);
        let lines = text.lines().filter_map(|l| l.strip_suffix(" HTTP/1.1"));
        let of = lines.filter(|l| ["POST ", "DELETE ", "PUT ", "PATCH "].iter().any(|m| l.starts_with(m)));
        of.map(|l| {
            let (method, path) = l.split_once(' ').unwrap();
            let path = path.strip_prefix("/v").and_then(|p| p.find('/').map(|at| &p[at..])).unwrap_or(path);
            format!("{method} {}", path.replace("%3A", ":"))
        })
        .collect()
    }
}

fn pass(mut from: UnixStream, mut to: UnixStream, kept: Option<Arc<Mutex<Vec<u8>>>>) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(n @ 1..) = from.read(&mut buffer) {
        if let Some(kept) = &kept {
            // A request's first line begins a write of its own.
            kept.lock().unwrap().extend(b"\n".iter().chain(&buffer[..n]));
        }
        if to.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    drop(to.shutdown(Shutdown::Both));
    drop(from.shutdown(Shutdown::Both));
}

/// A PostgreSQL that writes down every statement.
pub struct Postgres {
    pub cluster: Cluster,
    read: Mutex<usize>,
}

impl Postgres {
    pub async fn start() -> Self {
        let cluster = Cluster::separate();
        let admin = cluster.store("postgres", "postgres");
        for setting in ["log_statement = 'all'", "log_line_prefix = '@%a@'", "log_min_messages = 'log'"] {
            execute(&admin, &format!("ALTER SYSTEM SET {setting}")).await.unwrap();
        }
        execute(&admin, "SELECT pg_reload_conf()").await.unwrap();
        let postgres = Self { cluster, read: Mutex::new(0) };
        eventually("statements are written down", async || {
            execute(&admin, "SELECT 'a mark'").await.unwrap();
            postgres.log().contains("a mark")
        })
        .await;
        postgres
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.cluster.socket_dir().join("log")).unwrap()
    }

    /// The statements since this was asked last, without comments, each on one line.
    pub fn statements(&self) -> Vec<String> {
        let log = self.log();
        let mut read = self.read.lock().unwrap();
        let new = log[*read..].to_owned();
        *read = log.len();
        let ours = new.split("@ordctl@").skip(1).map(|entry| entry.split("\n@").next().unwrap_or_default());
        ours.filter_map(|entry| {
            let entry = entry.trim_start().strip_prefix("LOG:")?.trim_start();
            let (_, text) = entry
                .strip_prefix("statement: ")
                .map(|t| ("", t))
                .or_else(|| entry.strip_prefix("execute ").and_then(|e| e.split_once(": ")))?;
            Some(one_line(text))
        })
        .collect()
    }
}

/// SQL on one line, without comments.
pub fn one_line(sql: &str) -> String {
    let lines = sql.lines().filter(|l| !l.trim_start().starts_with("--"));
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// A Redis with somebody who listens to its commands.
pub struct Redis {
    pub server: Server,
    heard: PathBuf,
    _dir: TempDir,
    _guard: Guard,
}

impl Redis {
    pub fn start() -> Self {
        let command = "redis-server --port PORT --bind 127.0.0.1 --save ''";
        let server = Server::start("redis-server", command, &[], "redis-cli -p PORT ping");
        let dir = tempfile::tempdir().unwrap();
        let heard = dir.path().join("heard");
        let start = format!("redis-cli -p {} monitor >\"$1\" & pid=$!", server.port);
        let guard = Guard::new(&start, "kill $pid", &[&heard], None);
        until(&format!("grep -q OK '{}'", heard.display()));
        Self { server, heard, _dir: dir, _guard: guard }
    }

    /// The commands so far, in capitals: `XLEN`.
    pub fn commands(&self) -> Vec<String> {
        // A last command of ours, so that all before it have been heard.
        let mark = uuid::Uuid::new_v4();
        shell(&format!("redis-cli -p {} echo {mark}", self.server.port));
        until(&format!("grep -q {mark} '{}'", self.heard.display()));
        let text = std::fs::read_to_string(&self.heard).unwrap();
        let words = text.lines().filter_map(|l| l.split('"').nth(1)).map(str::to_uppercase);
        words.filter(|w| w != "ECHO").collect()
    }
}
