//! The HTTP server: connections, and what each of them may cost.
//!
//! * So many connections are served at once; others wait in the kernel's queue. No address has more than
//!   a quarter of them.
//! * A request's header has to be there whole within some seconds, and may have so many bytes and lines;
//!   an answer has to be taken. So nobody holds a connection by sending slowly, or nothing, or by not
//!   reading.

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
use super::limit::whose;
use super::share::{Share, Shares};

/// How long a header may take to arrive; also how long a connection may be silent between requests.
const HEADER_WITHIN: Duration = Duration::from_secs(15);
/// How long an answer may wait to be taken.
const TAKEN_WITHIN: Duration = Duration::from_secs(30);
/// How large a header may be.
const HEADER_MAX: usize = 64 << 10;
/// How many lines it may have.
const HEADER_LINES: usize = 100;
/// How long requests may go on after the server was told to stop.
const LINGER: Duration = Duration::from_secs(5);

/// Serves until `stop` turns true, then lets requests end for a while.
pub(crate) async fn serve(
    app: NormalizePath<Router>,
    listener: TcpListener,
    connections: usize,
    mut stop: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let slots = Arc::new(Semaphore::new(connections.max(1)));
    let addresses = Shares::new((connections / 4).max(8));
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
            (Ok((stream, peer)), Ok(permit)) => match addresses.take(whose(peer.ip())) {
                Some(share) => one(app.clone(), stream, peer, (permit, share), &graceful),
                None => tracing::debug!(%peer, "too many connections from there"),
            },
            (Err(error), _) => {
                // Out of file descriptors, or a connection that was gone before it was taken.
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            (_, Err(_)) => break,
        }
    }
    drop(listener);
    drop(tokio::time::timeout(LINGER, graceful.shutdown()).await);
    Ok(())
}

fn one(
    app: NormalizePath<Router>,
    stream: TcpStream,
    peer: SocketAddr,
    place: (OwnedSemaphorePermit, Share<IpAddr>),
    graceful: &GracefulShutdown,
) {
    // An answer is one write; waiting for more of it only delays.
    drop(stream.set_nodelay(true));
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut app = app.clone();
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer.ip()));
        async move { app.call(request).await }
    });
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(TAKEN_WITHIN));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_WITHIN)
        .max_buf_size(HEADER_MAX)
        .max_headers(HEADER_LINES)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        let _place = place;
        if let Err(error) = connection.await {
            tracing::debug!(%error, %peer, "a connection broke");
        }
    });
}
