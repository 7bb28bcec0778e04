//! Calls whose bodies go to the engine as they came from it: what a library's types do not know of, they
//! would leave out, and the engine would take it for a change.

use std::time::Duration;

use reqwest::{Client, Method, redirect};
use serde_json::Value;

use crate::clients::http::{install_crypto, why};
use crate::clients::platform::docker::{Docker, Host, LIBRARY_LIMIT, SYSTEM};
use crate::clients::{ClientError, ErrorCode};

/// Of an error's body, so much is read as a message.
const MESSAGE: usize = 300;

impl Docker {
    /// An answer as it is.
    pub(super) async fn raw_get(&self, path: &str) -> Result<Value, ClientError> {
        self.raw(Method::GET, path, None).await
    }

    /// Sends a body as it is.
    pub(super) async fn raw_post(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        self.raw(Method::POST, path, Some(body)).await
    }

    async fn raw(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, ClientError> {
        let version = self.engine().await?.client_version();
        let (client, base) = self.plain()?;
        let mut request = client.request(method, format!("{base}/v{version}{path}"));
        if let Some(body) = body {
            request = request.json(body);
        }
        let lost = |e: reqwest::Error| ClientError::unreachable(SYSTEM, why(e));
        let response = request.send().await.map_err(lost)?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(lost)?;
        if status.is_success() {
            return serde_json::from_slice(&bytes).map_err(|e| {
                ClientError::failed(SYSTEM, format!("its answer is not what it should be: {e}"))
            });
        }
        let said = serde_json::from_slice::<Value>(&bytes).ok();
        let said = said.and_then(|v| v["message"].as_str().map(str::to_owned));
        let said = said.unwrap_or_else(|| String::from_utf8_lossy(&bytes).into_owned());
        let message = said.trim().chars().take(MESSAGE).collect();
        Err(ClientError::Failed { system: SYSTEM, code: Some(ErrorCode::Http(status.as_u16())), message })
    }

    fn plain(&self) -> Result<(Client, String), ClientError> {
        install_crypto();
        // Neither a proxy nor a certificate has a part in it.
        let builder = Client::builder().no_proxy().redirect(redirect::Policy::none()).tls_certs_only([]);
        let builder = builder.timeout(Duration::from_secs(LIBRARY_LIMIT));
        let (builder, base) = match &self.host {
            Host::Unix(path) => (builder.unix_socket(path.as_str()), "http://docker".to_owned()),
            Host::Tcp(address) => (builder, format!("http://{address}")),
        };
        let client = builder.build().map_err(|e| ClientError::unreachable(SYSTEM, why(e)))?;
        Ok((client, base))
    }
}
