//! A proxy on a loopback port with faults, for one session or for all: what a network does between ordctl and
//! PostgreSQL, Redis, Docker or an HTTP server.

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::net::sockopt::set_socket_linger;

/// How often a thread looks for a new fault.
const TICK: Duration = Duration::from_millis(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Accepts everything, forwards nothing in either direction and closes nothing. What was held back is
    /// forwarded when the fault ends.
    Silent,
    /// Ends sessions with a TCP reset.
    Reset,
    /// Forwards every piece this much later.
    Late(Duration),
    /// Refuses new connections, and resets open ones.
    Refuse,
}

#[derive(Clone)]
enum Target {
    Port(u16),
    Socket(PathBuf),
}

/// Its threads and sessions end when it is dropped.
pub struct Proxy {
    /// The port on 127.0.0.1.
    pub port: u16,
    state: Arc<State>,
}

struct State {
    target: Target,
    faults: Mutex<Faults>,
    dropped: AtomicBool,
    /// Bytes from the server.
    received: AtomicU64,
}

struct Faults {
    all: Fault,
    /// By the port from which the proxy connects to the server.
    sessions: HashMap<u16, Fault>,
    /// The open sessions that ordctl has not closed.
    open: Vec<u16>,
    accepted: usize,
}

impl Proxy {
    /// In front of a server on 127.0.0.1.
    pub fn to_port(port: u16) -> Self {
        Self::start(Target::Port(port))
    }

    /// In front of a Unix socket.
    pub fn to_socket(path: &Path) -> Self {
        Self::start(Target::Socket(path.to_owned()))
    }

    fn start(target: Target) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let faults = Faults { all: Fault::None, sessions: HashMap::new(), open: Vec::new(), accepted: 0 };
        let state = Arc::new(State {
            target,
            faults: Mutex::new(faults),
            dropped: AtomicBool::new(false),
            received: AtomicU64::new(0),
        });
        let server = state.clone();
        std::thread::spawn(move || accept(&server, listener, port));
        Self { port, state }
    }

    /// The URL of a PostgreSQL database behind the proxy.
    pub fn postgres(&self, name: &str) -> String {
        format!("postgresql://postgres@127.0.0.1:{}/{name}", self.port)
    }

    /// Sets the fault of every open and later session, except those that [`Proxy::session`] named.
    pub fn all(&self, fault: Fault) {
        self.state.faults.lock().unwrap().all = fault;
    }

    /// Sets the fault of every session that is open now; later ones have none of it.
    pub fn open(&self, fault: Fault) {
        let mut faults = self.state.faults.lock().unwrap();
        let open = faults.open.clone();
        faults.sessions.extend(open.into_iter().map(|session| (session, fault)));
    }

    /// Sets the fault of the session that the server sees at this client port (`client_port` in
    /// `pg_stat_activity`).
    pub fn session(&self, client_port: u16, fault: Fault) {
        self.state.faults.lock().unwrap().sessions.insert(client_port, fault);
    }

    /// Whether ordctl still has this session open.
    pub fn is_open(&self, client_port: u16) -> bool {
        self.state.faults.lock().unwrap().open.contains(&client_port)
    }

    /// The open sessions, by the port that the server sees.
    pub fn open_sessions(&self) -> Vec<u16> {
        self.state.faults.lock().unwrap().open.clone()
    }

    /// How many bytes the server has sent so far.
    pub fn received(&self) -> u64 {
        self.state.received.load(Ordering::Relaxed)
    }

    /// How many sessions were accepted so far.
    pub fn accepted(&self) -> usize {
        self.state.faults.lock().unwrap().accepted
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.dropped.store(true, Ordering::Relaxed);
    }
}

impl State {
    fn fault(&self, session: u16) -> Fault {
        let faults = self.faults.lock().unwrap();
        faults.sessions.get(&session).copied().unwrap_or(faults.all)
    }

    fn is_dropped(&self) -> bool {
        self.dropped.load(Ordering::Relaxed)
    }

    fn close(&self, session: u16) {
        self.faults.lock().unwrap().open.retain(|s| *s != session);
    }
}

fn accept(state: &Arc<State>, listener: TcpListener, port: u16) {
    let mut listener = Some(listener);
    while !state.is_dropped() {
        if state.faults.lock().unwrap().all == Fault::Refuse {
            listener = None;
        } else if listener.is_none() {
            listener = TcpListener::bind(("127.0.0.1", port)).ok();
        }
        if let Some(listener) = &listener {
            listener.set_nonblocking(true).unwrap();
            if let Ok((client, _)) = listener.accept() {
                connect(state, client);
                continue;
            }
        }
        std::thread::sleep(TICK);
    }
}

fn connect(state: &Arc<State>, client: TcpStream) {
    // A server that is down closes the session at once.
    let Ok((server, session)) = dial(&state.target, state) else { return };
    client.set_nonblocking(false).unwrap();
    let ends = Arc::new((Socket::Tcp(client), server));
    {
        let mut faults = state.faults.lock().unwrap();
        faults.open.push(session);
        faults.accepted += 1;
    }
    for forward in [true, false] {
        let (state, ends) = (state.clone(), ends.clone());
        ends.0.prepare();
        ends.1.prepare();
        std::thread::spawn(move || pump(&state, session, &ends, forward));
    }
}

/// Connects to the server; returns the port that names the session.
fn dial(target: &Target, state: &State) -> std::io::Result<(Socket, u16)> {
    match target {
        Target::Port(port) => {
            let stream = TcpStream::connect(("127.0.0.1", *port))?;
            let session = stream.local_addr()?.port();
            Ok((Socket::Tcp(stream), session))
        }
        Target::Socket(path) => {
            let number = u16::try_from(state.faults.lock().unwrap().accepted).unwrap_or(u16::MAX);
            Ok((Socket::Unix(UnixStream::connect(path)?), number))
        }
    }
}

