//! Points in time as users write them: a duration ago, or an instant.

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::units::{Span, text_or_number};

/// `1h` (one hour ago) or `2026-01-02T03:04:05Z` (RFC 3339 with an offset).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Moment {
    Ago(Span),
    At(DateTime<Utc>),
}

impl Moment {
    /// The instant relative to `now`, at the earliest 1970.
    pub(crate) fn instant(self, now: DateTime<Utc>) -> DateTime<Utc> {
        let at = match self {
            Self::Ago(span) => {
                let back = TimeDelta::from_std(span.duration()).ok();
                back.and_then(|back| now.checked_sub_signed(back)).unwrap_or(DateTime::UNIX_EPOCH)
            }
            Self::At(at) => at,
        };
        at.max(DateTime::UNIX_EPOCH)
    }
}

impl std::str::FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(at) = DateTime::parse_from_rfc3339(text.trim()) {
            return Ok(Self::At(at.to_utc()));
        }
        let bad = |_| {
            format!(
                "'{text}' is neither a duration (30s, 5m, 1h30m, 7d) nor an instant (2026-01-02T03:04:05Z)"
            )
        };
        text.parse().map(Self::Ago).map_err(bad)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        text_or_number(d)
    }
}

/// An optional moment. An empty text is none: a runbook parameter cannot be null.
pub(crate) fn optional<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Moment>, D::Error> {
    match Option::<serde_json::Value>::deserialize(d)? {
        None | Some(serde_json::Value::Null) => Ok(None),
        Some(serde_json::Value::String(text)) if text.is_empty() => Ok(None),
        Some(value) => serde_json::from_value(value).map(Some).map_err(serde::de::Error::custom),
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Moment".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["string", "number"],
            "description": "a duration ago (30s, 1h, 7d; a bare number is in seconds) or an instant (2026-01-02T03:04:05Z)"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_durations_or_instants() {
        let now: DateTime<Utc> = "2026-01-02T12:00:00Z".parse().unwrap();
        for (text, at) in [
            ("1h", "2026-01-02T11:00:00Z"),
            ("1h30m", "2026-01-02T10:30:00Z"),
            ("90", "2026-01-02T11:58:30Z"),
            ("2026-01-02T03:04:05.5+02:00", "2026-01-02T01:04:05.5Z"),
            ("9999999999999d", "1970-01-01T00:00:00Z"),
            ("1066-10-14T09:00:00Z", "1970-01-01T00:00:00Z"),
        ] {
            let expected: DateTime<Utc> = at.parse().unwrap();
            assert_eq!(text.parse::<Moment>().unwrap().instant(now), expected, "{text}");
        }
        for text in ["", "yesterday", "2026-01-02", "2026-01-02T03:04:05", "1x", "-1h"] {
            let error = text.parse::<Moment>().unwrap_err();
            assert!(error.contains(&format!("'{text}'")), "{error}");
        }
    }
}
