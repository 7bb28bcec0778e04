//! Who asked what of whom: the statements that a PostgreSQL was given, the commands of a Redis, the
//! requests that passed a proxy in front of the Docker engine.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{UnixListener, UnixStream};

use super::postgres::{Cluster, execute};
use super::systems::{Server, shell, until};
use super::{Guard, eventually};

const ENGINE: &str = "/var/run/docker.sock";

/// A socket that leads to the Docker engine and keeps the requests that pass: `GET /containers/json`.
pub struct Docker {
    dir: TempDir,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Docker {
    pub fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(dir.path().join("docker.sock")).unwrap();
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = requests.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(pass(near, kept.clone()));
            }
        });
        Self { dir, requests }
    }

    /// Its address.
    pub fn host(&self) -> String {
        format!("unix://{}", self.dir.path().join("docker.sock").display())
    }

    /// The requests since this was asked last, without the version and what follows the path but a name.
    pub fn requests(&self) -> Vec<String> {
        let all = std::mem::take(&mut *self.requests.lock().unwrap());
        all.iter().map(|r| plain(r)).collect()
    }
}

async fn pass(near: UnixStream, kept: Arc<Mutex<Vec<String>>>) {
    let far = UnixStream::connect(ENGINE).await.unwrap();
    let (mut read, mut write) = near.into_split();
    let (mut from, mut to) = far.into_split();
    let there = async {
        let mut bytes = vec![0; 65_536];
        while let Ok(many @ 1..) = read.read(&mut bytes).await {
            // The client writes a request's head at once.
            let lines = String::from_utf8_lossy(&bytes[..many]).into_owned();
            let heads = lines.lines().filter(|l| l.ends_with(" HTTP/1.1"));
            kept.lock().unwrap().extend(heads.map(|l| l.trim_end_matches(" HTTP/1.1").to_owned()));
            if to.write_all(&bytes[..many]).await.is_err() {
                break;
            }
        }
        drop(to);
    };
    let back = async {
        drop(copy(&mut from, &mut write).await);
        drop(write);
    };
    tokio::join!(there, back);
}

/// `POST /v1.41/containers/create?platform=&name=x` is `POST /containers/create?name=x`.
fn plain(request: &str) -> String {
    let (method, path) = request.split_once(' ').unwrap();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let path = match path.strip_prefix("/v1.").and_then(|p| p.split_once('/')) {
        Some((_, rest)) => format!("/{rest}"),
        None => path.to_owned(),
    };
    let name = query.split('&').find(|p| p.starts_with("name="));
    name.map_or_else(|| format!("{method} {path}"), |name| format!("{method} {path}?{name}"))
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
