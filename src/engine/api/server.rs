//! The HTTP server: connections and their limits.
//!
//! * The number of connections is limited; a new one takes the place of the one that has been idle for the longest
//!   time, or serves only health checks ([`connections`](super::connections)). One address gets at most a quarter.
//! * A header must arrive within a time-out and has a maximum size; an answer must be read within a time-out. No
//!   client can hold a connection by sending slowly, sending nothing or not reading.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_io_timeout::TimeoutStream;
use tower::Service;
use tower_http::normalize_path::NormalizePath;

use super::connections::{BusyBody, Connection, Connections};
use super::limit::address_key;
use super::peer::{Peer, PeerSocket};
use super::quota::{Quota, Quotas};
use super::{error, refusals};

/// For a header to arrive, and for silence between requests.
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);
/// For the client to read.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// In bytes.
const HEADER_MAX: usize = 64 << 10;
const HEADER_LINES: usize = 100;
/// For open requests after the stop signal.
const GRACE_PERIOD: Duration = Duration::from_secs(5);

/// Serves until `stop` turns true, then finishes open requests within a grace period.
pub(crate) async fn serve(
    app: NormalizePath<Router>,
    listener: TcpListener,
    connections: usize,
    mut stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let places = Connections::new(connections);
    let addresses = Quotas::new((connections / 4).max(8));
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            biased;
            _ = stop.wait_for(|s| *s) => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => match addresses.take(address_key(peer.ip())) {
                Some(quota) => match places.admit() {
                    Some(place) => serve_connection(app.clone(), stream, peer, (place, quota), &graceful),
                    None => {
                        refusals::count("connections refused: every place is busy", &peer.ip().to_string())
                    }
                },
                None => refusals::count(
                    "connections refused: too many from one address",
                    &format!("address {}", peer.ip()),
                ),
            },
            Err(error) => {
                // Out of file descriptors, or the client closed the connection already.
                refusals::count("connections failed before they were accepted", &error.to_string());
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    drop(tokio::time::timeout(GRACE_PERIOD, graceful.shutdown()).await);
    Ok(())
}

fn serve_connection(
    app: NormalizePath<Router>,
    stream: TcpStream,
    peer: SocketAddr,
    (place, quota): (Connection, Quota<IpAddr>),
    graceful: &GracefulShutdown,
) {
    // An answer is one write; Nagle's algorithm would only delay it.
    drop(stream.set_nodelay(true));
    let place = Arc::new(place);
    let own = place.clone();
    let socket = stream.local_addr().ok().map(|local| PeerSocket::new(peer, local));
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut app = app.clone();
        let place = own.clone();
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer.ip()));
        if let Some(socket) = &socket {
            request.extensions_mut().insert(socket.clone());
        }
        async move {
            let Some(busy) = place.begin(is_health_check(request.uri().path())).await else {
                return Ok(error::no_connection().map(|body| BusyBody { body, busy: None }));
            };
            app.call(request).await.map(|answer| answer.map(|body| BusyBody { body, busy: Some(busy) }))
        }
    });
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_TIMEOUT));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(HEADER_MAX)
        .max_headers(HEADER_LINES)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        let _quota = quota;
        tokio::select! {
            () = place.closed() => tracing::debug!(%peer, "idle connection closed: another needs its place"),
            ended = connection => if let Err(error) = ended {
                tracing::debug!(%error, %peer, "connection failed");
            },
        }
    });
}

fn is_health_check(path: &str) -> bool {
    path == "/health" || path.starts_with("/health/")
}
