//! An HTTP server in this process: a service's health, its metrics, and who asked for what.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Answers `/health` and `/metrics`, and anything else with 200.
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
            let scrapes = AtomicU64::new(0);
            for stream in listener.incoming().flatten() {
                drop(answer(stream, &paths, &scrapes));
            }
        });
        Self { port, asked }
    }

    /// The paths that were asked for, but for the metrics.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(mut stream: TcpStream, asked: &Mutex<Vec<String>>, scrapes: &AtomicU64) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let path = first.split(' ').nth(1).unwrap_or("/").to_owned();
    let (kind, body) = match path.as_str() {
        "/health" => ("application/json", "{\"status\": \"healthy\"}".to_owned()),
        "/metrics" => ("text/plain; version=0.0.4", metrics(scrapes.fetch_add(1, Ordering::Relaxed))),
        _ => ("text/plain", "ok".to_owned()),
    };
    if path != "/metrics" {
        asked.lock().unwrap().push(path);
    }
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
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
