//! HTTP requests to hosts that the author of a task chooses, with bounded responses and separate connections.
//!
//! Every address is checked, also that of each redirect, and the connection uses exactly the checked
//! addresses. No proxy is used, because it would resolve the name again. A redirect to another host gets
//! neither the headers nor the body of the request.

mod address;
mod guard;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{self, HeaderMap};
use reqwest::{Client, Method, Response, StatusCode, Url};
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::OnceCell;

use crate::base::settings::HttpRequest;
use crate::base::size::Size;
use crate::base::units;
use crate::clients::detached::spawn_detached;
use crate::clients::http::{install_crypto, why};

pub(crate) use guard::admit;

/// Headers without credentials: the only ones sent to another host.
const SAFE_HEADERS: [header::HeaderName; 3] = [header::ACCEPT, header::ACCEPT_LANGUAGE, header::USER_AGENT];

/// Sends guarded requests. Cloning shares it.
#[derive(Clone, Default)]
pub(crate) struct GuardedHttp {
    // Shared: loading the system's certificates takes longer than most calls.
    tls: Arc<OnceCell<ClientConfig>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Vec<u8>>,
    /// Statuses to return without following a redirect.
    pub(crate) expect: Vec<u16>,
}

#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// From the first DNS lookup to the last byte read.
    pub(crate) elapsed: Duration,
}

#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum GuardedHttpError {
    /// The rules forbid it; nothing was sent.
    #[error("{message}")]
    Refused { message: String, hint: String },
    /// The rules forbid the target of a redirect; earlier requests were sent.
    #[error("redirect not followed: {message}")]
    Redirect { message: String },
    /// The request cannot be sent as it is.
    #[error("{0}")]
    Unusable(String),
    /// The body is larger than allowed.
    #[error("response body exceeds http_request.max_body ({0})")]
    TooLarge(Size),
    /// No connection, or a broken answer. Trying again may help.
    #[error("no answer: {0}")]
    NoAnswer(String),
}

impl GuardedHttp {
    /// Sends a request and reads the whole answer within `limit`, which covers DNS, connecting and redirects.
    /// Any status is an answer.
    pub(crate) async fn send(
        &self,
        request: Request,
        rules: &HttpRequest,
        limit: Duration,
    ) -> Result<Reply, GuardedHttpError> {
        let late = |_| {
            let limit = units::duration(limit.as_secs_f64());
            Err(GuardedHttpError::NoAnswer(format!("none within {limit}")))
        };
        tokio::time::timeout(limit, self.follow(request, rules)).await.unwrap_or_else(late)
    }

    async fn follow(&self, request: Request, rules: &HttpRequest) -> Result<Reply, GuardedHttpError> {
        let begin = Instant::now();
        let mut request = request;
        let mut addresses = admit(&request.url, rules).await?;
        let mut left = rules.redirects;
        loop {
            let client = self.client(&request.url, addresses).await?;
            let response = exchange(&client, &request).await?;
            let Some(to) = redirect(&request, &response)? else {
                return read(response, begin, rules.max_body).await;
            };
            if left == 0 {
                let message = format!("more than {} redirects", rules.redirects);
                return Err(GuardedHttpError::Redirect { message });
            }
            left -= 1;
            addresses = admit(&to, rules).await.map_err(further)?;
            request = follow(request, response.status(), to)?;
        }
    }

