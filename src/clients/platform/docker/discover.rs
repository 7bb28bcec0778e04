//! The compose project that a port of this machine belongs to.

use std::time::Duration;

use bollard::query_parameters::ListContainersOptionsBuilder;
use tokio::time::timeout;

use super::containers::container_ref;
use super::{Docker, SYSTEM, explain};
use crate::clients::ClientError;
use crate::clients::platform::FoundProject;

/// A command that discovers must not wait for an engine that hangs.
const LIMIT: Duration = Duration::from_secs(1);

impl Docker {
    /// The project of the running container that publishes `port`, with its services. None on another machine, whose
    /// ports are not ours. An engine that does not answer soon is an error: the database may be one of its containers.
    pub(crate) async fn project_of_port(&self, port: u16) -> Result<Option<FoundProject>, ClientError> {
        if !self.endpoint.is_local() {
            return Ok(None);
        }
        let silent = || ClientError::unreachable(SYSTEM, "no answer within 1 s");
        timeout(LIMIT, self.find_project(port)).await.unwrap_or_else(|_| Err(silent()))
    }

    async fn find_project(&self, port: u16) -> Result<Option<FoundProject>, ClientError> {
        let options = ListContainersOptionsBuilder::default().all(true).build();
        let all = self.engine().await?.list_containers(Some(options)).await.map_err(|e| explain(&e))?;
        let publishes = |ports: Option<&Vec<bollard::models::PortSummary>>| {
            ports.into_iter().flatten().any(|p| p.public_port == Some(port))
        };
        let all: Vec<_> = all.into_iter().map(|c| (publishes(c.ports.as_ref()), container_ref(c))).collect();
        let publisher = all.iter().find(|(publishes, c)| *publishes && c.running && !c.managed);
        let Some(name) = publisher.and_then(|(_, c)| c.project.clone()) else { return Ok(None) };
        let own = all.into_iter().map(|(_, c)| c).filter(|c| !c.one_off && c.project.as_ref() == Some(&name));
        let mut services: Vec<String> = own.filter_map(|c| c.service).collect();
        services.sort();
        services.dedup();
        Ok(Some(FoundProject { name, services }))
    }
}

#[cfg(test)]
mod tests {
    use crate::clients::platform::docker::fake_engine::{FakeEngine, VERSION};

    fn container(name: &str, labels: &str, port: u16) -> String {
        format!(
            r#"{{"Id": "{name}", "Names": ["/{name}"], "State": "running", "Labels": {{{labels}}},
            "Ports": [{{"PrivatePort": 5432, "PublicPort": {port}, "Type": "tcp"}}]}}"#
        )
    }

    fn labels(project: &str, service: &str) -> String {
        format!(r#""com.docker.compose.project": "{project}", "com.docker.compose.service": "{service}""#)
    }

    #[tokio::test]
    async fn the_project_is_that_of_the_container_that_publishes_the_port() {
        let all = format!(
            "[{},{},{},{}]",
            container("a", &labels("shop", "db"), 5433),
            container("b", &labels("shop", "api"), 8080),
            container("c", &labels("other", "db"), 5432),
            container("d", "", 5434),
        );
        let engine = FakeEngine::new(move |line| {
            let body = if line.contains("/version") { VERSION.to_owned() } else { all.clone() };
            Some((std::time::Duration::ZERO, body))
        });
        let found = engine.docker().project_of_port(5433).await.unwrap().unwrap();
        assert_eq!((found.name.as_str(), found.services), ("shop", vec!["api".to_owned(), "db".to_owned()]));
        for port in [5434, 1] {
            assert!(engine.docker().project_of_port(port).await.unwrap().is_none(), "{port}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_engine_is_an_error_soon() {
        let engine = FakeEngine::new(|_| None);
        let begin = tokio::time::Instant::now();
        let error = engine.docker().project_of_port(5433).await.unwrap_err();
        assert!(error.to_string().contains("no answer within 1 s"), "{error}");
        assert!(begin.elapsed() < std::time::Duration::from_secs(2), "{:?}", begin.elapsed());
    }
}
