//! Alertmanager's webhook: each alert becomes an event `alert.<alertname>`, once when it begins to fire
//! and once when it is resolved, however often Alertmanager sends it: its row tells, and stays for 30 days.
//! An alert that fires for longer may become an event again when events are deleted.
//!
//! The payload is the alert as it came (`status`, `labels`, `annotations`, `startsAt`, `endsAt`,
//! `generatorURL`, `fingerprint`), with `receiver` and `externalURL` of the message. Format:
//! <https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>, version 4.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{New, TOPIC_MAX};
use crate::engine::tasks::input::{self, InputIssue};
use crate::engine::tasks::{ConsentedActor, TaskError, Tasks};

/// A message of Alertmanager.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct AlertsInput {
    /// The alerts of a group.
    #[schemars(length(max = 1000))]
    pub(crate) alerts: Vec<Alert>,
    /// Who they are for.
    #[serde(default)]
    pub(crate) receiver: Option<String>,
    /// Where Alertmanager is.
    #[serde(default, rename = "externalURL")]
    pub(crate) external_url: Option<String>,
}

/// An alert.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Alert {
    /// firing or resolved
    pub(crate) status: AlertStatus,
    /// What it is about.
    pub(crate) labels: Map<String, Value>,
    /// What is known besides.
    #[serde(default)]
    pub(crate) annotations: Option<Map<String, Value>>,
    /// When it began.
    #[serde(default, rename = "startsAt")]
    pub(crate) starts_at: Option<String>,
    /// When it ended.
    #[serde(default, rename = "endsAt")]
    pub(crate) ends_at: Option<String>,
    /// The expression it comes from.
    #[serde(default, rename = "generatorURL")]
    pub(crate) generator_url: Option<String>,
    /// The same for the same labels.
    #[serde(default)]
    pub(crate) fingerprint: Option<String>,
}

/// How an alert is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the words say it")]
pub(crate) enum AlertStatus {
    Firing,
    Resolved,
}

impl Alert {
    fn topic(&self) -> String {
        let name = self.labels.get("alertname").and_then(Value::as_str).filter(|n| !n.is_empty());
        format!("alert.{}", name.unwrap_or("unnamed")).chars().take(TOPIC_MAX).collect()
    }

    /// The same however often it is sent: what fires is known by its beginning, what is resolved by its
    /// beginning, too, since one firing is resolved once.
    ///
    /// It is the sender's own: nobody can take another's place.
    fn id(&self, sender: Uuid) -> Uuid {
        let about = match &self.fingerprint {
            Some(print) => print.clone(),
            None => json!(self.labels).to_string(),
        };
        let begin = self.starts_at.as_deref().unwrap_or_default();
        let name = json!(["alert", sender, self.topic(), self.status, about, begin]).to_string();
        Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes())
    }
}

/// What became of a message.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Taken {
    /// Alerts in it.
    pub(crate) alerts: usize,
    /// Those that were not known.
    pub(crate) events: usize,
    /// Tasks that run because of them.
    pub(crate) triggered_tasks: i64,
}

impl Tasks {
    /// Takes in a message of Alertmanager. Sent again after an error it does no harm.
    pub(crate) async fn take_alerts(
        &self,
        document: &Value,
        actor: &ConsentedActor,
    ) -> Result<Taken, TaskError> {
        let message = read(document)?;
        let mut taken = Taken { alerts: message.alerts.len(), ..Taken::default() };
        for alert in &message.alerts {
            let mut payload = json!(alert);
            payload["receiver"] = json!(message.receiver);
            payload["externalURL"] = json!(message.external_url);
            let (id, topic) = (alert.id(actor.agent), alert.topic());
            let source = Some(actor.agent);
            let new = New { id, topic: &topic, payload: &payload, by: "alertmanager", source, stream_id: "" };
            let published = self.publish_known(&new, actor).await?;
            taken.events += usize::from(published.new);
            taken.triggered_tasks += published.triggered_tasks;
        }
        Ok(taken)
    }
}

fn read(document: &Value) -> Result<AlertsInput, TaskError> {
    let message = input::read(document).map_err(TaskError::Invalid)?;
    if document.to_string().contains("\\u0000") {
        let issue = InputIssue::unusable("alerts", "the database cannot store NUL characters", &Value::Null);
        return Err(TaskError::Invalid(vec![issue]));
    }
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(status: &str, begin: &str) -> Alert {
        serde_json::from_value(json!({ "status": status, "labels": { "alertname": "A" }, "startsAt": begin,
            "fingerprint": "f" }))
        .unwrap()
    }

    #[test]
    fn one_firing_is_one_event_and_its_end_another() {
        let first = alert("firing", "2026-01-01T00:00:00Z");
        assert_eq!(first.topic(), "alert.A");
        let (ann, bob) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(first.id(ann), alert("firing", "2026-01-01T00:00:00Z").id(ann));
        assert_ne!(first.id(ann), alert("resolved", "2026-01-01T00:00:00Z").id(ann));
        assert_ne!(first.id(ann), alert("firing", "2026-01-01T01:00:00Z").id(ann));
        assert_ne!(first.id(ann), first.id(bob));
    }
}
