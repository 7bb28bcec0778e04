//! A proxy to the Docker engine for tests: it sees every request, may do something before it is
//! passed on, or answer it itself.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

/// Handles the first line of a request: returns a response, or None to forward it.
type Sees = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The address of the engine behind the proxy.
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
        // Each request starts a new packet, because the client waits for the previous response.
        let text = String::from_utf8_lossy(&buffer[..n]);
        let first = text.lines().next().filter(|l| l.ends_with(" HTTP/1.1"));
        if let Some(own) = first.and_then(sees) {
            near.write_all(own.as_bytes())?;
            return near.shutdown(std::net::Shutdown::Both);
        }
        far.write_all(&buffer[..n])?;
    }
}