/// Forwards one direction until an end closes or the proxy is dropped.
fn pump(state: &State, session: u16, ends: &(Socket, Socket), forward: bool) {
    let (from, to) = if forward { (&ends.0, &ends.1) } else { (&ends.1, &ends.0) };
    let (mut held, mut buffer, mut ended) = (Vec::new(), [0; 16 * 1024], false);
    while !state.is_dropped() {
        let fault = state.fault(session);
        if matches!(fault, Fault::Reset | Fault::Refuse) {
            ends.0.reset_on_close();
            ends.1.reset_on_close();
            state.close(session);
            return;
        }
        if fault != Fault::Silent {
            if let (Fault::Late(by), false) = (fault, held.is_empty()) {
                std::thread::sleep(by);
            }
            if to.write(&held).is_err() {
                break;
            }
            held.clear();
            if ended {
                break;
            }
        }
        match from.read(&mut buffer) {
            Ok(0) if !ended => {
                ended = true;
                if forward {
                    state.close(session);
                }
            }
            Ok(0) => std::thread::sleep(TICK),
            Ok(n) => {
                held.extend_from_slice(&buffer[..n]);
                if !forward {
                    state.received.fetch_add(n as u64, Ordering::Relaxed);
                }
            }
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => ended = true,
        }
    }
    state.close(session);
    to.shutdown_write();
}

enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Socket {
    fn prepare(&self) {
        match self {
            Self::Tcp(s) => {
                s.set_read_timeout(Some(TICK)).unwrap();
                s.set_nodelay(true).unwrap();
            }
            Self::Unix(s) => s.set_read_timeout(Some(TICK)).unwrap(),
        }
    }

    fn read(&self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Tcp(s) => (&*s).read(buffer),
            Self::Unix(s) => (&*s).read(buffer),
        }
    }

    fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Tcp(s) => (&*s).write_all(bytes),
            Self::Unix(s) => (&*s).write_all(bytes),
        }
    }

    fn reset_on_close(&self) {
        if let Self::Tcp(s) = self {
            // The other direction's thread may have done it already.
            set_socket_linger(s, Some(Duration::ZERO)).ok();
        }
    }

    fn shutdown_write(&self) {
        let how = std::net::Shutdown::Write;
        match self {
            Self::Tcp(s) => drop(s.shutdown(how)),
            Self::Unix(s) => drop(s.shutdown(how)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that sends back what it receives.
    fn echo() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || {
                    let mut reader = stream.try_clone().unwrap();
                    drop(std::io::copy(&mut reader, &mut &stream));
                });
            }
        });
        port
    }

    fn client(proxy: &Proxy) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", proxy.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    fn echoes(stream: &mut TcpStream) {
        stream.write_all(b"x").unwrap();
        assert_eq!(stream.read(&mut [0; 1]).unwrap(), 1);
    }

    #[test]
    fn a_session_falls_silent_and_speaks_again() {
        let proxy = Proxy::to_port(echo());
        let mut stream = client(&proxy);
        echoes(&mut stream);
        proxy.all(Fault::Silent);
        stream.write_all(b"y").unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let silent = stream.read(&mut [0; 1]).unwrap_err();
        assert!(matches!(silent.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{silent}");
        proxy.all(Fault::None);
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        assert_eq!(stream.read(&mut [0; 1]).unwrap(), 1);
    }

    #[test]
    fn sessions_are_reset_delayed_and_refused() {
        let proxy = Proxy::to_port(echo());
        let mut stream = client(&proxy);
        echoes(&mut stream);
        let late = Duration::from_millis(100);
        proxy.all(Fault::Late(late));
        let begin = std::time::Instant::now();
        echoes(&mut stream);
        assert!(begin.elapsed() >= 2 * late);
        proxy.all(Fault::Reset);
        assert_eq!(stream.read(&mut [0; 1]).unwrap_err().kind(), ErrorKind::ConnectionReset);
        proxy.all(Fault::Refuse);
        let end = std::time::Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", proxy.port)).is_ok() {
            assert!(std::time::Instant::now() < end, "connections are still accepted");
        }
        proxy.all(Fault::None);
        while TcpStream::connect(("127.0.0.1", proxy.port)).is_err() {
            assert!(std::time::Instant::now() < end, "connections are still refused");
        }
        echoes(&mut client(&proxy));
    }

    #[test]
    fn a_unix_socket_has_a_port() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("socket");
        let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            drop(std::io::copy(&mut &stream, &mut &stream));
        });
        echoes(&mut client(&Proxy::to_socket(&path)));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn one_postgresql_session_falls_silent() {
        let proxy = Proxy::to_port(crate::support::postgres::cluster().port);
        let connect = async || {
            let url = proxy.postgres("postgres");
            let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
            let task = tokio::spawn(connection);
            let port: i32 = client.query_one("SELECT inet_client_port()", &[]).await.unwrap().get(0);
            (client, port as u16, task)
        };
        let ((silent, port, task), (other, ..)) = (connect().await, connect().await);
        assert_eq!(proxy.accepted(), 2);
        proxy.session(port, Fault::Silent);
        let call = silent.batch_execute("SELECT 1");
        assert!(tokio::time::timeout(Duration::from_millis(200), call).await.is_err());
        other.batch_execute("SELECT 1").await.unwrap();
        assert!(proxy.is_open(port));
        task.abort();
        crate::support::eventually("the proxy sees that the client closed", async || !proxy.is_open(port))
            .await;
    }
}
