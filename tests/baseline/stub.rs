//! An HTTP server with scripted responses: late, wrong or none.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The response to a request.
#[derive(Clone, Copy)]
pub enum Reply {
    /// A response with this status.
    Status(u16),
    /// A delayed response; other requests are not delayed.
    After(Duration),
    /// Delays all responses by this duration.
    Stall(Duration),
    /// No response on an open connection.
    Silence,
    /// Closes the connection.
    Gone,
}

/// Numbers the requests from 0, which is the warm-up request.
pub struct Stub {
    pub port: u16,
    asked: Arc<AtomicUsize>,
}

impl Stub {
    pub fn start(reply: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(AtomicUsize::new(0));
        let shared = Arc::new((reply, asked.clone(), Mutex::new(())));
        // The threads end with the process.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                std::thread::spawn(move || drop(serve(&stream, &shared.0, &shared.1, &shared.2)));
            }
        });
        Self { port, asked }
    }

    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn serve(
    mut stream: &TcpStream,
    reply: &impl Fn(usize) -> Reply,
    asked: &AtomicUsize,
    one: &Mutex<()>,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        line.clear();
        while reader.read_line(&mut line)? > 2 {
            line.clear();
        }
        let reply = reply(asked.fetch_add(1, Ordering::SeqCst));
        if let Reply::After(time) = reply {
            std::thread::sleep(time);
        }
        let held = one.lock().unwrap();
        if let Reply::Stall(time) = reply {
            std::thread::sleep(time);
        }
        drop(held);
        let status = match reply {
            Reply::Status(code) => code,
            Reply::Silence => {
                // Until the client disconnects.
                reader.read_line(&mut line)?;
                return Ok(());
            }
            Reply::Gone => return stream.shutdown(Shutdown::Both),
            _ => 200,
        };
        write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\nok")?;
    }
}
