//! Authentication and authorization in front of every route.
//!
//! Open mode: a request without credentials acts as the system agent while the server listens on loopback, no
//! credentials were ever created, and the request comes directly from a program of the server's own user or of root
//! on this machine. From the first API key or secret on every request needs credentials, even after that key is
//! revoked.

use std::net::IpAddr;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::json;

use super::error::ApiError;
use super::limit::OverLimit;
use super::peer::{Peer, PeerSocket};
use super::request::current_id;
use super::route::Access;
use super::{Api, refusals};
use crate::engine::agents::{Identity, Scope, token};
use crate::engine::tasks::{Actor, ConsentedActor};
use crate::model::{AuthenticatedCaller, Consented};

/// The authenticated agent.
#[derive(Clone, Debug)]
pub(crate) struct Caller(Identity);

impl Caller {
    pub(crate) const fn identity(&self) -> &Identity {
        &self.0
    }

    /// The actor of operations: agents without `admin` see and change only their own objects.
    pub(crate) fn actor(&self) -> Actor {
        let agent = self.0.agent;
        let owner = (!self.0.has(Scope::Admin)).then_some(agent);
        Actor { agent, owner, once: None, details: json!({ "request_id": current_id() }) }
    }

    /// The actor of changes: an authenticated request is consent.
    pub(crate) fn consented_actor(&self, reason: Option<String>) -> ConsentedActor {
        self.actor().with_consent(&Consented::from_api_caller(self).because(reason))
    }
}

impl AuthenticatedCaller for Caller {
    fn agent_name(&self) -> &str {
        &self.0.name
    }
}

impl FromRequestParts<Api> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, ApiError> {
        // Inserted by the guard; a route without a guard refuses every request.
        parts.extensions.get::<Self>().cloned().ok_or_else(|| unauthorized(CREDENTIALS_REQUIRED))
    }
}

const CREDENTIALS_REQUIRED: &str = "credentials required: send Authorization: Bearer TOKEN";
/// In open mode, to a request that is not the system agent's.
const KEY_REQUIRED: &str = "credentials required: without credentials the server accepts only direct HTTP/1.1 requests \
    of its own user or root; create a key with `ordctl agent create root --scope admin --yes`";
const JWT_REFUSED: &str = "JSON Web Tokens are no longer accepted; log in again with POST /agents/auth/token";

/// State of a route's guard.
#[derive(Clone)]
pub(crate) struct RouteGuard {
    pub(crate) api: Api,
    pub(crate) access: Access,
}

/// Applies rate limits, authenticates, and checks the scope.
pub(crate) async fn guard(
    State(guard): State<RouteGuard>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let RouteGuard { api, access } = guard;
    let peer = request.extensions().get::<Peer>().copied();
    if let (Some(Peer(address)), Err(over)) = (peer, api.limits.address(peer)) {
        return Err(too_many(&api, &over, &format!("address {address}")));
    }
    if access == Access::Public {
        return Ok(next.run(request).await);
    }
    let client = Client::of(&request);
    let identity = client.authenticate(&api).await?;
    if let Access::Requires(scope) = access
        && !identity.has(scope)
    {
        api.metrics.security_events_total.with_label_values(&["forbidden", "warning"]).inc();
        let who = format!("agent {}, scope {}", identity.name, scope.name());
        refusals::count("requests refused: missing scope", &who);
        return Err(forbidden(scope));
    }
    if let Err(over) = api.limits.agent(identity.agent) {
        return Err(too_many(&api, &over, &format!("agent {}", identity.name)));
    }
    request.extensions_mut().insert(client);
    request.extensions_mut().insert(Caller(identity));
    Ok(next.run(request).await)
}

/// The parts of a request that authenticate it; a stream keeps them for later checks.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    version: Version,
    headers: HeaderMap,
    connection: Option<PeerSocket>,
}

impl Client {
    fn of(request: &Request) -> Self {
        let connection = request.extensions().get::<PeerSocket>().cloned();
        Self { version: request.version(), headers: request.headers().clone(), connection }
    }

    /// The agent of the `Authorization` header.
    pub(crate) async fn authenticate(&self, api: &Api) -> Result<Identity, ApiError> {
        let Some(given) = self.headers.get(header::AUTHORIZATION) else {
            let is_open = api.is_open && !api.agents.credentials().await?.ever;
            if is_open && self.is_direct() && self.is_of_own_user().await {
                return Ok(Identity::system());
            }
            count(api, "none", "failure");
            return Err(unauthorized(if is_open { KEY_REQUIRED } else { CREDENTIALS_REQUIRED }));
        };
        authenticate_bearer(api, given).await
    }

    /// Whether the request comes directly from a program: not from a page in a browser (`Origin`, or DNS rebinding),
    /// not through a proxy. Proxies speak HTTP/1.0 by default, as nginx does, or add one of these headers.
    fn is_direct(&self) -> bool {
        let indirect = ["origin", "via", "forwarded", "x-real-ip"];
        let is_forwarded = |h: &str| indirect.contains(&h) || h.starts_with("x-forwarded-");
        if self.version < Version::HTTP_11 || self.headers.keys().any(|h| is_forwarded(h.as_str())) {
            return false;
        }
        let host = self.headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or_default();
        // An IPv6 address is in brackets.
        let name = match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => host.split(':').next().unwrap_or_default(),
        };
        name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    async fn is_of_own_user(&self) -> bool {
        match &self.connection {
            Some(connection) => connection.is_of_own_user().await,
            None => false,
        }
    }
}

fn count(api: &Api, method: &str, result: &str) {
    api.metrics.authentication_attempts_total.with_label_values(&[method, result]).inc();
}

async fn authenticate_bearer(api: &Api, given: &HeaderValue) -> Result<Identity, ApiError> {
    let bearer = given.to_str().ok().and_then(|text| {
        let (kind, rest) = text.split_once(' ')?;
        kind.eq_ignore_ascii_case("bearer").then(|| rest.trim())
    });
    let found = match bearer {
        Some(text) => api.agents.authenticate(text).await?,
        None => None,
    };
    match found {
        Some(identity) => {
            count(api, "bearer", "success");
            Ok(identity)
        }
        None => {
            count(api, "bearer", "failure");
            api.metrics.security_events_total.with_label_values(&["bad_credentials", "warning"]).inc();
            let is_jwt = bearer.is_some_and(token::is_jwt);
            Err(unauthorized(if is_jwt { JWT_REFUSED } else { "invalid, expired or revoked credentials" }))
        }
    }
}

/// 401.
pub(crate) fn unauthorized(message: &str) -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
}

fn forbidden(scope: Scope) -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, "forbidden", format!("the scope '{}' is required", scope.name()))
}

/// 429.
pub(crate) fn too_many(api: &Api, over: &OverLimit, who: &str) -> ApiError {
    api.metrics.rate_limit_violations_total.inc();
    refusals::count("requests refused: rate limit exceeded", who);
    ApiError::TooMany(over.wait)
}
