//! HTTP: timed GETs with bounded bodies.
//!
//! Each GET opens a new connection, unless the client has a pool. Redirects are not followed: a moved health
//! endpoint is a finding. A proxy from the environment is used for every host except loopback.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Client;
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;
use tokio::time::timeout;

use super::error::chain;
use super::postgres::secret_file;
use super::{ClientError, ErrorCode};
use crate::base::clean::clean;
use crate::base::secret::SecretUrl;
use crate::base::units;
use crate::clients::detached::spawn_detached;

/// The system's name in findings and errors.
pub(crate) const SYSTEM: &str = "http";

/// Bytes to read of a health endpoint's body.
const SHORT: usize = 64 * 1024;
/// Bytes to read of an API's response.
const LONG: usize = 16 * 1024 * 1024;

/// A client for any HTTP endpoint. Cloning shares it.
#[derive(Clone, Default)]
pub(crate) struct Http {
    // By loopback and TLS: reading the system's certificates takes longer than most calls.
    clients: Arc<[OnceCell<Client>; 4]>,
    /// Maximum idle connections per host.
    kept: usize,
}

#[derive(Clone, Copy)]
pub(crate) struct Get<'a> {
    /// Name of the system, for errors.
    pub(crate) system: &'static str,
    pub(crate) url: &'a SecretUrl,
    /// A file that holds a bearer token.
    pub(crate) token_file: Option<&'a Path>,
    /// Parameters to append to the address.
    pub(crate) query: &'a [(&'a str, &'a str)],
    /// Timeout, including the body.
    pub(crate) timeout: Duration,
}

impl<'a> Get<'a> {
    /// A plain GET of an address.
    pub(crate) fn new(system: &'static str, url: &'a SecretUrl, timeout: Duration) -> Self {
        Self { system, url, token_file: None, query: &[], timeout }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// From the first packet sent to the last byte read.
    pub(crate) latency: Duration,
    /// The body, as much of it as is read.
    pub(crate) body: Vec<u8>,
    pub(crate) location: Option<String>,
}

impl Answer {
    /// Whether the status is one of 200 to 299.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Http {
    /// A client. Nothing is built before the first call.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A client with a pool of this many idle connections per host.
    pub(crate) fn keeping(connections: usize) -> Self {
        Self { kept: connections, ..Self::default() }
    }

    /// A timed GET. Any status is an answer.
    pub(crate) async fn get(&self, get: Get<'_>) -> Result<Answer, ClientError> {
        self.ask(get, SHORT).await
    }

    /// An API's answer read as `T`; a failure's body is given to `explain`.
    pub(crate) async fn json<T: DeserializeOwned>(
        &self,
        get: Get<'_>,
        explain: impl FnOnce(&[u8]) -> Option<ClientError>,
    ) -> Result<T, ClientError> {
        let system = get.system;
        let answer = self.ask(get, LONG).await?;
        if !answer.is_success() {
            return Err(explain(&answer.body).unwrap_or_else(|| refusal(system, &answer)));
        }
        serde_json::from_slice(&answer.body)
            .map_err(|e| ClientError::failed(system, format!("unexpected response: {e}")))
    }

    async fn ask(&self, get: Get<'_>, limit: usize) -> Result<Answer, ClientError> {
        let url = reqwest::Url::parse(get.url.expose())
            .map_err(|e| ClientError::misconfigured(&get.url.to_string(), e))?;
        let client = timeout(get.timeout, self.client(&url)).await.unwrap_or_else(|_| Err(late(&get)))?;
        let mut request = client.get(url).query(get.query);
        if let Some(path) = get.token_file {
            request = request.bearer_auth(secret_file(path, "token_file")?);
        }
        let started = Instant::now();
        let call = async {
            let mut response = request.send().await?;
            let location = response.headers().get("location");
            let location = location.and_then(|v| v.to_str().ok()).map(str::to_owned);
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await? {
                body.extend_from_slice(&chunk[..chunk.len().min(limit - body.len())]);
                if body.len() == limit {
                    break;
                }
            }
            Ok((response.status().as_u16(), location, body))
        };
        match timeout(get.timeout, call).await {
            Ok(Ok((status, location, body))) => {
                Ok(Answer { status, latency: started.elapsed(), body, location })
            }
            Ok(Err(e)) => Err(no_answer(get.system, get.url, e)),
            Err(_) => Err(late(&get)),
        }
    }

