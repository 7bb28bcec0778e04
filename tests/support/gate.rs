//! An HTTP server that delays its responses until the test opens the gate: the test knows that a run is in
//! the middle of a step. It records requests with their idempotency keys.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};

#[derive(Default)]
struct State {
    open: bool,
    came: Vec<(String, String)>,
}

/// Answers every path; those under `/wait` only when the gate is open.
pub struct Gate {
    pub port: u16,
    shared: Arc<(Mutex<State>, Condvar)>,
}

impl Gate {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared: Arc<(Mutex<State>, Condvar)> = Arc::default();
        let server = shared.clone();
        // The threads end with the process.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = server.clone();
                std::thread::spawn(move || drop(answer(stream, &shared)));
            }
        });
        Self { port, shared }
    }

    /// Answers all waiting and later requests.
    pub fn open(&self) {
        self.shared.0.lock().unwrap().open = true;
        self.shared.1.notify_all();
    }

    /// Number of requests for a path.
    pub fn came(&self, path: &str) -> usize {
        self.shared.0.lock().unwrap().came.iter().filter(|(p, _)| p == path).count()
    }

    /// The idempotency keys of the requests for a path.
    pub fn keys(&self, path: &str) -> Vec<String> {
        let state = self.shared.0.lock().unwrap();
        state.came.iter().filter(|(p, _)| p == path).map(|(_, k)| k.clone()).collect()
    }

    /// A step that requests a path.
    pub fn step(&self, path: &str) -> String {
        format!(r#"{{"uses": "http.request", "with": {{"url": "http://127.0.0.1:{}{path}"}}}}"#, self.port)
    }
}

fn answer(mut stream: TcpStream, shared: &(Mutex<State>, Condvar)) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let (mut key, mut line) = (String::new(), String::new());
    while reader.read_line(&mut line)? > 2 {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("idempotency-key:") {
            key = value.trim().to_owned();
        }
        line.clear();
    }
    let path = first.split(' ').nth(1).unwrap_or("/").to_owned();
    let mut state = shared.0.lock().unwrap();
    state.came.push((path.clone(), key));
    if path.starts_with("/wait") {
        drop(shared.1.wait_while(state, |s| !s.open).unwrap());
    } else {
        drop(state);
    }
    let (status, body) = match path.as_str() {
        p if p.starts_with("/fail") => ("500 Internal Server Error", "{}"),
        // A character that is valid in JSON and not in PostgreSQL.
        p if p.contains("/nul") => ("200 OK", r#"{"x": "a\u0000b"}"#),
        _ => ("200 OK", "{}"),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}
