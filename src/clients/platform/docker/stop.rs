//! Stopping a container: the engine answers only when it has ended, however long that may take.

use std::time::Duration;

use bollard::query_parameters::{InspectContainerOptions, StopContainerOptions};

use crate::clients::ClientError;
use crate::clients::platform::docker::{Docker, LIBRARY_LIMIT, explain, prompt};

impl Docker {
    /// Stops a container, and waits for its end as long as it asks for. That it has ended already is no
    /// error.
    pub(super) async fn stop(&self, name: &str) -> Result<(), ClientError> {
        let engine = self.engine().await?;
        let config = prompt(engine.inspect_container(name, None::<InspectContainerOptions>)).await?.config;
        // Whoever gave up before its end would take it for a failure, while it ends.
        let engine = engine.clone().with_timeout(limit(config.and_then(|c| c.stop_timeout)));
        // Without a time of ours the engine gives the container the one that it asks for.
        engine.stop_container(name, None::<StopContainerOptions>).await.map_err(|e| explain(&e))
    }
}

/// How long to wait for the end of a container that asks for so many seconds; a negative number is as
/// long as it takes.
fn limit(asked: Option<i64>) -> Duration {
    let asked = u64::try_from(asked.unwrap_or_default()).unwrap_or(u64::MAX);
    Duration::from_secs(asked.saturating_add(LIBRARY_LIMIT))
}

#[cfg(test)]
mod tests {
    use super::super::answers;
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_container_has_as_long_to_end_as_it_asks_for() {
        for (asked, takes, ends) in
            [("900", 899, true), ("-1", 100_000, true), ("null", 599, true), ("null", 601, false)]
        {
            let config = format!(r#"{{"Config": {{"StopTimeout": {asked}}}}}"#);
            let engine = answers::Engine::new(move |request| match request {
                r if r.contains("/stop") => Some((Duration::from_secs(takes), String::new())),
                r if r.contains("/version") => Some((Duration::ZERO, answers::VERSION.to_owned())),
                _ => Some((Duration::ZERO, config.clone())),
            });
            let stopped = engine.docker().stop("api-1").await;
            assert_eq!(stopped.is_ok(), ends, "{asked}: {stopped:?}");
        }
    }
}
