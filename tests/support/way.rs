//! A way to the Docker engine on which a test stands: it sees every request, may do something before it is
//! passed on, or answer it itself.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

/// What a test does with a request's first line: an answer of its own, or none to pass it on.
type Sees = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The engine's address on that way.
pub fn engine(sees: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let sees: Arc<Sees> = Arc::new(sees);
    // The threads end with the process.
    std::thread::spawn(move || {
        for near in listener.incoming().flatten() {
            let sees = sees.clone();
            std::thread::spawn(move || drop(pass(near, &*sees)));
        }
    });
    format!("tcp://127.0.0.1:{port}")
}

/// An answer in JSON.
pub fn answer(status: &str, body: &serde_json::Value) -> String {
    let body = body.to_string();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn pass(mut near: TcpStream, sees: &Sees) -> std::io::Result<()> {
    let mut far = UnixStream::connect("/var/run/docker.sock")?;
    let (mut answers, mut to) = (far.try_clone()?, near.try_clone()?);
    std::thread::spawn(move || std::io::copy(&mut answers, &mut to));
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let n = near.read(&mut buffer)?;
        if n == 0 {
            return far.shutdown(std::net::Shutdown::Write);
        }
        // A request begins a packet of its own: whoever asks waits for the answer first.
        let text = String::from_utf8_lossy(&buffer[..n]);
        let first = text.lines().next().filter(|l| l.ends_with(" HTTP/1.1"));
        if let Some(own) = first.and_then(sees) {
            near.write_all(own.as_bytes())?;
            return near.shutdown(std::net::Shutdown::Both);
        }
        far.write_all(&buffer[..n])?;
    }
}
