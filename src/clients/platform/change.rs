//! Changes of services and their instances.

use std::time::Duration;

use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Change {
    /// Stops an instance and waits until it has ended. The platform kills it after the grace period that
    /// the instance itself asks for.
    Stop(String),
    Start(String),
    /// Removes an instance that has ended; its volumes stay.
    Remove(String),
    /// Creates an instance without starting it.
    Add(Addition),
    /// Updates a managed service.
    Service(ServiceChange),
}

/// An instance to create.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Addition {
    /// The instance whose configuration it copies.
    pub(crate) like: String,
    pub(crate) name: String,
    pub(crate) number: u32,
    /// Networks that it joins in addition to its first.
    pub(crate) networks: Vec<String>,
}

/// An update of a managed service, which the platform carries out by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ServiceChange {
    /// The platform's id of the service.
    pub(crate) id: String,
    pub(crate) service: String,
    /// The version of the service that the plan is based on.
    pub(crate) version: u64,
    pub(crate) to: ServiceUpdate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ServiceUpdate {
    Replicas {
        from: u32,
        to: u32,
    },
    /// Replaces every instance, one at a time, in the service's own update order.
    Recreate,
    /// How many instances later updates replace at a time.
    Parallelism(i64),
}

impl std::fmt::Display for ServiceUpdate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Replicas { from, to } => write!(f, "Replicas from {from} to {to}"),
            Self::Recreate => f.write_str("ForceUpdate, one at a time"),
            Self::Parallelism(number) => write!(f, "Parallelism {number} as before"),
        }
    }
}

/// How a service is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ServiceKind {
    /// Instance by instance, by ordctl.
    Instance,
    /// By an update of the service, which the platform carries out.
    Service(ManagedService),
    Missing,
}

/// The state of a service that the platform manages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ManagedService {
    /// Its full name on the platform.
    pub(crate) name: String,
    /// The desired number of instances.
    pub(crate) wanted: u32,
    /// What the platform has still to do; none when the desired state is reached.
    pub(crate) under_way: Option<String>,
    pub(crate) blocked: Option<BlockedUpdate>,
    /// How long an instance may take to end before it is killed.
    pub(crate) grace: Duration,
}

/// An update that the platform did not complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BlockedUpdate {
    pub(crate) reason: String,
    /// Whether it is paused or being rolled back, so that any further change of the service resumes it.
    pub(crate) resumable: bool,
}