    /// A client for one connection to one of these addresses.
    async fn client(&self, url: &Url, addresses: Vec<SocketAddr>) -> Result<Client, GuardedHttpError> {
        install_crypto();
        let mut builder = Client::builder()
            .user_agent(concat!("ordctl/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .pool_max_idle_per_host(0)
            .dns_resolver(Checked(addresses));
        builder = match url.scheme() {
            "https" => builder.tls_backend_preconfigured(self.tls().await?),
            _ => builder.tls_certs_only([]),
        };
        builder.build().map_err(|e| GuardedHttpError::NoAnswer(why(e)))
    }

    async fn tls(&self) -> Result<ClientConfig, GuardedHttpError> {
        let make = || async {
            let roots = spawn_detached(|_| {
                let mut roots = RootCertStore::empty();
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
                roots
            })
            .await
            .map_err(|e| GuardedHttpError::NoAnswer(e.to_string()))?;
            Ok(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
        };
        self.tls.get_or_try_init(make).await.cloned()
    }
}

/// Resolves every name to the checked addresses: a second lookup could return others.
struct Checked(Vec<SocketAddr>);

impl Resolve for Checked {
    fn resolve(&self, _: Name) -> Resolving {
        let addresses: Addrs = Box::new(self.0.clone().into_iter());
        Box::pin(std::future::ready(Ok(addresses)))
    }
}

async fn exchange(client: &Client, request: &Request) -> Result<Response, GuardedHttpError> {
    let mut call =
        client.request(request.method.clone(), request.url.clone()).headers(request.headers.clone());
    if let Some(body) = &request.body {
        call = call.body(body.clone());
    }
    call.send().await.map_err(|e| match e.is_builder() {
        true => GuardedHttpError::Unusable(why(e)),
        false => GuardedHttpError::NoAnswer(why(e)),
    })
}

/// The target of a redirect; None for a response to return.
fn redirect(request: &Request, response: &Response) -> Result<Option<Url>, GuardedHttpError> {
    let status = response.status();
    let leads = matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308);
    if !leads || request.expect.contains(&status.as_u16()) {
        return Ok(None);
    }
    let Some(location) = response.headers().get(header::LOCATION) else { return Ok(None) };
    let url = location.to_str().ok().and_then(|l| request.url.join(l).ok());
    let nowhere = || GuardedHttpError::Redirect { message: "the Location header is not a valid URL".into() };
    url.map(Some).ok_or_else(nowhere)
}

/// A refusal of an address that the caller did not name.
fn further(error: GuardedHttpError) -> GuardedHttpError {
    match error {
        GuardedHttpError::Refused { message, .. } | GuardedHttpError::Unusable(message) => {
            GuardedHttpError::Redirect { message }
        }
        other => other,
    }
}

/// The request that a redirect asks for.
fn follow(mut request: Request, status: StatusCode, to: Url) -> Result<Request, GuardedHttpError> {
    let reads = request.method == Method::GET || request.method == Method::HEAD;
    let keeps = matches!(status.as_u16(), 307 | 308);
    if !keeps && !reads {
        request.method = Method::GET;
        request.body = None;
        for name in [header::CONTENT_TYPE, header::CONTENT_ENCODING, header::CONTENT_LANGUAGE] {
            request.headers.remove(name);
        }
    }
    if to.origin() != request.url.origin() {
        if request.body.is_some() {
            let message = "the request body is sent only to the host of the step".to_owned();
            return Err(GuardedHttpError::Redirect { message });
        }
        let kept = SAFE_HEADERS.into_iter().filter_map(|name| {
            let value = request.headers.get(&name)?.clone();
            Some((name, value))
        });
        request.headers = kept.collect();
    }
    request.url = to;
    Ok(request)
}

async fn read(mut response: Response, begin: Instant, max: Size) -> Result<Reply, GuardedHttpError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| GuardedHttpError::NoAnswer(why(e)))? {
        if body.len() + chunk.len() > max.bytes() {
            return Err(GuardedHttpError::TooLarge(max));
        }
        body.extend_from_slice(&chunk);
    }
    let headers = response.headers().clone();
    Ok(Reply { status: response.status().as_u16(), headers, body, elapsed: begin.elapsed() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: Method, body: Option<&str>) -> Request {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("authorization", "Bearer x"),
            ("cookie", "a=b"),
            ("x-api-key", "x"),
            ("idempotency-key", "k"),
            ("accept", "text/plain"),
            ("content-type", "text/plain"),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        let url = Url::parse("https://a.example/x").unwrap();
        Request { method, url, headers, body: body.map(Into::into), expect: Vec::new() }
    }

    fn followed(from: Request, status: u16, to: &str) -> Result<Request, GuardedHttpError> {
        follow(from, StatusCode::from_u16(status).unwrap(), Url::parse(to).unwrap())
    }

    #[test]
    fn another_host_gets_no_credentials_and_no_body() {
        for to in ["https://b.example/x", "http://a.example/x", "https://a.example:8443/x"] {
            let next = followed(request(Method::GET, None), 302, to).unwrap();
            let names: Vec<&str> = next.headers.keys().map(|n| n.as_str()).collect();
            assert_eq!(names, ["accept"], "{to}");
            assert!(followed(request(Method::POST, Some("b")), 307, to).is_err(), "{to}");
            let next = followed(request(Method::POST, Some("b")), 303, to).unwrap();
            assert_eq!((next.method, next.body), (Method::GET, None), "{to}");
        }
    }

    #[test]
    fn the_same_host_gets_the_same_and_only_307_and_308_keep_the_method() {
        let same = "https://a.example/y";
        let next = followed(request(Method::PUT, Some("b")), 308, same).unwrap();
        assert_eq!((next.method, next.body.as_deref()), (Method::PUT, Some(b"b".as_slice())));
        assert_eq!(next.headers.len(), 6);
        let next = followed(request(Method::PUT, Some("b")), 302, same).unwrap();
        assert_eq!((next.method, next.body), (Method::GET, None));
        assert!(!next.headers.contains_key("content-type") && next.headers.contains_key("authorization"));
        assert_eq!(followed(request(Method::HEAD, None), 301, same).unwrap().method, Method::HEAD);
    }

    /// A second lookup could return other addresses; this name does not resolve.
    #[tokio::test]
    async fn a_connection_goes_to_the_addresses_that_were_checked() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let url = Url::parse(&format!("http://nowhere.invalid:{}/", address.port())).unwrap();
        let client = GuardedHttp::default().client(&url, vec![address]).await.unwrap();
        let request = Request { url, ..request(Method::GET, None) };
        let asked = exchange(&client, &request);
        tokio::select! {
            connection = listener.accept() => drop(connection.unwrap()),
            error = asked => unreachable!("{:?}", error.err()),
        }
    }
}
