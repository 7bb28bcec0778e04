//! What an entry of the stream means, and what an error over it means for those beside it.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::TOPIC_MAX;
use crate::clients::redis::Entry;
use crate::store::StoreError;

/// An entry as an event.
pub(crate) struct Foreign<'a> {
    pub(crate) id: Uuid,
    pub(crate) topic: &'a str,
    pub(crate) payload: Value,
    pub(crate) source: Option<Uuid>,
}

impl<'a> Foreign<'a> {
    /// Reads an entry of a stream.
    pub(crate) fn read(entry: &'a Entry, stream: &str) -> Result<Self, &'static str> {
        let topic = entry.get("topic").filter(|t| (1..=TOPIC_MAX).contains(&t.chars().count()));
        let topic = topic.ok_or("it has no topic of 1 to 100 characters")?;
        let payload = match entry.get("payload") {
            None | Some("") => Value::Object(Map::new()),
            // What is no JSON is a text.
            Some(text) => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
        };
        let source = entry.get("source_agent_id").and_then(|t| t.parse().ok());
        Ok(Self { id: id(entry, topic, stream), topic, payload, source })
    }
}

/// An id that is no UUID makes one, together with the topic: two programs may both count from 1. Without
/// an id of its own, an entry is known by its place in the stream.
fn id(entry: &Entry, topic: &str, stream: &str) -> Uuid {
    let name = match entry.get("event_id").filter(|t| !t.is_empty()) {
        None => format!("{stream} {}", entry.id),
        Some(text) => match text.parse() {
            Ok(id) => return id,
            Err(_) => json!([stream, topic, text]).to_string(),
        },
    };
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}

/// What becomes of an entry that could not be published.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It never can be: it holds something that the database cannot.
    Never,
    /// It is tried again later, and so is what comes after it in its topic: somebody has locked that.
    Topic,
    /// It is tried again later, by itself.
    Later,
    /// There is nothing about it: no entry can be published now.
    Everything,
}

impl Fate {
    /// By SQLSTATE: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
    pub(crate) fn of(error: &StoreError) -> Self {
        let Some(state) = error.sql_state() else { return Self::Everything };
        match (state.code(), state.code().get(..2).unwrap_or_default()) {
            (_, "22" | "54") => Self::Never,
            ("57014" | "55P03", _) | (_, "40") => Self::Topic,
            // A constraint, or what a trigger of somebody's says.
            (_, "09" | "23" | "27" | "2F" | "38" | "39" | "P0" | "XX") => Self::Later,
            _ => Self::Everything,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::postgres::SqlState;
    use crate::clients::{ClientError, ErrorCode};

    fn id_of(fields: [(&str, String); 2]) -> Uuid {
        let entry = Entry::new(fields);
        Foreign::read(&entry, "events").map(|f| f.id).unwrap()
    }

    #[test]
    fn an_id_that_is_no_uuid_is_the_events_own_within_its_topic() {
        let of = |id: &str, topic: &str| id_of([("event_id", id.into()), ("topic", topic.into())]);
        assert_eq!(of("order 7", "a"), of("order 7", "a"));
        assert_ne!(of("order 7", "a"), of("order 8", "a"));
        assert_ne!(of("order 7", "a"), of("order 7", "b"));
        let uuid = "5f8a8f9e-9df6-4f4c-a9b2-0f6a4c6f7a11";
        assert_eq!(of(uuid, "a").to_string(), uuid);
    }

    #[test]
    fn only_what_is_about_the_entry_lets_the_others_go_on() {
        let fate = |code: &str| {
            let code = Some(ErrorCode::Sql(SqlState::from_code(code)));
            let message = String::new();
            Fate::of(&StoreError::Client(ClientError::Failed { system: "postgresql", code, message }))
        };
        for (code, wanted) in [
            ("22P05", Fate::Never),
            ("55P03", Fate::Topic),
            ("40P01", Fate::Topic),
            ("P0001", Fate::Later),
            ("23514", Fate::Later),
            ("25006", Fate::Everything),
            ("53100", Fate::Everything),
        ] {
            assert_eq!(fate(code), wanted, "{code}");
        }
        assert_eq!(Fate::of(&ClientError::unreachable("postgresql", "gone").into()), Fate::Everything);
    }
}
