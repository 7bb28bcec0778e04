//! How long questions take, without the way to a connection.

use std::time::{Duration, Instant};

use super::{Binds, Store, StoreError, statements};
use crate::clients::postgres::explain;

impl Store {
    /// Asks queries that take no values, one after the other in a read-only transaction, and returns how
    /// long each took: from sending it to its last row. Getting the connection and beginning and ending
    /// the transaction are not part of it.
    pub(crate) async fn timed(&self, names: &[String]) -> Result<Vec<Duration>, StoreError> {
        let nothing = Binds::new();
        let mut texts = Vec::with_capacity(names.len());
        for name in names {
            let query = self.library.sql(name)?;
            query.order(&nothing)?;
            texts.push(query.text);
        }
        let limits = statements::local_limits(self.limit);
        let mut client = self.postgres.get().await?;
        let token = client.cancel_token();
        let call = async {
            let transaction = client.build_transaction().read_only(true).start().await?;
            transaction.batch_execute(&limits).await?;
            let mut times = Vec::with_capacity(texts.len());
            for text in &texts {
                let begin = Instant::now();
                transaction.query_typed(text, &[]).await?;
                times.push(begin.elapsed());
            }
            transaction.commit().await?;
            Ok(times)
        };
        self.postgres.cancelling(token, call).await.map_err(|e: tokio_postgres::Error| explain(&e).into())
    }
}
