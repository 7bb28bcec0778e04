//! Alertmanager's webhook: each alert becomes an event `alert.<alertname>`, once when it starts firing and
//! once when it is resolved. Repeated messages are recognized by the event's row, which is kept for 30
//! days. An alert that fires for longer can become an event again after its row was deleted.
//!
//! Alertmanager does not repeat a message that was answered with a status below 500. So a group is refused only if
//! all of its alerts are: an alert that is invalid, or that the database cannot store, is logged and counted. A NUL
//! character, which PostgreSQL cannot store, becomes U+FFFD.
//!
//! The payload is the received alert (`status`, `labels`, `annotations`, `startsAt`, `endsAt`,
//! `generatorURL`, `fingerprint`) with the message's `receiver` and `externalURL`. Format:
//! <https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>, version 4.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{NewEvent, TOPIC_MAX};
use crate::engine::tasks::input::{self, InputIssue};
use crate::engine::tasks::{ConsentedActor, TaskError, Tasks};

/// An Alertmanager webhook message.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AlertsInput")]
pub(crate) struct AlertsInput<A = Alert> {
    /// The alerts of a group.
    #[schemars(length(max = 1000))]
    pub(crate) alerts: Vec<A>,
    /// The name of the receiver.
    #[serde(default)]
    pub(crate) receiver: Option<String>,
    /// The URL of the Alertmanager.
    #[serde(default, rename = "externalURL")]
    pub(crate) external_url: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Alert {
    pub(crate) status: AlertStatus,
    /// The labels that identify the alert.
    pub(crate) labels: Map<String, Value>,
    /// Additional information.
    #[serde(default)]
    pub(crate) annotations: Option<Map<String, Value>>,
    /// When it started firing.
    #[serde(default, rename = "startsAt")]
    pub(crate) starts_at: Option<String>,
    /// When it was resolved.
    #[serde(default, rename = "endsAt")]
    pub(crate) ends_at: Option<String>,
    /// A link to the expression that caused the alert.
    #[serde(default, rename = "generatorURL")]
    pub(crate) generator_url: Option<String>,
    /// A hash of the labels.
    #[serde(default)]
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
        let labels = match self.fingerprint.as_ref().filter(|f| !f.is_empty()) {
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
    /// New events; the other alerts were already known or refused.
    pub(crate) events: usize,
    pub(crate) triggered_tasks: i64,
    /// Alerts that are invalid or cannot be stored; the log has the reasons.
    pub(crate) refused: usize,
}

/// The message of an alert's event.
struct Envelope<'a> {
    receiver: &'a Option<String>,
    external_url: &'a Option<String>,
}

impl Tasks {
    /// Publishes the alerts of a message. Repeating the message after an error is harmless.
    pub(crate) async fn accept_alerts(
        &self,
        document: &Value,
        actor: &ConsentedActor,
    ) -> Result<AcceptedAlerts, TaskError> {
        let document = without_nul(document.clone());
        let message: AlertsInput<Value> = input::read(&document).map_err(TaskError::Invalid)?;
        let mut accepted = AcceptedAlerts { alerts: message.alerts.len(), ..AcceptedAlerts::default() };
        let envelope = Envelope { receiver: &message.receiver, external_url: &message.external_url };
        let mut issues = Vec::new();
        for (place, alert) in message.alerts.iter().enumerate() {
            let found = match self.accept_alert(alert, &envelope, actor, &mut accepted).await {
                Ok(()) => continue,
                Err(TaskError::Invalid(found)) => found,
                Err(error) => return Err(error),
            };
            let reasons: Vec<String> = found.iter().map(|i| i.msg.clone()).collect();
            tracing::warn!(alert = place, reason = %reasons.join("; "), "alert refused");
            accepted.refused += 1;
            issues.extend(found.into_iter().map(|issue| issue.inside(&["alerts".into(), place.into()])));
        }
        if accepted.refused > 0 && accepted.refused == accepted.alerts {
            return Err(TaskError::Invalid(issues));
        }
        Ok(accepted)
    }

    async fn accept_alert(
        &self,
        alert: &Value,
        envelope: &Envelope<'_>,
        actor: &ConsentedActor,
        accepted: &mut AcceptedAlerts,
    ) -> Result<(), TaskError> {
        let alert: Alert = input::read(alert).map_err(TaskError::Invalid)?;
        let mut payload = json!(alert);
        payload["receiver"] = json!(envelope.receiver);
        payload["externalURL"] = json!(envelope.external_url);
        let (id, topic) = (alert.id(actor.agent), alert.topic());
        let source = Some(actor.agent);
        let new =
            NewEvent { id, topic: &topic, payload: &payload, by: "alertmanager", source, stream_id: "" };
        let published = self.publish_known(&new, actor).await.map_err(unstorable)?;
        accepted.events += usize::from(published.new);
        accepted.triggered_tasks += published.triggered_tasks;
        Ok(())
    }
}

/// A data exception (SQLSTATE class 22) is about this alert, such as a character that the database's encoding lacks.
fn unstorable(error: TaskError) -> TaskError {
    match error {
        TaskError::Store(e) if e.sql_state().is_some_and(|state| state.code().starts_with("22")) => {
            TaskError::Invalid(InputIssue::body("value_error", "the database cannot store this alert"))
        }
        other => other,
    }
}

fn without_nul(value: Value) -> Value {
    let clean = |text: String| if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text };
    match value {
        Value::String(text) => Value::String(clean(text)),
        Value::Array(items) => Value::Array(items.into_iter().map(without_nul).collect()),
        Value::Object(map) => {
            Value::Object(map.into_iter().map(|(k, v)| (clean(k), without_nul(v))).collect())
        }
        other => other,
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

    #[test]
    fn an_empty_fingerprint_is_none() {
        let (ann, begin) = (Uuid::from_u128(1), "2026-01-01T00:00:00Z");
        let with = |fingerprint: Value, host: &str| -> Alert {
            serde_json::from_value(json!({ "status": "firing", "labels": { "alertname": "A", "host": host },
                "startsAt": begin, "fingerprint": fingerprint }))
            .unwrap()
        };
        assert_ne!(with(json!(""), "a").id(ann), with(json!(""), "b").id(ann));
        assert_eq!(with(json!(""), "a").id(ann), with(Value::Null, "a").id(ann));
    }
}
