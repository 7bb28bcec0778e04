//! The engine's hold (`ordctl.engine`): while it is set, no node starts work.

use chrono::{DateTime, Utc};
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

impl Store {
    pub(crate) async fn hold_state(&self) -> Result<HoldState, StoreError> {
        self.one("engine/hold_state").await
    }

    /// Who holds the engine and why, as `ann (restore)`. A database that is not migrated has no hold.
    pub(crate) async fn holder(&self) -> Result<Option<String>, StoreError> {
        match self.hold_state().await {
            Ok(state) if state.is_held => {
                let by = state.by.unwrap_or_else(|| "unknown".to_owned());
                let reason = state.reason.map_or_else(String::new, |reason| format!(" ({reason})"));
                Ok(Some(format!("{by}{reason}")))
            }
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
