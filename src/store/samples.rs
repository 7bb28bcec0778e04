//! Samples: what grows is measured and kept, so that a report can say how it was before.

use super::{Binds, Store, StoreError};

/// How many samples one call deletes at most.
const BATCH: &str = "5000";

impl Store {
    /// Stores a sample unless there is one younger than so many seconds, then deletes what is old.
    pub(crate) async fn sample(&self, younger_than: u32) -> Result<(), StoreError> {
        let seconds = Binds::from([("seconds".to_owned(), younger_than.to_string())]);
        self.write("engine/samples/store", &seconds).await?;
        self.write("engine/samples/thin", &Binds::from([("limit".to_owned(), BATCH.to_owned())])).await
    }
}
