//! What the system's services run on. The tools that stop, start, restart and scale services know
//! only this trait; Docker implements it, for compose projects and for the stacks of a swarm.

pub mod docker;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::ClientError;
use crate::clients::platform::docker::{Container, Health};

/// One copy of a service, running or not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Instance {
    pub(crate) name: String,
    /// The service it belongs to, as the platform knows it.
    pub(crate) service: Option<String>,
    /// The project it belongs to.
    pub(crate) project: Option<String>,
    /// Its number among the copies of its service, from 1.
    pub(crate) number: Option<u32>,
    /// `running`, `exited`, `restarting`, `paused`, `created` or `dead`.
    pub(crate) state: String,
    /// With what it ended last.
    pub(crate) exit_code: i64,
    /// When it was made, by the platform's clock.
    pub(crate) created_at: Option<DateTime<Utc>>,
    /// When it was started last, by the platform's clock.
    pub(crate) started_at: Option<DateTime<Utc>>,
    /// Its health check's verdict; none without a check.
    pub(crate) health: Option<Health>,
    /// The host's name inside of it, where that is its own.
    #[serde(skip)]
    pub(crate) hostname: String,
    #[serde(skip)]
    pub(crate) worker_id: Option<String>,
}

impl Instance {
    /// Whether it does its work: a paused or restarting one does not.
    pub(crate) fn runs(&self) -> bool {
        self.state == "running"
    }

    /// Its name with its state, such as `shop-api-1 (exited with code 3)`.
    pub(crate) fn how(&self) -> String {
        match self.state.as_str() {
            "exited" | "dead" => format!("{} (exited with code {})", self.name, self.exit_code),
            "running" => match self.health {
                Some(Health::Unhealthy) => format!("{} (unhealthy)", self.name),
                Some(Health::Starting) => format!("{} (starting)", self.name),
                _ => format!("{} (running)", self.name),
            },
            state => format!("{} ({state})", self.name),
        }
    }
}

impl From<Container> for Instance {
    fn from(c: Container) -> Self {
        Self {
            name: c.name,
            service: c.service,
            project: c.project,
            number: c.number,
            state: c.state,
            exit_code: c.exit_code,
            created_at: c.created_at,
            started_at: c.started_at,
            health: c.health,
            hostname: c.hostname,
            worker_id: c.worker_id,
        }
    }
}

/// One change of what runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Change {
    /// Tells an instance to end, and waits for its end: as long as the instance itself asks for,
    /// then the platform kills it.
    Stop(String),
    Start(String),
    /// Removes an instance that has ended; what it has stored in volumes stays.
    Remove(String),
    /// Makes one more, without starting it.
    Add(Addition),
    /// Changes a service as a whole.
    Service(ServiceChange),
}

/// A change of a service that the platform carries out by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ServiceChange {
    /// The platform's own name for the service.
    pub(crate) id: String,
    pub(crate) service: String,
    /// The version that was seen.
    pub(crate) version: u64,
    /// What is to become of it.
    pub(crate) to: ServiceTo,
}

/// What is to become of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ServiceTo {
    Replicas {
        /// As many as there are.
        from: u32,
        /// As many as there are to be.
        to: u32,
    },
    /// Every instance is made anew, one at a time, in the service's own order.
    Anew,
    /// So many instances at once, where it is updated later on.
    AtOnce(i64),
}

impl std::fmt::Display for ServiceTo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Replicas { from, to } => write!(f, "Replicas from {from} to {to}"),
            Self::Anew => f.write_str("ForceUpdate, one at a time"),
            Self::AtOnce(number) => write!(f, "Parallelism {number} as before"),
        }
    }
}

/// What is changed where a service is to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ServiceKind {
    Instance,
    /// The service as a whole; the platform does the rest.
    Service(ManagedService),
    /// There is no such service.
    Nothing,
}

/// A service that changes as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ManagedService {
    /// Its name on the platform.
    pub(crate) name: String,
    /// How many instances there are to be.
    pub(crate) wanted: u32,
    /// What the platform has not done yet; none when all is as it is to be.
    pub(crate) under_way: Option<String>,
    /// Why it does no more about the last update.
    pub(crate) stuck: Option<BlockedUpdate>,
    /// How long each instance may take to end before it is killed.
    pub(crate) grace: Duration,
}

/// An update that the platform did not bring to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BlockedUpdate {
    /// What the platform says about it.
    pub(crate) why: String,
    /// Whether it is paused or on its way back: any change of the service would let it go on.
    pub(crate) open: bool,
}

/// An instance to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Addition {
    /// The one it is made after.
    pub(crate) like: String,
    pub(crate) name: String,
    pub(crate) number: u32,
    /// Networks that it joins beside its first.
    pub(crate) networks: Vec<String>,
}

#[async_trait]
pub(crate) trait Platform: Send + Sync {
    /// The command that shows the last words of an instance.
    fn last_words(&self, name: &str) -> String;

    /// The command that lists the instances of a service.
    fn listing(&self, service: &str) -> String;

    /// All instances of a service, or of the whole system, by number and name.
    async fn instances(&self, service: Option<&str>) -> Result<Vec<Instance>, ClientError>;

    /// What is changed where this service is to change, and how it stands.
    async fn unit(&self, service: &str) -> Result<ServiceKind, ClientError>;

    /// When the number of a service's instances was changed, where the service changes as a whole and that
    /// was its last change.
    async fn resized_at(&self, service: &str) -> Result<Option<DateTime<Utc>>, ClientError>;

    /// What has to be done so that so many instances of a service run.
    async fn resize(&self, service: &str, to: u32) -> Result<Vec<Change>, ClientError>;

    /// What has to be done so that every instance of a service is made anew, where the service changes as
    /// a whole; else nothing.
    async fn roll(&self, service: &str) -> Result<Vec<Change>, ClientError>;

    /// The exact calls that a change makes.
    fn calls(&self, change: &Change) -> Vec<String>;

    /// Makes a change. What holds already is no error.
    async fn apply(&self, change: &Change) -> Result<(), ClientError>;
}
