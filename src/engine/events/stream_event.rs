//! Reads a stream entry as an event, and classifies the errors of importing it.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::TOPIC_MAX;
use crate::clients::redis::Entry;
use crate::store::StoreError;

pub(crate) struct StreamEvent<'a> {
    pub(crate) id: Uuid,
    pub(crate) topic: &'a str,
    pub(crate) payload: Value,
    pub(crate) source: Option<Uuid>,
}

impl<'a> StreamEvent<'a> {
    pub(crate) fn from_entry(entry: &'a Entry, stream: &str) -> Result<Self, &'static str> {
        let topic = entry.get("topic").filter(|t| (1..=TOPIC_MAX).contains(&t.chars().count()));
        let topic = topic.ok_or("its topic does not have 1 to 100 characters")?;
        let payload = match entry.get("payload") {
            None | Some("") => Value::Object(Map::new()),
            // A payload that is not JSON becomes a JSON string.
            Some(text) => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
        };
        let source = entry.get("source_agent_id").and_then(|t| t.parse().ok());
        Ok(Self { id: event_id(entry, topic, stream), topic, payload, source })
    }
}

/// An `event_id` that is not a UUID is hashed together with the topic, because two programs can both
/// count from 1. An entry without `event_id` is identified by its stream id.
fn event_id(entry: &Entry, topic: &str, stream: &str) -> Uuid {
    let name = match entry.get("event_id").filter(|t| !t.is_empty()) {
        None => format!("{stream} {}", entry.id),
        Some(text) => match text.parse() {
            Ok(id) => return id,
            Err(_) => json!([stream, topic, text]).to_string(),
        },
    };
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}

/// Why an entry could not be published.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PublishFailure {
    /// It contains a value that the database cannot store.
    Permanent,
    /// Another session has locked its topic: the topic's entries are retried later, in order.
    TopicLocked,
    /// The entry is retried later; other entries continue.
    Entry,
    /// The database cannot accept any entry now.
    Database,
}

impl PublishFailure {
    /// Classifies by SQLSTATE: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
    pub(crate) fn classify(error: &StoreError) -> Self {
        let Some(state) = error.sql_state() else { return Self::Database };
        match (state.code(), state.code().get(..2).unwrap_or_default()) {
            (_, "22" | "54") => Self::Permanent,
            ("57014" | "55P03", _) | (_, "40") => Self::TopicLocked,
            // A constraint, or an error raised by a trigger.
            (_, "09" | "23" | "27" | "2F" | "38" | "39" | "P0" | "XX") => Self::Entry,
            _ => Self::Database,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::postgres::SqlState;
    use crate::clients::{ClientError, ErrorCode};

    fn id_from(fields: [(&str, String); 2]) -> Uuid {
        let entry = Entry::new(fields);
        StreamEvent::from_entry(&entry, "events").map(|e| e.id).unwrap()
    }

    #[test]
    fn a_non_uuid_event_id_is_unique_within_its_topic() {
        let of = |id: &str, topic: &str| id_from([("event_id", id.into()), ("topic", topic.into())]);
        assert_eq!(of("order 7", "a"), of("order 7", "a"));
        assert_ne!(of("order 7", "a"), of("order 8", "a"));
        assert_ne!(of("order 7", "a"), of("order 7", "b"));
        let uuid = "5f8a8f9e-9df6-4f4c-a9b2-0f6a4c6f7a11";
        assert_eq!(of(uuid, "a").to_string(), uuid);
    }

    #[test]
    fn only_entry_errors_let_other_entries_continue() {
        let classify = |code: &str| {
            let code = Some(ErrorCode::Sql(SqlState::from_code(code)));
            let message = String::new();
            PublishFailure::classify(&StoreError::Client(ClientError::Failed {
                system: "postgresql",
                code,
                message,
            }))
        };
        for (code, expected) in [
            ("22P05", PublishFailure::Permanent),
            ("55P03", PublishFailure::TopicLocked),
            ("40P01", PublishFailure::TopicLocked),
            ("P0001", PublishFailure::Entry),
            ("23514", PublishFailure::Entry),
            ("25006", PublishFailure::Database),
            ("53100", PublishFailure::Database),
        ] {
            assert_eq!(classify(code), expected, "{code}");
        }
        assert_eq!(
            PublishFailure::classify(&ClientError::unreachable("postgresql", "gone").into()),
            PublishFailure::Database
        );
    }
}
