//! Who asks: the check that stands before every route, and what handlers learn from it.
//!
//! A request without credentials is the system agent's as long as the server listens on loopback, nobody
//! has ever had credentials, and it comes from a program on this machine itself. From the first API key or
//! secret on everybody needs one, also when that one is revoked.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::json;

use super::Api;
use super::error::ApiError;
use super::limit::Over;
use super::request::current_id;
use super::route::Right;
use crate::engine::agents::{Identity, Scope};
use crate::engine::tasks::{Actor, ConsentedActor};
use crate::model::{AuthenticatedCaller, Consented};

/// The address that a connection comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

#[derive(Clone, Debug)]
pub(crate) struct Caller(Identity);

impl Caller {
    pub(crate) const fn identity(&self) -> &Identity {
        &self.0
    }

    /// As operations take it: whoever is no admin sees and changes what is his own.
    pub(crate) fn actor(&self) -> Actor {
        let agent = self.0.agent;
        let owner = (!self.0.may(Scope::Admin)).then_some(agent);
        Actor { agent, owner, once: None, details: json!({ "request_id": current_id() }) }
    }

    /// As changes take it: an authenticated request is consent.
    pub(crate) fn consented_actor(&self) -> ConsentedActor {
        self.actor().with_consent(&Consented::from_api_caller(self))
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
        // The guard has put it there; a route without a guard answers nobody.
        parts.extensions.get::<Self>().cloned().ok_or_else(|| unauthorized("credentials are needed"))
    }
}

impl FromRequestParts<Api> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Infallible> {
        let unknown = Self(IpAddr::from([0, 0, 0, 0]));
        Ok(parts.extensions.get::<Self>().copied().unwrap_or(unknown))
    }
}

/// What a route's guard knows.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) api: Api,
    pub(crate) right: Right,
}

/// Lets those pass that may.
pub(crate) async fn guard(
    State(gate): State<Gate>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let Gate { api, right } = gate;
    let peer = request.extensions().get::<Peer>().copied();
    if let (Some(Peer(address)), Err(over)) = (peer, api.limits.address(peer)) {
        return Err(too_many(&api, &over, &format!("address {address}")));
    }
    if right == Right::Public {
        return Ok(next.run(request).await);
    }
    let identity = authenticate(&api, request.headers()).await?;
    if let Right::Needs(scope) = right
        && !identity.may(scope)
    {
        api.metrics.security_events_total.with_label_values(&["forbidden", "warning"]).inc();
        tracing::info!(request = %current_id(), agent = %identity.name, scope = scope.name(), "refused");
        return Err(forbidden(scope));
    }
    if let Err(over) = api.limits.agent(identity.agent) {
        return Err(too_many(&api, &over, &format!("agent {}", identity.name)));
    }
    request.extensions_mut().insert(Caller(identity));
    Ok(next.run(request).await)
}

/// Who asks, by what he bears.
pub(crate) async fn authenticate(api: &Api, headers: &HeaderMap) -> Result<Identity, ApiError> {
    let count = |method, result| {
        api.metrics.authentication_attempts_total.with_label_values(&[method, result]).inc();
    };
    let Some(given) = headers.get(header::AUTHORIZATION) else {
        if api.open && direct(headers) && !api.agents.credentials().await?.ever {
            return Ok(Identity::system());
        }
        count("none", "failure");
        return Err(unauthorized("credentials are needed: Authorization: Bearer …"));
    };
    let bearer = given.to_str().ok().and_then(|text| {
        let (kind, rest) = text.split_once(' ')?;
        kind.eq_ignore_ascii_case("bearer").then(|| rest.trim())
    });
    let found = match bearer {
        Some(text) => api.agents.bearer(&api.key, text, api.now()).await?,
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
            Err(unauthorized("these credentials are not good, or no longer"))
        }
    }
}

/// Whether a request was meant for this server by a program on this machine: not sent by a page in a
/// browser (`Origin`, or a name that was made to point here), nor passed on by a proxy.
fn direct(headers: &HeaderMap) -> bool {
    let passed_on = [&header::ORIGIN, &header::VIA, &header::FORWARDED];
    if passed_on.into_iter().any(|h| headers.contains_key(h)) || headers.contains_key("x-forwarded-for") {
        return false;
    }
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or_default();
    // An IPv6 address stands in brackets.
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
    ApiError::new(StatusCode::FORBIDDEN, "forbidden", format!("that needs the scope '{}'", scope.name()))
}

/// 429.
pub(crate) fn too_many(api: &Api, over: &Over, who: &str) -> ApiError {
    api.metrics.rate_limit_violations_total.inc();
    tracing::info!(request = %current_id(), who, "too many requests");
    ApiError::TooMany(over.wait)
}
