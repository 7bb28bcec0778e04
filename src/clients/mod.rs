//! Clients of the outside systems, one module each. A client connects to its system and parses its responses;
//! it does not judge them.
//!
//! A client connects on its first call. Every call may be dropped at any await, because a step may time out.

pub(crate) mod alertmanager;
pub(crate) mod detached;
pub(crate) mod error;
pub(crate) mod guarded_http;
pub(crate) mod host;
pub(crate) mod http;
pub(crate) mod outage;
pub mod platform;
pub mod postgres;
pub(crate) mod process;
pub(crate) mod programs;
pub(crate) mod prometheus;
pub mod redis;

use std::sync::Arc;

use crate::base::settings::Settings;

pub use error::{ClientError, ErrorCode};

/// The clients of one environment. An unconfigured or misconfigured one is an error.
pub(crate) struct Clients {
    pub(crate) postgres: Result<Arc<postgres::Postgres>, ClientError>,
    pub(crate) redis: Result<redis::Redis, ClientError>,
    pub(crate) docker: Result<platform::docker::Docker, ClientError>,
    pub(crate) prometheus: Result<prometheus::Prometheus, ClientError>,
    pub(crate) alertmanager: Result<alertmanager::Alertmanager, ClientError>,
    pub(crate) http: http::Http,
    /// For hosts that a task names.
    pub(crate) guarded_http: guarded_http::GuardedHttp,
}

impl Clients {
    /// Creates the configured clients without connecting.
    pub(crate) fn new(settings: &Settings) -> Self {
        let http = http::Http::new();
        Self {
            postgres: postgres::Postgres::new(settings).map(Arc::new),
            redis: redis::Redis::new(&settings.redis),
            docker: platform::docker::Docker::new(settings),
            prometheus: prometheus::Prometheus::new(&settings.prometheus, http.clone()),
            alertmanager: alertmanager::Alertmanager::new(&settings.alertmanager, http.clone()),
            http,
            guarded_http: guarded_http::GuardedHttp::default(),
        }
    }

    /// PostgreSQL, if it is configured.
    pub(crate) fn postgres(&self) -> Result<&Arc<postgres::Postgres>, ClientError> {
        self.postgres.as_ref().map_err(Clone::clone)
    }

    /// Redis, if it is configured.
    pub(crate) fn redis(&self) -> Result<&redis::Redis, ClientError> {
        self.redis.as_ref().map_err(Clone::clone)
    }

    /// The Docker engine, if it is configured.
    pub(crate) fn docker(&self) -> Result<&platform::docker::Docker, ClientError> {
        self.docker.as_ref().map_err(Clone::clone)
    }

    /// The platform of the services, if it is configured.
    pub(crate) fn platform(&self) -> Result<&dyn platform::Platform, ClientError> {
        self.docker().map(|docker| docker as &dyn platform::Platform)
    }

    /// Prometheus, if it is configured.
    pub(crate) fn prometheus(&self) -> Result<&prometheus::Prometheus, ClientError> {
        self.prometheus.as_ref().map_err(Clone::clone)
    }

    /// Alertmanager, if it is configured.
    pub(crate) fn alertmanager(&self) -> Result<&alertmanager::Alertmanager, ClientError> {
        self.alertmanager.as_ref().map_err(Clone::clone)
    }

    /// The project whose database listens on a port of this machine, as the platform tells within a second.
    pub(crate) async fn project_of_database(&self) -> Result<Option<platform::FoundProject>, ClientError> {
        let Some(port) = self.postgres().ok().and_then(|postgres| postgres.local_port()) else {
            return Ok(None);
        };
        match self.docker() {
            Ok(docker) => docker.project_of_port(port).await,
            Err(ClientError::NotConfigured { .. }) => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Asks a system for any answer. Systems without long calls have no ping; they count as answering.
    pub(crate) async fn ping(&self, system: &str) -> Result<(), ClientError> {
        match system {
            postgres::SYSTEM => {
                let session = self.postgres()?.session().await?;
                session.check().await.map_err(|e| postgres::explain(&e))
            }
            platform::SYSTEM => self.docker()?.ping().await,
            redis::SYSTEM => self.redis()?.ping().await.map(drop),
            _ => Ok(()),
        }
    }

    /// Returns the first invalid setting.
    pub(crate) fn check(&self) -> Result<(), ClientError> {
        let errors = [
            self.postgres.as_ref().err(),
            self.redis.as_ref().err(),
            self.docker.as_ref().err(),
            self.prometheus.as_ref().err(),
            self.alertmanager.as_ref().err(),
        ];
        let wrong = |e: &&ClientError| matches!(e, ClientError::Misconfigured { .. });
        errors.into_iter().flatten().find(wrong).map_or(Ok(()), |e| Err(e.clone()))
    }
}
