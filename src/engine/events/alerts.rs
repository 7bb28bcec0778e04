//! Alertmanager's webhook: each alert becomes an event `alert.<alertname>`, once when it starts firing and
//! once when it is resolved. Repeated messages are recognized by the event's row, which is kept for 30
//! days. An alert that fires for longer can become an event again after its row was deleted.
//!
//! The payload is the received alert (`status`, `labels`, `annotations`, `startsAt`, `endsAt`,
//! `generatorURL`, `fingerprint`) with the message's `receiver` and `externalURL`. Format:
//! <https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>, version 4.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{NewEvent, TOPIC_MAX};
use crate::engine::tasks::input;
use crate::engine::tasks::{ConsentedActor, TaskError, Tasks};
use crate::model::{NO_NUL, optional_storable_object, storable_object};

/// An Alertmanager webhook message.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct AlertsInput {
    /// The alerts of a group.
    #[schemars(length(max = 1000))]
    pub(crate) alerts: Vec<Alert>,
    /// The name of the receiver.
    #[serde(default)]
    #[schemars(regex(pattern = NO_NUL))]
    pub(crate) receiver: Option<String>,
    /// The URL of the Alertmanager.
    #[serde(default, rename = "externalURL")]
    #[schemars(regex(pattern = NO_NUL))]
    pub(crate) external_url: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Alert {
    pub(crate) status: AlertStatus,
    /// The labels that identify the alert.
    #[schemars(schema_with = "storable_object")]
    pub(crate) labels: Map<String, Value>,
    /// Additional information.
    #[serde(default)]
    #[schemars(schema_with = "optional_storable_object")]
    pub(crate) annotations: Option<Map<String, Value>>,
    /// When it started firing.
    #[serde(default, rename = "startsAt")]
    #[schemars(regex(pattern = NO_NUL))]
    pub(crate) starts_at: Option<String>,
    /// When it was resolved.
    #[serde(default, rename = "endsAt")]
    #[schemars(regex(pattern = NO_NUL))]
    pub(crate) ends_at: Option<String>,
    /// A link to the expression that caused the alert.
    #[serde(default, rename = "generatorURL")]
    #[schemars(regex(pattern = NO_NUL))]
    pub(crate) generator_url: Option<String>,
    /// A hash of the labels.
    #[serde(default)]
    #[schemars(regex(pattern = NO_NUL))]
    pub(crate) fingerprint: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AlertStatus {
    Firing,
    Resolved,
}

impl Alert {
    fn topic(&self) -> String {
        let name = self.labels.get("alertname").and_then(Value::as_str).filter(|n| !n.is_empty());
        format!("alert.{}", name.unwrap_or("unnamed")).chars().take(TOPIC_MAX).collect()
    }

    /// The event id, derived from status, labels and start time: repeated messages give the same id.
    /// It includes the sender, so one agent cannot suppress the alerts of another.
    fn id(&self, sender: Uuid) -> Uuid {
        let labels = match &self.fingerprint {
            Some(fingerprint) => fingerprint.clone(),
            None => json!(self.labels).to_string(),
        };
        let started = self.starts_at.as_deref().unwrap_or_default();
        let name = json!(["alert", sender, self.topic(), self.status, labels, started]).to_string();
        Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes())
    }
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct AcceptedAlerts {
    /// Alerts in the message.
    pub(crate) alerts: usize,
    /// New events; the other alerts were already known.
    pub(crate) events: usize,
    pub(crate) triggered_tasks: i64,
}

impl Tasks {
    /// Publishes the alerts of a message. Repeating the message after an error is harmless.
    pub(crate) async fn accept_alerts(
        &self,
        document: &Value,
        actor: &ConsentedActor,
    ) -> Result<AcceptedAlerts, TaskError> {
        let message: AlertsInput = input::read(document).map_err(TaskError::Invalid)?;
        let mut accepted = AcceptedAlerts { alerts: message.alerts.len(), ..AcceptedAlerts::default() };
        for alert in &message.alerts {
            let mut payload = json!(alert);
            payload["receiver"] = json!(message.receiver);
            payload["externalURL"] = json!(message.external_url);
            let (id, topic) = (alert.id(actor.agent), alert.topic());
            let source = Some(actor.agent);
            let new =
                NewEvent { id, topic: &topic, payload: &payload, by: "alertmanager", source, stream_id: "" };
            let published = self.publish_known(&new, actor).await?;
            accepted.events += usize::from(published.new);
            accepted.triggered_tasks += published.triggered_tasks;
        }
        Ok(accepted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(status: &str, started: &str) -> Alert {
        serde_json::from_value(json!({ "status": status, "labels": { "alertname": "A" }, "startsAt": started,
            "fingerprint": "f" }))
        .unwrap()
    }

    #[test]
    fn firing_and_resolved_are_one_event_each() {
        let first = alert("firing", "2026-01-01T00:00:00Z");
        assert_eq!(first.topic(), "alert.A");
        let (ann, bob) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(first.id(ann), alert("firing", "2026-01-01T00:00:00Z").id(ann));
        assert_ne!(first.id(ann), alert("resolved", "2026-01-01T00:00:00Z").id(ann));
        assert_ne!(first.id(ann), alert("firing", "2026-01-01T01:00:00Z").id(ann));
        assert_ne!(first.id(ann), first.id(bob));
    }
}