    async fn client(&self, url: &reqwest::Url) -> Result<&Client, ClientError> {
        let loopback = url.host_str().is_some_and(is_loopback);
        let tls = url.scheme() == "https";
        let kept = self.kept;
        let make = || async move {
            // Reading certificates would hold up the calls beside this one, and their clocks.
            let built = if tls {
                spawn_detached(move |_| build(loopback, tls, kept)).await
            } else {
                Ok(build(loopback, tls, kept))
            };
            built.unwrap_or_else(|e| Err(ClientError::unreachable(SYSTEM, e)))
        };
        self.clients[usize::from(loopback) * 2 + usize::from(tls)].get_or_try_init(make).await
    }
}

fn late(get: &Get<'_>) -> ClientError {
    let (at, limit) = (address(get.url), units::duration(get.timeout.as_secs_f64()));
    ClientError::unreachable(get.system, format!("{at}: no answer within {limit}"))
}

fn build(loopback: bool, tls: bool, kept: usize) -> Result<Client, ClientError> {
    install_crypto();
    let mut builder = Client::builder()
        .user_agent(concat!("ordctl/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(kept);
    if loopback {
        builder = builder.no_proxy();
    }
    if !tls {
        // No redirect leads from here to TLS, so no certificate is needed.
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(|e| ClientError::unreachable(SYSTEM, chain(&e)))
}

/// Installs ring as the TLS provider of the process, once.
pub(crate) fn install_crypto() {
    // An error means that it is installed already.
    drop(rustls::crypto::ring::default_provider().install_default());
}

/// Whether the host of a URL is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// `host:port` of a URL.
fn address(url: &SecretUrl) -> String {
    let parsed = reqwest::Url::parse(url.expose()).ok();
    let host = parsed.as_ref().and_then(|u| Some((u.host_str()?.to_owned(), u.port_or_known_default()?)));
    host.map_or_else(|| url.to_string(), |(host, port)| format!("{host}:{port}"))
}

fn no_answer(system: &'static str, url: &SecretUrl, error: reqwest::Error) -> ClientError {
    let text = layers(error);
    let hint = (text.contains("UnknownIssuer") || text.contains("certificate"))
        .then(|| "add the certificate authority to the system store, or set SSL_CERT_FILE".to_owned());
    let message = format!("{}: {}", address(url), shortened(&text));
    ClientError::Unreachable { system, message, hint }
}

fn layers(error: reqwest::Error) -> String {
    // The address may hold a password, and the reader knows it anyway.
    chain(&error.without_url())
}

/// The cause of a failed call, without its address.
pub(super) fn why(error: reqwest::Error) -> String {
    shortened(&layers(error))
}

/// The cause without the library's layers.
pub(super) fn shortened(text: &str) -> String {
    let layers = ["tcp connect error: ", "error resolving DNS: ", "client error (Connect): "];
    match layers.iter().find_map(|layer| text.split_once(layer)) {
        Some((_, why)) => why.to_owned(),
        None => text.strip_prefix("error sending request: ").unwrap_or(text).to_owned(),
    }
}

/// The message for an error status without a usable body.
fn refusal(system: &'static str, answer: &Answer) -> ClientError {
    let words = first_words(&answer.body, 120);
    let message = match words.is_empty() {
        true => format!("HTTP status {}", answer.status),
        false => format!("HTTP status {}: {words}", answer.status),
    };
    match answer.status {
        401 | 403 | 407 => ClientError::Denied { system, message },
        // From a gateway, or from a server that is starting or stopping.
        502..=504 => ClientError::unreachable(system, message),
        status => ClientError::Failed { system, code: Some(ErrorCode::Http(status)), message },
    }
}

/// The beginning of a body on one line, without control characters.
pub(crate) fn first_words(body: &[u8], max: usize) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(max * 8)]);
    let mut words = String::new();
    for word in clean(&text).split_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
        if words.chars().count() > max {
            return words.chars().take(max).chain(['…']).collect();
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_several_names() {
        for host in ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.example.com", "10.0.0.1", "128.0.0.1", "[::2]"] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn a_body_is_shown_on_one_short_line() {
        assert_eq!(first_words(b"{\n  \"status\":\t\"ok\"\n}", 80), "{ \"status\": \"ok\" }");
        assert_eq!(first_words("äöü äöü".as_bytes(), 5), "äöü ä…");
        assert_eq!(first_words(b"\x1b[31mred", 80), "red");
    }
}
