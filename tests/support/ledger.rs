//! A record of every start of a run, kept outside of the database: the steps of the runs report to it over HTTP.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub struct Start {
    pub at: Instant,
    pub occurrence: String,
    pub attempt: u32,
}

pub struct Ledger {
    pub port: u16,
    starts: Arc<Mutex<Vec<Start>>>,
}

impl Ledger {
    /// Answers every start after a delay of up to this, so that nodes die in the middle of runs.
    pub fn start(delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let starts: Arc<Mutex<Vec<Start>>> = Arc::default();
        let server = starts.clone();
        // The threads end with the process.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = server.clone();
                std::thread::spawn(move || drop(record(stream, &server, delay)));
            }
        });
        Self { port, starts }
    }

    /// The step that reports the start of its run.
    pub fn step(&self) -> String {
        let url = format!("http://127.0.0.1:{}/${{run.id}}/${{run.attempt}}", self.port);
        format!(r#"{{"uses": "http.request", "with": {{"url": "{url}"}}}}"#)
    }

    /// The highest attempt that started, by occurrence.
    pub fn attempts(&self) -> BTreeMap<String, u32> {
        let mut attempts = BTreeMap::new();
        for start in self.starts.lock().unwrap().iter() {
            let highest = attempts.entry(start.occurrence.clone()).or_insert(0);
            *highest = start.attempt.max(*highest);
        }
        attempts
    }

    pub fn len(&self) -> usize {
        self.starts.lock().unwrap().len()
    }

    /// The longest time between two starts in a period, including its ends.
    pub fn longest_gap(&self, from: Instant, to: Instant) -> Duration {
        let starts = self.starts.lock().unwrap();
        let mut instants = vec![from];
        instants.extend(starts.iter().map(|start| start.at).filter(|at| (from..to).contains(at)));
        instants.push(to);
        instants.windows(2).map(|pair| pair[1].duration_since(pair[0])).max().unwrap_or_default()
    }
}

fn record(mut stream: TcpStream, starts: &Mutex<Vec<Start>>, delay: Duration) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let words: Vec<&str> = first.split(['/', ' ']).collect();
    if let [_, _, occurrence, attempt, ..] = words[..] {
        let start = Start {
            at: Instant::now(),
            occurrence: occurrence.to_owned(),
            attempt: attempt.parse().unwrap(),
        };
        starts.lock().unwrap().push(start);
    }
    std::thread::sleep(delay.mul_f64(fastrand::f64()));
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
}
