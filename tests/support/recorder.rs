//! A proxy on the Docker engine's socket that keeps what was asked of it.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

/// The engine's own socket.
pub const ENGINE: &str = "/var/run/docker.sock";

/// The proxy.
pub struct Recorder {
    home: TempDir,
    asked: Arc<Mutex<Vec<u8>>>,
}

impl Recorder {
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

    /// Where it listens.
    pub fn host(&self) -> String {
        format!("unix://{}", self.home.path().join("docker.sock").display())
    }

    /// What was asked that changes anything, as `METHOD /path?query`, without the API's version.
    pub fn changes(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        let text = String::from_utf8_lossy(&asked);
        let lines = text.lines().filter_map(|l| l.strip_suffix(" HTTP/1.1"));
        let of = lines.filter(|l| ["POST ", "DELETE ", "PUT "].iter().any(|m| l.starts_with(m)));
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
