//! Authentication and authorization in front of every route.
//!
//! A request without credentials acts as the system agent while the server listens on loopback, no credentials were
//! ever created, and the request comes directly from a program on this machine. From the first API key or secret on
//! every request needs credentials, even after that key is revoked.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::json;

use super::error::ApiError;
use super::limit::OverLimit;
use super::request::current_id;
use super::route::Access;
use super::{Api, refusals};
use crate::engine::agents::{Identity, Scope, token};
use crate::engine::tasks::{Actor, ConsentedActor};
use crate::model::{AuthenticatedCaller, Consented};

/// The remote address of the connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

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

impl FromRequestParts<Api> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Infallible> {
        let unknown = Self(IpAddr::from([0, 0, 0, 0]));
        Ok(parts.extensions.get::<Self>().copied().unwrap_or(unknown))
    }
}

const CREDENTIALS_REQUIRED: &str = "credentials required: send Authorization: Bearer TOKEN";
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
    let identity = authenticate(&api, request.headers()).await?;
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
    request.extensions_mut().insert(Caller(identity));
    Ok(next.run(request).await)
}

/// The agent of the `Authorization` header.
pub(crate) async fn authenticate(api: &Api, headers: &HeaderMap) -> Result<Identity, ApiError> {
    let count = |method, result| {
        api.metrics.authentication_attempts_total.with_label_values(&[method, result]).inc();
    };
    let Some(given) = headers.get(header::AUTHORIZATION) else {
        if api.is_open && is_direct(headers) && !api.agents.credentials().await?.ever {
            return Ok(Identity::system());
        }
        count("none", "failure");
        return Err(unauthorized(CREDENTIALS_REQUIRED));
    };
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
            count("bearer", "success");
            Ok(identity)
        }
        None => {
            count("bearer", "failure");
            api.metrics.security_events_total.with_label_values(&["bad_credentials", "warning"]).inc();
            let is_jwt = bearer.is_some_and(token::is_jwt);
            Err(unauthorized(if is_jwt { JWT_REFUSED } else { "invalid, expired or revoked credentials" }))
        }
    }
}

/// Whether the request comes directly from a program on this machine: not from a page in a browser (`Origin`, or DNS
/// rebinding), not through a proxy.
fn is_direct(headers: &HeaderMap) -> bool {
    let indirect = [&header::ORIGIN, &header::VIA, &header::FORWARDED];
    if indirect.into_iter().any(|h| headers.contains_key(h)) || headers.contains_key("x-forwarded-for") {
        return false;
    }
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or_default();
    // An IPv6 address is in brackets.
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
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
