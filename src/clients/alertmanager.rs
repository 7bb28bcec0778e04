//! Alertmanager, API v2: active alerts.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ClientError;
use super::http::{Get, Http};
use crate::base::secret::SecretUrl;
use crate::base::settings::Endpoint;

/// The system's name in findings and errors.
pub(crate) const SYSTEM: &str = "alertmanager";

/// An alert has no state "firing" here: it is active unless a silence or an inhibition
/// suppresses it, or it has not been looked at yet.
const ACTIVE: &[(&str, &str)] =
    &[("active", "true"), ("silenced", "false"), ("inhibited", "false"), ("unprocessed", "false")];

pub(crate) struct Alertmanager {
    base: SecretUrl,
    token_file: Option<PathBuf>,
    http: Http,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Alert {
    pub(crate) labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) annotations: BTreeMap<String, String>,
    #[serde(rename(deserialize = "startsAt"))]
    pub(crate) since: DateTime<Utc>,
    /// A short name made from its labels.
    #[serde(default)]
    pub(crate) fingerprint: String,
}

impl Alert {
    pub(crate) fn name(&self) -> &str {
        self.labels.get("alertname").map_or("unnamed", String::as_str)
    }

    /// The rule's `severity` label; empty without one.
    pub(crate) fn severity(&self) -> &str {
        self.labels.get("severity").map_or("", String::as_str)
    }
}

impl Alertmanager {
    /// Reads the settings; connects to nothing.
    pub(crate) fn new(settings: &Endpoint, http: Http) -> Result<Self, ClientError> {
        let Some(url) = &settings.url else {
            return Err(ClientError::NotConfigured {
                system: SYSTEM,
                setting: "alertmanager.url",
                variable: Some("ALERTMANAGER_URL"),
            });
        };
        Ok(Self { base: url.clone(), token_file: settings.token_file.clone(), http })
    }

    /// Its base URL without secrets and without a closing slash, for commands to type.
    pub(crate) fn target(&self) -> String {
        self.base.to_string().trim_end_matches('/').to_owned()
    }

    /// Alerts that are active, neither silenced nor inhibited; oldest first.
    pub(crate) async fn active(&self, limit: Duration) -> Result<Vec<Alert>, ClientError> {
        let url = SecretUrl::new(format!("{}/api/v2/alerts", self.base.expose().trim_end_matches('/')));
        let get =
            Get { token_file: self.token_file.as_deref(), query: ACTIVE, ..Get::new(SYSTEM, &url, limit) };
        let mut alerts: Vec<Alert> = self.http.json(get, |_| None).await?;
        alerts.sort_by_key(|a| a.since);
        Ok(alerts)
    }
}
