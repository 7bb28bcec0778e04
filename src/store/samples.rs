//! Samples (`ordctl.sample`): sizes and counters over time, from which reports compute growth.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Binds, Store, StoreError, binds, timestamp};
use crate::model::Consented;

/// How many expired samples one call deletes at most.
const EXPIRED_BATCH: &str = "5000";

const STORE: &str = "engine/samples/store";
const DELETE_EXPIRED: &str = "engine/samples/thin";
const STORE_COUNTERS: &str = "engine/samples/counters";
const RESET_STATISTICS: &str = "engine/samples/reset";
const STORE_DANGLING_IMAGES: &str = "engine/samples/dangling_images";

/// The growth of the database or of one table since a sample.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Growth {
    /// `schema.table`; null for the whole database.
    pub(crate) table: Option<String>,
    /// Age of the sample; null without one.
    pub(crate) since_seconds: Option<f64>,
    /// Size with indexes and TOAST; null while another session locks the table.
    pub(crate) bytes: Option<u64>,
    /// Bytes more than in the sample; null where the sample lacks the table.
    pub(crate) grown: Option<i64>,
    /// Rows inserted since the sample; null where the sample lacks the table.
    pub(crate) inserted: Option<u64>,
    /// The row counter was reset meanwhile: `inserted` is a lower bound.
    pub(crate) reset: bool,
    /// Another session locks the table or one of its indexes.
    #[serde(default)]
    pub(crate) locked: bool,
}

/// What is sampled under a name.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SampleName {
    DatabaseBytes,
    TableBytes,
    QueueDue,
}

impl SampleName {
    const fn text(self) -> &'static str {
        match self {
            Self::DatabaseBytes => "database_bytes",
            Self::TableBytes => "table_bytes",
            Self::QueueDue => "queue_due",
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Sample {
    /// The table, `schema.table`; empty for a value of the whole database.
    pub(crate) label: String,
    pub(crate) at: DateTime<Utc>,
    pub(crate) value: f64,
}

/// An image that an earlier run saw without a tag.
#[derive(Debug, Deserialize)]
pub(crate) struct DanglingImage {
    pub(crate) image: String,
    pub(crate) at: DateTime<Utc>,
}

impl Store {
    /// Stores a sample unless a younger one than this exists, then deletes expired samples.
    pub(crate) async fn store_sample(&self, min_age: Duration) -> Result<(), StoreError> {
        self.write(STORE, &binds([("seconds", min_age.as_secs().to_string())])).await?;
        self.write(DELETE_EXPIRED, &binds([("limit", EXPIRED_BATCH.to_owned())])).await
    }

    /// Stores the counters that a reset of the statistics erases.
    pub(crate) async fn store_counters(&self) -> Result<(), StoreError> {
        self.write(STORE_COUNTERS, &Binds::new()).await
    }

    /// Resets the statistics counters of this database.
    pub(crate) async fn reset_statistics(&self, _: &Consented) -> Result<(), StoreError> {
        self.write(RESET_STATISTICS, &Binds::new()).await
    }

    /// The statements of a statistics reset in order, one line each, for a plan.
    pub(crate) fn reset_statements(&self) -> Result<Vec<String>, StoreError> {
        let names = [STORE, DELETE_EXPIRED, STORE_COUNTERS, RESET_STATISTICS];
        names.iter().map(|name| Ok(self.library.sql(name)?.one_line())).collect()
    }

    /// Growth since the last sample before an instant, or since the first one after it.
    pub(crate) async fn growth_since(&self, before: DateTime<Utc>) -> Result<Vec<Growth>, StoreError> {
        self.rows_with("growth_since", &binds([("before", timestamp(before))])).await
    }

    /// The samples of the window, at most 120 a label and 50 labels, ordered by label and time.
    pub(crate) async fn samples(
        &self,
        name: SampleName,
        window: Duration,
    ) -> Result<Vec<Sample>, StoreError> {
        let seconds = window.as_secs_f64().to_string();
        self.rows_with("samples", &binds([("name", name.text().to_owned()), ("seconds", seconds)])).await
    }

    /// Records which images of a Docker engine have no tag.
    pub(crate) async fn store_dangling_images(
        &self,
        engine: &str,
        images: &[String],
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let binds = binds([
            ("at", timestamp(at)),
            ("engine", engine.to_owned()),
            ("images", serde_json::json!(images).to_string()),
        ]);
        self.write(STORE_DANGLING_IMAGES, &binds).await
    }

    /// The statement of [`Store::store_dangling_images`] in one line, for a plan.
    pub(crate) fn store_dangling_images_statement(&self) -> Result<String, StoreError> {
        Ok(self.library.sql(STORE_DANGLING_IMAGES)?.one_line())
    }

    /// Images that were seen without a tag before an instant.
    pub(crate) async fn dangling_images(
        &self,
        engine: &str,
        before: DateTime<Utc>,
    ) -> Result<Vec<DanglingImage>, StoreError> {
        let binds = binds([("engine", engine.to_owned()), ("before", timestamp(before))]);
        self.rows_with("dangling_images", &binds).await
    }
}
