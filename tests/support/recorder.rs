//! Records what ordctl sends: the statements of a PostgreSQL, the commands of a Redis, and the requests to
//! the Docker engine, through a proxy.

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

/// A proxy socket in front of the Docker engine that records requests.
pub struct Docker {
    dir: TempDir,
    requests: Arc<Mutex<Vec<u8>>>,
}

impl Docker {
    pub fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(dir.path().join("docker.sock")).unwrap();
        let requests: Arc<Mutex<Vec<u8>>> = Arc::default();
        let recorded = requests.clone();
        // The threads end with the process.
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let engine = UnixStream::connect(ENGINE).unwrap();
                let (from, to) = (client.try_clone().unwrap(), engine.try_clone().unwrap());
                let recorded = recorded.clone();
                std::thread::spawn(move || pass(from, to, Some(recorded)));
                std::thread::spawn(move || pass(engine, client, None));
            }
        });
        Self { dir, requests }
    }

    pub fn host(&self) -> String {
        format!("unix://{}", self.dir.path().join("docker.sock").display())
    }

    /// The changing requests since the last call, as `METHOD /path?query` without the API version.
    pub fn changes(&self) -> Vec<String> {
        let requests = std::mem::take(&mut *self.requests.lock().unwrap());
        let text = String::from_utf8_lossy(&requests);
        let lines = text.lines().filter_map(|l| l.strip_suffix(" HTTP/1.1"));
        let changes =
            lines.filter(|l| ["POST ", "DELETE ", "PUT ", "PATCH "].iter().any(|m| l.starts_with(m)));
        changes
            .map(|l| {
                let (method, path) = l.split_once(' ').unwrap();
                let path =
                    path.strip_prefix("/v").and_then(|p| p.find('/').map(|at| &p[at..])).unwrap_or(path);
                format!("{method} {}", path.replace("%3A", ":"))
            })
            .collect()
    }
}

fn pass(mut from: UnixStream, mut to: UnixStream, recorded: Option<Arc<Mutex<Vec<u8>>>>) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(n @ 1..) = from.read(&mut buffer) {
        if let Some(recorded) = &recorded {
            // Every request begins with a new write.
            recorded.lock().unwrap().extend(b"\n".iter().chain(&buffer[..n]));
        }
        if to.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    drop(to.shutdown(Shutdown::Both));
    drop(from.shutdown(Shutdown::Both));
}

/// A PostgreSQL that logs every statement.
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
        eventually("statements are logged", async || {
            execute(&admin, "SELECT 'a marker'").await.unwrap();
            postgres.log().contains("a marker")
        })
        .await;
        postgres
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.cluster.socket_dir().join("log")).unwrap()
    }

    /// The statements of ordctl since the last call, without comments, each on one line.
    pub fn statements(&self) -> Vec<String> {
        let log = self.log();
        let mut read = self.read.lock().unwrap();
        let new = log[*read..].to_owned();
        *read = log.len();
        let entries =
            new.split("@ordctl@").skip(1).map(|entry| entry.split("\n@").next().unwrap_or_default());
        entries
            .filter_map(|entry| {
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

/// A Redis with a client that monitors its commands.
pub struct Redis {
    pub server: Server,
    log: PathBuf,
    _dir: TempDir,
    _guard: Guard,
}

impl Redis {
    pub fn start() -> Self {
        let command = "redis-server --port PORT --bind 127.0.0.1 --save ''";
        let server = Server::start("redis-server", command, &[], "redis-cli -p PORT ping");
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("log");
        let start = format!("redis-cli -p {} monitor >\"$1\" & pid=$!", server.port);
        let guard = Guard::new(&start, "kill $pid", &[&log], None);
        until(&format!("grep -q OK '{}'", log.display()));
        Self { server, log, _dir: dir, _guard: guard }
    }

    /// The names of the commands so far, in capitals: `XLEN`.
    pub fn commands(&self) -> Vec<String> {
        // When the marker is logged, all commands before it are.
        let mark = uuid::Uuid::new_v4();
        shell(&format!("redis-cli -p {} echo {mark}", self.server.port));
        until(&format!("grep -q {mark} '{}'", self.log.display()));
        let text = std::fs::read_to_string(&self.log).unwrap();
        let words = text.lines().filter_map(|l| l.split('"').nth(1)).map(str::to_uppercase);
        words.filter(|w| w != "ECHO").collect()
    }
}
