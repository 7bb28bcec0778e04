//! The HTTP server: connections and their limits.
//!
//! * The number of connections is limited; more wait in the kernel's queue. One address gets at most a quarter.
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
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_io_timeout::TimeoutStream;
use tower::Service;
use tower_http::normalize_path::NormalizePath;

use super::caller::Peer;
use super::limit::address_key;
use super::quota::{Quota, Quotas};

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
    let slots = Arc::new(Semaphore::new(connections.max(1)));
    let addresses = Quotas::new((connections / 4).max(8));
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = async {
            let permit = slots.clone().acquire_owned().await;
            (listener.accept().await, permit)
        };
        let (accepted, permit) = tokio::select! {
            biased;
            _ = stop.wait_for(|s| *s) => break,
            accepted = accepted => accepted,
        };
        match (accepted, permit) {
            (Ok((stream, peer)), Ok(permit)) => match addresses.take(address_key(peer.ip())) {
                Some(quota) => serve_connection(app.clone(), stream, peer, (permit, quota), &graceful),
                None => tracing::debug!(%peer, "connection refused: too many from this address"),
            },
            (Err(error), _) => {
                // Out of file descriptors, or the client closed the connection already.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            (_, Err(_)) => break,
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
    slot: (OwnedSemaphorePermit, Quota<IpAddr>),
    graceful: &GracefulShutdown,
) {
    // An answer is one write; Nagle's algorithm would only delay it.
    drop(stream.set_nodelay(true));
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut app = app.clone();
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer.ip()));
        async move { app.call(request).await }
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
        let _slot = slot;
        if let Err(error) = connection.await {
            tracing::debug!(%error, %peer, "connection failed");
        }
    });
}
