//! The engine's hold (`ordctl.engine`): while it is set, no node starts work.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::Value;

use super::{Binds, Store, StoreError, binds};
use crate::model::Consented;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct HoldState {
    #[serde(rename = "held")]
    pub(crate) is_held: bool,
    #[serde(rename = "held_by")]
    pub(crate) by: Option<String>,
    #[serde(rename = "held_because")]
    pub(crate) reason: Option<String>,
    #[serde(rename = "held_at")]
    pub(crate) at: Option<DateTime<Utc>>,
}

impl HoldState {
    /// `on hold since 21:25 by ann: restore`, with the date if that was not today. `now` has the zone of the text.
    pub(crate) fn describe(&self, now: &DateTime<Tz>) -> String {
        let since = self.at.map_or_else(String::new, |at| {
            let at = at.with_timezone(&now.timezone());
            let format = if at.date_naive() == now.date_naive() { "%H:%M" } else { "%Y-%m-%d %H:%M" };
            format!(" since {}", at.format(format))
        });
        let by = self.by.as_ref().map_or_else(String::new, |by| format!(" by {by}"));
        let reason = self.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
        format!("on hold{since}{by}{reason}")
    }
}

impl Store {
    pub(crate) async fn hold_state(&self) -> Result<HoldState, StoreError> {
        self.one("engine/hold_state").await
    }

    /// The hold as [`HoldState::describe`] says it. A database that is not migrated has no hold.
    pub(crate) async fn hold_text(&self, now: &DateTime<Tz>) -> Result<Option<String>, StoreError> {
        match self.hold_state().await {
            Ok(state) if state.is_held => Ok(Some(state.describe(now))),
            Ok(_) => Ok(None),
            Err(e) if e.is_not_migrated() => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Puts the engine on hold, in one statement. An existing hold keeps its time, user and reason. Returns the
    /// state before.
    pub(crate) async fn hold(&self, consented: &Consented) -> Result<HoldState, StoreError> {
        let reason = consented.reason().unwrap_or("no reason given");
        let binds = binds([
            ("by", consented.acting_user().to_owned()),
            ("because", reason.to_owned()),
            ("details", Value::Object(consented.audit()).to_string()),
        ]);
        self.previous_state("engine/hold", &binds).await
    }

    /// Ends the hold and records this database as the engine's own. Returns the state before.
    pub(crate) async fn resume(&self, consented: &Consented) -> Result<HoldState, StoreError> {
        let details = Value::Object(consented.audit()).to_string();
        self.previous_state("engine/resume", &binds([("details", details)])).await
    }

    async fn previous_state(&self, query: &str, binds: &Binds) -> Result<HoldState, StoreError> {
        // A reason with a character that the database lacks must not prevent a hold.
        let before = self.write_any_text_returning(query, binds).await?.into_iter().next();
        before.ok_or_else(|| StoreError::bad_row(query, "no row"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_says_since_when_by_whom_and_why() {
        let zone = chrono_tz::Europe::Chisinau;
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let mut hold = HoldState {
            is_held: true,
            by: Some("root@vm".into()),
            reason: Some("database maintenance".into()),
            at: Some(at("2026-11-29T19:25:00Z")),
        };
        let now = at("2026-11-29T20:00:00Z").with_timezone(&zone);
        assert_eq!(hold.describe(&now), "on hold since 21:25 by root@vm: database maintenance");
        let tomorrow = at("2026-11-29T22:30:00Z").with_timezone(&zone);
        assert_eq!(
            hold.describe(&tomorrow),
            "on hold since 2026-11-29 21:25 by root@vm: database maintenance"
        );
        (hold.at, hold.by, hold.reason) = (None, None, None);
        assert_eq!(hold.describe(&now), "on hold", "a hold that another program set");
    }
}
