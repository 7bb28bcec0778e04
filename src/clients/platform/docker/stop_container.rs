//! Stopping a container. The engine answers when the container has ended, however long that takes.

use std::time::Duration;

use bollard::query_parameters::{InspectContainerOptions, StopContainerOptions};

use crate::clients::ClientError;
use crate::clients::platform::docker::{Docker, LIBRARY_LIMIT, explain, prompt};

impl Docker {
    /// Stops a container and waits for its end, with its own grace period. One that has ended is no error.
    pub(super) async fn stop_container(&self, name: &str) -> Result<(), ClientError> {
        let engine = self.engine().await?;
        let config = prompt(engine.inspect_container(name, None::<InspectContainerOptions>)).await?.config;
        // A time-out before its end would report a failure while it still stops.
        let engine = engine.clone().with_timeout(stop_limit(config.and_then(|c| c.stop_timeout)));
        // Without a time in the request the engine uses the container's own grace period.
        engine.stop_container(name, None::<StopContainerOptions>).await.map_err(|e| explain(&e))
    }
}

/// How long to wait for a container with this grace period in seconds; a negative one has no limit.
fn stop_limit(grace: Option<i64>) -> Duration {
    let grace = u64::try_from(grace.unwrap_or_default()).unwrap_or(u64::MAX);
    Duration::from_secs(grace.saturating_add(LIBRARY_LIMIT))
}

#[cfg(test)]
mod tests {
    use super::super::fake_engine;
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_container_gets_its_own_grace_period() {
        for (grace, takes, ends) in
            [("900", 899, true), ("-1", 100_000, true), ("null", 599, true), ("null", 601, false)]
        {
            let config = format!(r#"{{"Config": {{"StopTimeout": {grace}}}}}"#);
            let engine = fake_engine::FakeEngine::new(move |request| match request {
                r if r.contains("/stop") => Some((Duration::from_secs(takes), String::new())),
                r if r.contains("/version") => Some((Duration::ZERO, fake_engine::VERSION.to_owned())),
                _ => Some((Duration::ZERO, config.clone())),
            });
            let stopped = engine.docker().stop_container("api-1").await;
            assert_eq!(stopped.is_ok(), ends, "{grace}: {stopped:?}");
        }
    }
}
