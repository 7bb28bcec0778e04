//! An HTTP server in this process with a health endpoint, metrics and faulty responses. It records requests.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Answers `/health` and `/metrics`; `/status/N` with that status, `/redirect/N/URL` with a redirect,
/// `/large` with 64 KiB, `/silent` never, `/echo` with what was sent; and anything else with 200.
pub struct Web {
    pub port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Web {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let paths = asked.clone();
        // The thread ends with the process.
        std::thread::spawn(move || {
            let scrapes = Arc::new(AtomicU64::new(0));
            for stream in listener.incoming().flatten() {
                let (paths, scrapes) = (paths.clone(), scrapes.clone());
                std::thread::spawn(move || drop(answer(stream, &paths, &scrapes)));
            }
        });
        Self { port, asked }
    }

    /// The requested paths, except the metrics.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(mut stream: TcpStream, asked: &Mutex<Vec<String>>, scrapes: &AtomicU64) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut headers = BTreeMap::new();
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        if let Some((name, value)) = line.split_once(':') {
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        line.clear();
    }
    let length = headers.get("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
    let mut sent = vec![0; length];
    reader.read_exact(&mut sent)?;
    let path = first.split(' ').nth(1).unwrap_or("/").to_owned();
    if path != "/metrics" {
        asked.lock().unwrap().push(path.clone());
    }
    let words: Vec<&str> = path.splitn(4, '/').collect();
    let (status, kind, body) = match words[1..] {
        ["health"] => ("200 OK".to_owned(), "application/json", "{\"status\": \"healthy\"}".to_owned()),
        ["metrics"] => {
            let text = metrics(scrapes.fetch_add(1, Ordering::Relaxed));
            ("200 OK".to_owned(), "text/plain; version=0.0.4", text)
        }
        ["status", code] => (format!("{code} X"), "text/plain", "as asked".to_owned()),
        ["redirect", code, to] => (format!("{code} X\r\nLocation: {to}"), "text/plain", String::new()),
        ["large"] => ("200 OK".to_owned(), "text/plain", "x".repeat(64 * 1024)),
        // Until the client disconnects.
        ["silent"] => return reader.read_to_end(&mut sent).map(drop),
        ["echo", ..] => {
            let sent = String::from_utf8_lossy(&sent);
            let all = serde_json::json!({ "path": path, "headers": headers, "body": sent });
            ("200 OK".to_owned(), "application/json", all.to_string())
        }
        _ => ("200 OK".to_owned(), "text/plain", "ok".to_owned()),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// Ten requests between two scrapes: nine below 0.1 s, one below 1 s.
fn metrics(scrapes: u64) -> String {
    let (fast, all) = (scrapes * 9, scrapes * 10);
    let name = "orchestrator_http_request_duration_seconds";
    format!(
        "# TYPE {name} histogram\n\
         {name}_bucket{{le=\"0.1\"}} {fast}\n{name}_bucket{{le=\"1\"}} {all}\n{name}_bucket{{le=\"+Inf\"}} {all}\n\
         {name}_sum {all}\n{name}_count {all}\n\
         # TYPE orchestrator_scheduler_lag_seconds gauge\norchestrator_scheduler_lag_seconds 42\n"
    )
}
