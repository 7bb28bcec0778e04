//! API calls whose bodies stay as they are. The library's types drop fields that they do not know, and the
//! engine would take a dropped field for a change.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use crate::clients::ClientError;
use crate::clients::http::why;
use crate::clients::platform::docker::error::{hangs, invalid_answer, rejected};
use crate::clients::platform::docker::{Docker, PROMPT, SLOW, SYSTEM};

impl Docker {
    pub(super) async fn get_json(&self, path: &str) -> Result<Value, ClientError> {
        parse(&self.call(Method::GET, path, None, PROMPT).await?)
    }

    pub(super) async fn post_json(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        parse(&self.call(Method::POST, path, Some(body), SLOW).await?)
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        limit: Duration,
    ) -> Result<Vec<u8>, ClientError> {
        let version = self.engine().await?.client_version();
        self.call_version(method, &format!("/v{version}{path}"), body, limit).await
    }

    /// The body of a successful answer that is complete within `limit`. The path begins with the API version.
    pub(super) async fn call_version(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        limit: Duration,
    ) -> Result<Vec<u8>, ClientError> {
        let (client, url) = self.endpoint.http_client()?;
        let mut request = client.request(method, format!("{url}{path}")).timeout(limit);
        if let Some(body) = body {
            request = request.json(body);
        }
        let lost = |e: reqwest::Error| match e.is_timeout() {
            true => self.endpoint.with_hint(hangs(limit)),
            false => self.endpoint.with_hint(ClientError::unreachable(SYSTEM, why(e))),
        };
        let response = request.send().await.map_err(lost)?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(lost)?;
        if status.is_success() { Ok(bytes.to_vec()) } else { Err(rejected(status.as_u16(), &bytes)) }
    }
}

fn parse(bytes: &[u8]) -> Result<Value, ClientError> {
    serde_json::from_slice(bytes).map_err(invalid_answer)
}
